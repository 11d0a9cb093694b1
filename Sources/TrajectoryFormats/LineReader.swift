// Lines of a file, one in memory at a time, and the hash of all its bytes.
internal import Crypto
internal import Foundation
internal import Trajectory

/// Reads a file line by line. Memory is that of the longest line.
final class LineReader {
    struct Line {
        /// Without the line end; valid until the next line is read.
        var bytes: UnsafeRawBufferPointer
        /// From 1.
        var number: Int
        /// Whether a line end follows; a file that is being written may end in half a line.
        var isWhole: Bool
        /// Whether it was longer than `limit`; its bytes are then left out.
        var isTooLong: Bool
    }

    /// The longest line that is kept, in bytes: a run over a context of 100 MB has lines of 200 MB.
    static let limit = 1 << 29

    private static let chunk = 1 << 20

    private let path: String
    private let file: Int32
    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var number = 0
    private var isAtEnd = false
    private var hasher = SHA256()
    private let limit: Int

    init(path: String, limit: Int = LineReader.limit) throws {
        self.path = path
        self.limit = limit
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FormatError.unreadable(path, errno) }
        var look = stat()
        guard fstat(file, &look) == 0, look.st_mode & S_IFMT != S_IFDIR else {
            close(file)
            throw FormatError(file: path, message: "'\(path)' is a folder; name the files in it")
        }
        buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk * 2, alignment: 16)
    }

    deinit {
        close(file)
        buffer.deallocate()
    }

    /// Lower-case hexadecimal SHA-256 of what was read so far.
    var hash: String {
        hasher.finalize().hexadecimal
    }

    /// The next line; nil at the end of the file.
    func next() throws -> Line? {
        var searched = 0
        var isTooLong = false
        while true {
            let unsearched = UnsafeRawBufferPointer(rebasing: buffer[(start + searched)..<end])
            if let base = unsearched.baseAddress, unsearched.count > 0,
                let found = memchr(base, Int32(UInt8(ascii: "\n")), unsearched.count)
            {
                let lineEnd = start + searched + (UnsafeRawPointer(found) - base)
                return line(through: lineEnd, next: lineEnd + 1, isWhole: true, isTooLong: isTooLong)
            }
            if isAtEnd {
                if start == end && !isTooLong { return nil }
                return line(through: end, next: end, isWhole: false, isTooLong: isTooLong)
            }
            searched = end - start
            if searched > limit {
                isTooLong = true
                start = 0
                end = 0
                searched = 0
            }
            try fill()
        }
    }

    private func line(through lineEnd: Int, next: Int, isWhole: Bool, isTooLong: Bool) -> Line {
        number += 1
        // A byte order mark is no part of the first line.
        if number == 1, !isTooLong, buffer[start..<lineEnd].starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
        let bytes =
            isTooLong
            ? UnsafeRawBufferPointer(start: nil, count: 0) : UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd])
        start = next
        return Line(bytes: bytes, number: number, isWhole: isWhole, isTooLong: isTooLong)
    }

    private func fill() throws {
        if buffer.count - end < Self.chunk {
            let kept = end - start
            let needsMore = kept + Self.chunk > buffer.count
            let target =
                needsMore
                ? UnsafeMutableRawBufferPointer.allocate(
                    byteCount: max(buffer.count + buffer.count / 2, kept + Self.chunk),
                    alignment: 16
                )
                : buffer
            if let base = target.baseAddress, let from = buffer.baseAddress { memmove(base, from + start, kept) }
            if needsMore {
                buffer.deallocate()
                buffer = target
            }
            start = 0
            end = kept
        }
        while true {
            let count = read(file, buffer.baseAddress.map { $0 + end }, Self.chunk)
            if count < 0 {
                if errno == EINTR { continue }
                throw FormatError.unreadable(path, errno)
            }
            if count == 0 { isAtEnd = true }
            hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[end..<end + count]))
            end += count
            return
        }
    }
}
