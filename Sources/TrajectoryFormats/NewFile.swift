// A file that appears whole or not at all.
internal import Foundation
internal import OperatingSystem

/// Written beside its place and moved there at the end. Throws `FormatError`.
struct NewFile {
    /// - Parameters:
    ///   - isReplacing: Whether a file that is there may be replaced; else that is an error.
    ///   - produce: Writes the bytes through the function it is given.
    static func write(
        _ path: String,
        isReplacing: Bool,
        _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        var known = stat()
        let isThere = stat(path, &known) == 0
        if isThere, known.st_mode & S_IFMT != S_IFREG {
            throw FormatError(file: path, message: "'\(path)' exists and is not a plain file; name another with -o")
        }
        if isThere, !isReplacing { throw exists(path) }
        // Through a symbolic link, the file it leads to is meant.
        let target = isThere ? (path as NSString).resolvingSymlinksInPath : path
        let folder = (target as NSString).deletingLastPathComponent
        let temporary = (folder.isEmpty ? "" : "\(folder)/") + ".\(UInt64.random(in: .min ... .max)).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw unwritable(path) }
        var isOpen = true
        defer {
            if isOpen { close(file) }
            unlink(temporary)
        }
        try produce { try put($0, to: file, named: path) }
        isOpen = false
        guard close(file) == 0 else { throw unwritable(path) }
        // Linking, unlike renaming, does not replace what somebody else has put there meanwhile.
        if !isReplacing {
            if link(temporary, target) == 0 { return }
            if errno == EEXIST { throw exists(path) }
        }
        guard rename(temporary, target) == 0 else { throw unwritable(path) }
    }

    /// Writes all bytes to an open file.
    static func put(_ bytes: UnsafeRawBufferPointer, to file: Int32, named name: String) throws {
        do {
            try bytes.writeAll(to: file)
        } catch {
            throw unwritable(name, error.code)
        }
    }

    private static func exists(_ path: String) -> FormatError {
        FormatError(file: path, message: "'\(path)' is there already; name another file, or replace it with --force")
    }

    private static func unwritable(_ path: String, _ number: Int32 = errno) -> FormatError {
        FormatError(
            file: path,
            message: "'\(path)' cannot be written (\(String(cString: strerror(number)))); check the folder and the disk"
        )
    }
}
