// Lines of a file, one in memory at a time, and the hash of all its bytes.
internal import Crypto
internal import Foundation
internal import Trajectory

/// Reads a file line by line. A long line is copied into a file without a name and mapped from there: memory does not grow
/// with it, and nobody else can make it shorter while it is read.
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
        /// Whether the bytes are mapped; see `JSONSlice`.
        var isMapped = false
    }

    /// The longest line that is kept, in bytes: a run over a context of 100 MB has lines of 200 MB.
    static let limit = 1 << 29

    private static let chunk = 1 << 20
    /// Bytes from which a line is put into a file.
    private static let longLength = 2 << 20

    private let path: String
    private let file: PlainFile
    private let buffer: UnsafeMutableRawBufferPointer
    private var long: MappedLine?
    /// Bytes read so far.
    private(set) var byteCount = 0
    private var start = 0
    private var end = 0
    private var number = 0
    private var isAtEnd = false
    private var hasher = SHA256()
    private let limit: Int

    init(path: String, limit: Int = LineReader.limit) throws {
        self.path = path
        self.limit = limit
        file = try PlainFile(path)
        buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.longLength + Self.chunk, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Lower-case hexadecimal SHA-256 of a file.
    static func hash(of path: String) throws -> String {
        let file = try PlainFile(path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
        defer { buffer.deallocate() }
        var hasher = SHA256()
        while let start = buffer.baseAddress {
            let count = try file.read(into: start, count: chunk, path: path)
            if count == 0 { break }
            hasher.update(bufferPointer: UnsafeRawBufferPointer(start: start, count: count))
        }
        return hasher.finalize().hexadecimal
    }

    /// Lower-case hexadecimal SHA-256 of what was read so far.
    var hash: String { hasher.finalize().hexadecimal }

    /// The next line; nil at the end of the file.
    func next() throws -> Line? {
        long = nil
        var searched = 0
        /// Bytes of the line that are not in the buffer any more.
        var spilled = 0
        while true {
            let unsearched = UnsafeRawBufferPointer(rebasing: buffer[(start + searched)..<end])
            if let base = unsearched.baseAddress, unsearched.count > 0,
                let found = memchr(base, Int32(UInt8(ascii: "\n")), unsearched.count)
            {
                let lineEnd = start + searched + (UnsafeRawPointer(found) - base)
                return try line(through: lineEnd, next: lineEnd + 1, spilled: spilled, isWhole: true)
            }
            if isAtEnd {
                if start == end && spilled == 0 { return nil }
                return try line(through: end, next: end, spilled: spilled, isWhole: false)
            }
            searched = end - start
            if searched > Self.longLength || spilled > 0 || searched > limit {
                spilled += searched
                // What is too long is passed over, and the beginning of it given up.
                if spilled > limit { long = nil } else { try spill(through: end) }
                start = 0
                end = 0
                searched = 0
            }
            try fill()
        }
    }

    /// Puts the bytes from `start` into the long line's file.
    private func spill(through lineEnd: Int) throws {
        let line = try long ?? MappedLine()
        long = line
        try line.append(UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd]))
    }

    private func line(through lineEnd: Int, next: Int, spilled: Int, isWhole: Bool) throws -> Line {
        number += 1
        let length = spilled + lineEnd - start
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        if length <= limit || spilled == 0 {
            if spilled > 0 {
                try spill(through: lineEnd)
                bytes = try long?.bytes() ?? bytes
            } else {
                bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd])
            }
        }
        // A byte order mark is no part of the first line.
        if number == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3))
        }
        start = next
        return Line(
            bytes: bytes,
            number: number,
            isWhole: isWhole,
            isTooLong: length > limit && spilled > 0,
            isMapped: spilled > 0
        )
    }

    private func fill() throws {
        if buffer.count - end < Self.chunk {
            if let base = buffer.baseAddress { memmove(base, base + start, end - start) }
            end -= start
            start = 0
        }
        guard let base = buffer.baseAddress else { return }
        let count = try file.read(into: base + end, count: Self.chunk, path: path)
        if count == 0 { isAtEnd = true }
        hasher.update(bufferPointer: UnsafeRawBufferPointer(start: base + end, count: count))
        end += count
        byteCount += count
    }
}
