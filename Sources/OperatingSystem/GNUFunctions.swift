import Glibc

/// Functions of the GNU C library that its module map leaves out, since it does not define `_GNU_SOURCE`.
package enum GNUFunctions {
    /// `pipe2(2)`.
    package static let pipe2 = unsafeBitCast(
        dlsym(nil, "pipe2"),
        to: (@convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32)?.self
    )

    /// Closes, in the child, every descriptor from one on. Since glibc 2.34.
    static let addCloseFrom = unsafeBitCast(
        dlsym(nil, "posix_spawn_file_actions_addclosefrom_np"),
        to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32)?.self
    )

    /// Changes, in the child, the working folder. Since glibc 2.29.
    static let addChangeFolder = unsafeBitCast(
        dlsym(nil, "posix_spawn_file_actions_addchdir_np"),
        to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32)?.self
    )
}
