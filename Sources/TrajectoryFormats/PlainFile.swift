// Files of other people, which may be no files at all.
internal import Foundation

/// A plain file, opened to be read. Pipes, devices and sockets are other things: they may never end, never begin, or do
/// something when they are opened.
struct PlainFile: ~Copyable {
    let descriptor: Int32
    /// Bytes, when it was opened.
    let byteCount: Int

    /// Throws `FormatError` that says what it is where it is no plain file.
    init(_ path: String) throws {
        if let kind = try Self.kind(of: path) { throw FormatError.special(path, kind) }
        // It may have become another meanwhile; opening a pipe that nobody writes to would wait.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw FormatError.unreadable(path, errno) }
        var look = stat()
        guard fstat(file, &look) == 0, look.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw FormatError.special(path, Self.word(look.st_mode) ?? "no file")
        }
        descriptor = file
        byteCount = Int(look.st_size)
    }

    deinit { close(descriptor) }

    /// What a path leads to where that is no plain file; nil where it is one. Throws where nothing is there.
    static func kind(of path: String) throws -> String? {
        var look = stat()
        guard stat(path, &look) == 0 else { throw FormatError.unreadable(path, errno) }
        return word(look.st_mode)
    }

    private static func word(_ mode: mode_t) -> String? {
        switch mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "a folder"
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "no plain file"
        }
    }

    /// Reads into a buffer at an address. Gives 0 at the end.
    func read(into start: UnsafeMutableRawPointer, count: Int, path: String) throws -> Int {
        while true {
            let found = Foundation.read(descriptor, start, count)
            if found >= 0 { return found }
            guard errno == EINTR else { throw FormatError.unreadable(path, errno) }
        }
    }
}
