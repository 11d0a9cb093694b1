// A line too long for memory.
internal import Foundation

/// Bytes in a file without a name, in the folder for temporary files. Throws `FormatError`.
final class MappedLine {
    private let file: Int32
    private var count = 0
    private var mapped: UnsafeMutableRawBufferPointer?

    init() throws {
        let folder = NSTemporaryDirectory()
        let name = (folder as NSString).appendingPathComponent(".rlm-tui-line-\(UInt64.random(in: .min ... .max))")
        file = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(errno) }
        unlink(name)
    }

    deinit {
        if let mapped { munmap(mapped.baseAddress, mapped.count) }
        close(file)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = write(file, start, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw Self.failure(errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        count += bytes.count
    }

    /// All of them, valid as long as this is.
    func bytes() throws -> UnsafeRawBufferPointer {
        guard let start = mmap(nil, count, PROT_READ, MAP_SHARED, file, 0), start != MAP_FAILED else {
            throw Self.failure(errno)
        }
        mapped = UnsafeMutableRawBufferPointer(start: start, count: count)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    private static func failure(_ number: Int32) -> FormatError {
        let folder = NSTemporaryDirectory()
        return FormatError(
            file: folder,
            message: "a long line cannot be kept in '\(folder)' (\(String(cString: strerror(number)))); make room "
                + "there, or name another folder with TMPDIR"
        )
    }
}
