import Crypto
import Trajectory

/// One stream of a block's output as it comes in: the head and the tail are kept, the middle is counted, and the hash is
/// of all of it.
struct CapturedOutput {
    /// Bytes that were printed.
    private(set) var byteCount = 0
    private var head = BytePieces()
    private var tail = BytePieces()
    private let headLimit: Int
    private let tailLimit: Int
    private var hasher = SHA256()

    /// Keeps at most `limit` bytes, half of them from the beginning.
    init(limit: Int) {
        headLimit = max(0, limit) / 2
        tailLimit = max(0, limit) - headLimit
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        hasher.update(bufferPointer: bytes)
        let room = headLimit - head.count
        head.append(bytes.prefix(room))
        let rest = bytes.dropFirst(room)
        guard !rest.isEmpty else { return }
        tail.append(rest.suffix(tailLimit))
        tail.dropPieces(keeping: tailLimit)
    }

    /// SHA-256 of all that was printed, 32 bytes.
    var hash: [UInt8] { Array(hasher.finalize()) }

    /// What is kept, with a line in the place of what is not, and the number of bytes that are not.
    ///
    /// - Parameter limit: keeps less than could be kept. Of what is not UTF-8 a third is kept, since each byte of it
    ///   becomes three.
    func text(limit: Int = .max) -> (text: String, cutByteCount: Int) {
        var limit = min(limit, headLimit + tailLimit)
        let count = head.count + tail.count
        if min(count, limit) > limit / 3, head.textByteCount + tail.textByteCount > max(limit, count + 8) {
            limit /= 3
        }
        if byteCount <= limit { return (text(0..<count, "", count..<count), 0) }
        var (start, end) = (limit / 2, max(limit / 2, count - (limit - limit / 2)))
        start -= Self.tornEnd((max(0, start - 4)..<start).map(byte))
        end += (end..<min(end + 3, count)).prefix { byte($0) & 0xC0 == 0x80 }.count
        let cut = byteCount - start - (count - end)
        return (text(0..<start, "\n… [\(cut.grouped) bytes cut] …\n", end..<count), cut)
    }

    private func byte(_ index: Int) -> UInt8 { index < head.count ? head[index] : tail[index - head.count] }

    /// Two ranges of what is kept with a line between them, what is not UTF-8 repaired. Written where it stays, so that
    /// much output is not held three times.
    private func text(_ first: Range<Int>, _ line: String, _ second: Range<Int>) -> String {
        String(unsafeUninitializedCapacity: first.count + line.utf8.count + second.count) { room in
            var at = 0
            func copy(_ range: Range<Int>) {
                let inHead = range.clamped(to: 0..<head.count)
                let inTail = range.clamped(to: head.count..<head.count + tail.count)
                at += head.copy(inHead, to: room, at: at)
                at += tail.copy(inTail.lowerBound - head.count..<inTail.upperBound - head.count, to: room, at: at)
            }
            copy(first)
            for byte in line.utf8 {
                room[at] = byte
                at += 1
            }
            copy(second)
            return at
        }
    }

    /// How many bytes at the end belong to a character whose last bytes are missing.
    private static func tornEnd(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}

/// Bytes in pieces of one size, so that a lot of them neither move nor are held twice while they grow.
struct BytePieces {
    private static let size = 1 << 18
    /// All are full but the last.
    private var pieces: [[UInt8]] = []
    private(set) var count = 0

    mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) {
        var rest = bytes
        while !rest.isEmpty {
            if count == pieces.count * Self.size { pieces.append([]) }
            let part = rest.prefix(pieces.count * Self.size - count)
            pieces[pieces.count - 1].append(contentsOf: part)
            count += part.count
            rest = rest.dropFirst(part.count)
        }
    }

    /// Drops whole pieces from the beginning, as long as so many bytes stay.
    mutating func dropPieces(keeping limit: Int) {
        while count - Self.size >= limit, !pieces.isEmpty {
            pieces.removeFirst()
            count -= Self.size
        }
    }

    subscript(index: Int) -> UInt8 { pieces[index / Self.size][index % Self.size] }

    /// About how many bytes it is as text, once what is not UTF-8 is repaired.
    var textByteCount: Int { pieces.reduce(0) { $0 + String(decoding: $1, as: UTF8.self).utf8.count } }

    /// - Returns: how many bytes were copied.
    func copy(_ range: Range<Int>, to room: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        var next = range.lowerBound
        var target = start
        while next < range.upperBound {
            let piece = pieces[next / Self.size]
            let from = next % Self.size
            let part = min(piece.count - from, range.upperBound - next)
            let place = UnsafeMutableBufferPointer(rebasing: room[target..<target + part])
            _ = place.update(fromContentsOf: piece[from..<from + part])
            next += part
            target += part
        }
        return range.count
    }
}
