/// One stream of a block's output as it comes in: the head and the tail are kept, the middle is counted.
struct CapturedOutput {
    /// Bytes that were printed.
    private(set) var byteCount = 0
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private let headLimit: Int
    private let tailLimit: Int

    /// Keeps at most `limit` bytes, half of them from the beginning.
    init(limit: Int) {
        headLimit = max(0, limit) / 2
        tailLimit = max(0, limit) - headLimit
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        let room = headLimit - head.count
        head.append(contentsOf: bytes.prefix(room))
        let rest = bytes.dropFirst(room)
        guard !rest.isEmpty else { return }
        tail.append(contentsOf: rest.suffix(tailLimit))
        // Trimmed only now and then, so that many small writes do not move the tail each time.
        if tail.count > 2 * tailLimit + 4096 { tail.removeFirst(tail.count - tailLimit) }
    }

    /// What is kept, with a line in the place of what is not, and the number of bytes that are not.
    func text() -> (text: String, cutByteCount: Int) {
        if byteCount <= headLimit + tailLimit {
            return (String(decoding: head + tail, as: UTF8.self), 0)
        }
        let start = Self.withoutTornEnd(head[...])
        let end = Self.withoutTornStart(tail.suffix(tailLimit))
        let cut = byteCount - start.count - end.count
        let text =
            String(decoding: start, as: UTF8.self) + "\n… [\(Self.grouped(cut)) bytes cut] …\n"
            + String(decoding: end, as: UTF8.self)
        return (text, cut)
    }

    /// Without a character whose last bytes are missing.
    private static func withoutTornEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.endIndex - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? bytes.dropLast(back) : bytes
        }
        return bytes
    }

    /// Without a character whose first bytes are missing.
    private static func withoutTornStart(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.dropFirst(bytes.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count)
    }

    private static func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: at)
            at -= 3
        }
        return String(digits)
    }
}
