// A file whose bytes are looked at where they are.
internal import Foundation

/// A file mapped into memory to be read: what is not looked at is not loaded, and the system may take it back. The file
/// must not become shorter meanwhile; contexts and their indexes never do, since they are written beside their place and
/// renamed.
package final class MappedFile: @unchecked Sendable {  // @unchecked: the bytes are never written.
    package let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Throws `MapError` where the file cannot be read.
    package convenience init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MapError.unreadable(path) }
        defer { close(descriptor) }
        try self.init(descriptor: descriptor, path: path)
    }

    /// - Parameter descriptor: is not needed any more afterwards.
    init(descriptor: Int32, path: String) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw MapError.unreadable(path)
        }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            isMapped = false
            return
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
            throw MapError.unreadable(path)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
        isMapped = true
    }

    /// Bytes of the program's own.
    package init(copying data: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 16)
        copy.copyBytes(from: data)
        bytes = UnsafeRawBufferPointer(copy)
        isMapped = false
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    /// Lets go of the pages of a stretch that has been read through, so that a large file is never in memory whole.
    func release(_ range: Range<Int>) {
        let page = 1 << 16
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard isMapped, start < end, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    /// The text of a stretch; what is cut in mid-character at its ends becomes a replacement character.
    package func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }
}

/// Why a context cannot be mapped: what happened, where, and what to do.
package struct MapError: Error, CustomStringConvertible {
    package let description: String

    static func unreadable(_ path: String) -> MapError {
        let reason = String(cString: strerror(errno == 0 ? EINVAL : errno)).lowercased()
        return MapError(
            description: "the context file '\(path)' cannot be read (\(reason)); the run can be shown, but not mapped")
    }

    static func wrongSize(_ path: String, expected: Int, found: Int) -> MapError {
        MapError(
            description:
                "the context file '\(path)' has \(found) bytes in place of \(expected); it is damaged, and the run "
                + "cannot be mapped")
    }

    static func tooLarge(_ path: String) -> MapError {
        MapError(description: "the context file '\(path)' has 4 GB or more; contexts below that can be mapped")
    }
}
