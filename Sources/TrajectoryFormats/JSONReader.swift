// Reads JSON as it comes, skipping what nobody asks for at the speed of memory. Foundation's decoders refuse what logs
// really hold (NaN, half of a surrogate pair, deep nesting) and build what is then thrown away.
internal import Foundation

/// A place in a JSON text that moves on as values are read. The bytes must outlive it. Nesting costs no stack unless the
/// caller descends by itself.
///
/// For example:
///
///     let reader = JSONReader(bytes)
///     try reader.object { key in
///         if key == "response" { response = try reader.text() }
///     }
final class JSONReader {
    enum Kind {
        case object, array, string, number, bool, null
    }

    struct Malformed: Error {
        /// Byte offset in the text.
        var offset: Int
        var expected: String
        /// Whether the text ended too early.
        var isCut: Bool
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    /// Whether a text held half of a surrogate pair, which became U+FFFD.
    private(set) var metLoneSurrogate = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// What the next value is. Python writes `NaN`, `Infinity` and `-Infinity`; they count as numbers.
    func kind() throws -> Kind {
        skipSpace()
        guard position < bytes.count else { throw malformed("a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"), UInt8(ascii: "I"):
            return .number
        default: throw malformed("a value")
        }
    }

    /// Whether only white space is left.
    var isAtEnd: Bool {
        skipSpace()
        return position == bytes.count
    }

    // MARK: Containers

    /// Reads an object: `body` gets each key and may read its value; values it leaves alone are skipped.
    func object(_ body: (String) throws -> Void) throws {
        try expect(UInt8(ascii: "{"), "an object")
        if skip(UInt8(ascii: "}")) { return }
        while true {
            let key = try text()
            try expect(UInt8(ascii: ":"), "':'")
            skipSpace()
            let start = position
            try body(key)
            if position == start { try skip() }
            if skip(UInt8(ascii: ",")) { continue }
            return try expect(UInt8(ascii: "}"), "',' or '}'")
        }
    }

    func array(_ body: () throws -> Void) throws {
        try expect(UInt8(ascii: "["), "a list")
        if skip(UInt8(ascii: "]")) { return }
        while true {
            skipSpace()
            let start = position
            try body()
            if position == start { try skip() }
            if skip(UInt8(ascii: ",")) { continue }
            return try expect(UInt8(ascii: "]"), "',' or ']'")
        }
    }

    // MARK: Values

    /// Reads a string.
    func text() throws -> String {
        let range = try stringRange()
        let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let start = raw.baseAddress, memchr(start, Int32(UInt8(ascii: "\\")), raw.count) != nil else {
            return String(decoding: raw, as: UTF8.self)
        }
        return unescaped(raw)
    }

    /// Reads the beginning of a string, of about `limit` bytes, and passes over the rest.
    func beginningOfText(limit: Int) throws -> String {
        let range = try stringRange()
        guard range.count > limit else { return unescaped(UnsafeRawBufferPointer(rebasing: bytes[range])) }
        var end = range.lowerBound + limit
        // Half an escape sequence is left out; the longest is a surrogate pair's.
        for back in 1...12 where end - back >= range.lowerBound && bytes[end - back] == UInt8(ascii: "\\") {
            end -= back
            break
        }
        while end > range.lowerBound, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return unescaped(UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound..<end]))
    }

    /// Reads a number; nil for `NaN` and the infinities.
    func number() throws -> Double? {
        let raw = try raw()
        guard let value = Double(String(decoding: raw, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// The bytes of the next value, which is passed over.
    func raw() throws -> UnsafeRawBufferPointer {
        skipSpace()
        let start = position
        try skip()
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Counts the elements of a list or the fields of an object, which is passed over.
    func count() throws -> Int {
        var count = 0
        if try kind() == .object { try object { _ in count += 1 } } else { try array { count += 1 } }
        return count
    }

    /// Passes over a value, however deep it nests.
    func skip() throws {
        var depth = 0
        skipSpace()
        guard let base = bytes.baseAddress else { throw malformed("a value") }
        let count = bytes.count
        repeat {
            guard position < count else { throw malformed("a value") }
            switch base.load(fromByteOffset: position, as: UInt8.self) {
            case 0x22:  // A quote.
                _ = try stringRange()
            case 0x7b, 0x5b:  // { and [
                depth += 1
                position += 1
            case 0x7d, 0x5d:  // } and ]
                guard depth > 0 else { throw malformed("a value") }
                depth -= 1
                position += 1
            case 0x2c, 0x3a, 0x20, 0x09:  // Commas, colons and space between.
                guard depth > 0 else { throw malformed("a value") }
                position += 1
            default: try skipWord()
            }
        } while depth > 0
    }

    // MARK: Bytes

    private func skipWord() throws {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            let isPart =
                (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || (byte | 0x20 >= UInt8(ascii: "a")
                    && byte | 0x20 <= UInt8(ascii: "z"))
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: ".")
            guard isPart else { break }
            position += 1
        }
        if position == start {
            guard bytes[position] == 0x0d || bytes[position] == 0x0a else { throw malformed("a value") }
            position += 1
        }
    }

    /// Passes over a string and gives where its bytes are, without the quotes.
    private func stringRange() throws -> Range<Int> {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw malformed("a text") }
        let start = position + 1
        var from = start
        while from < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + from, Int32(UInt8(ascii: "\"")), bytes.count - from)
        {
            let end = UnsafeRawPointer(found) - base
            var slashes = 0
            while end - 1 - slashes >= start, bytes[end - 1 - slashes] == 0x5c { slashes += 1 }
            if slashes.isMultiple(of: 2) {
                position = end + 1
                return start..<end
            }
            from = end + 1
        }
        position = bytes.count
        throw malformed("the end of a text")
    }

    private func unescaped(_ raw: UnsafeRawBufferPointer) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            let rest = raw.count - index
            let next = raw.baseAddress.flatMap { memchr($0 + index, Int32(UInt8(ascii: "\\")), rest) }
            guard let next, let base = raw.baseAddress else {
                text.append(contentsOf: raw[index...])
                break
            }
            let slash = UnsafeRawPointer(next) - base
            text.append(contentsOf: raw[index..<slash])
            guard slash + 1 < raw.count else { break }
            index = slash + 2
            switch raw[slash + 1] {
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "u"): index = append(unicodeAt: index, in: raw, to: &text)
            case let byte: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the character of `\uXXXX`, with the second half of a surrogate pair where there is one. Gives the index
    /// after it.
    private func append(unicodeAt index: Int, in raw: UnsafeRawBufferPointer, to text: inout [UInt8]) -> Int {
        guard let first = unit(at: index, in: raw) else {
            text.append(contentsOf: "\u{fffd}".utf8)
            return index
        }
        if let scalar = Unicode.Scalar(first) {
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return index + 4
        }
        if first < 0xdc00, index + 6 <= raw.count, raw[index + 4] == UInt8(ascii: "\\"),
            raw[index + 5] == UInt8(ascii: "u"), let second = unit(at: index + 6, in: raw),
            (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
        {
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return index + 10
        }
        metLoneSurrogate = true
        text.append(contentsOf: "\u{fffd}".utf8)
        return index + 4
    }

    private func unit(at index: Int, in raw: UnsafeRawBufferPointer) -> UInt16? {
        guard index + 4 <= raw.count else { return nil }
        var value: UInt16 = 0
        for byte in raw[index..<index + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }

    private func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func expect(_ byte: UInt8, _ name: String) throws {
        guard skip(byte) else { throw malformed(name) }
    }

    private func malformed(_ expected: String) -> Malformed {
        Malformed(offset: position, expected: expected, isCut: position >= bytes.count)
    }
}
