// Reads JSON as it comes, skipping what nobody asks for at the speed of memory. Foundation's decoders refuse what logs
// really hold (NaN, half of a surrogate pair, deep nesting) and build what is then thrown away.
internal import Foundation

/// Bytes of a line, or of a value in it.
struct JSONSlice {
    var bytes: UnsafeRawBufferPointer
    /// Whether they are a file of this program's own in memory. What was read of it is given back at once, so that a
    /// line needs no memory for itself; who comes again reads it from the file.
    var isMapped = false
}

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
    private let isMapped: Bool
    private(set) var position = 0
    /// How far mapped bytes were given back.
    private var released = 0
    /// Whether a text held half of a surrogate pair, which became U+FFFD.
    private(set) var metLoneSurrogate = false

    /// Bytes that are looked at in one go.
    private static let window = 1 << 20
    /// Bytes of a text that are handed on at once.
    private static let piece = 1 << 20

    init(_ bytes: UnsafeRawBufferPointer, isMapped: Bool = false) {
        self.bytes = bytes
        self.isMapped = isMapped
    }

    convenience init(_ slice: JSONSlice) { self.init(slice.bytes, isMapped: slice.isMapped) }

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
        if range.count <= Self.piece {
            let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
            guard let start = raw.baseAddress, memchr(start, Int32(UInt8(ascii: "\\")), raw.count) != nil else {
                return String(decoding: raw, as: UTF8.self)
            }
            return unescaped(range)
        }
        // Half of an escape may stand for more bytes than it has.
        return String(unsafeUninitializedCapacity: range.count + range.count / 2 + 3) { buffer in
            var count = 0
            unescape(range) { part in
                guard let to = buffer.baseAddress, let from = part.baseAddress else { return }
                memcpy(to + count, from, part.count)
                count += part.count
            }
            return count
        }
    }

    /// Reads a string and hands it on piece by piece, none of which ends within a character.
    func text(_ take: (String) throws -> Void) throws {
        var waiting: [UInt8] = []
        try unescape(try stringRange()) { part in
            waiting.append(contentsOf: part)
            guard waiting.count >= Self.piece else { return }
            try take(String(decoding: waiting, as: UTF8.self))
            waiting.removeAll(keepingCapacity: true)
        }
        if !waiting.isEmpty { try take(String(decoding: waiting, as: UTF8.self)) }
    }

    /// Hands on the JSON of the next value piece by piece, none of which ends within a character.
    func json(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        skipSpace()
        let start = position
        try skip()
        try pieces(of: start..<position, take)
    }

    /// Reads the beginning of a string, of about `limit` bytes, and passes over the rest.
    func beginningOfText(limit: Int) throws -> String {
        let range = try stringRange()
        guard range.count > limit else { return unescaped(range) }
        var end = range.lowerBound + limit
        // Half an escape sequence is left out; the longest is a surrogate pair's.
        for back in 1...12 where end - back >= range.lowerBound && bytes[end - back] == UInt8(ascii: "\\") {
            end -= back
            break
        }
        while end > range.lowerBound, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return unescaped(range.lowerBound..<end)
    }

    /// Reads a number; nil for `NaN` and the infinities.
    func number() throws -> Double? {
        let raw = try raw()
        guard let value = Double(String(decoding: raw.bytes, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// The bytes of the next value, which is passed over.
    func raw() throws -> JSONSlice {
        skipSpace()
        let start = position
        try skip()
        return slice(from: start)
    }

    /// The bytes from a position to where it is now.
    func slice(from start: Int) -> JSONSlice {
        JSONSlice(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), isMapped: isMapped)
    }

    /// Passes over a value and looks whether its objects and lists are well formed, as deep as `depth`.
    func check(depth: Int) throws {
        switch try kind() {
        case .object where depth > 0: try object { _ in try check(depth: depth - 1) }
        case .array where depth > 0: try array { try check(depth: depth - 1) }
        default: try skip()
        }
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
                release(to: position)
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
            default:
                try skipWord()
                release(to: position)
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
        while from < bytes.count, let base = bytes.baseAddress {
            let length = min(bytes.count - from, isMapped ? Self.window : Int.max)
            guard let found = memchr(base + from, Int32(UInt8(ascii: "\"")), length) else {
                from += length
                release(to: from)
                continue
            }
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

    private func unescaped(_ range: Range<Int>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        unescape(range) { text.append(contentsOf: $0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Hands on the bytes of a string without its escapes, in parts that end between characters.
    private func unescape(_ range: Range<Int>, _ put: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let base = raw.baseAddress else { return }
        var index = 0
        while index < raw.count {
            let length = min(raw.count - index, Self.piece)
            let found = memchr(base + index, Int32(UInt8(ascii: "\\")), length)
            let slash = found.map { UnsafeRawPointer($0) - base }
            var end = slash ?? index + length
            // Whole characters, unless they are none.
            if slash == nil, end < raw.count {
                for back in 0..<4 where end - back > index && raw[end - back] & 0xc0 != 0x80 {
                    end -= back
                    break
                }
            }
            if end > index { try put(UnsafeRawBufferPointer(rebasing: raw[index..<end])) }
            index = end
            release(to: range.lowerBound + index)
            guard let slash else { continue }
            guard slash + 1 < raw.count else { return }
            index = slash + 2
            let byte: UInt8
            switch raw[slash + 1] {
            case UInt8(ascii: "n"): byte = 0x0a
            case UInt8(ascii: "t"): byte = 0x09
            case UInt8(ascii: "r"): byte = 0x0d
            case UInt8(ascii: "b"): byte = 0x08
            case UInt8(ascii: "f"): byte = 0x0c
            case UInt8(ascii: "u"):
                var character: [UInt8] = []
                index = append(unicodeAt: index, in: raw, to: &character)
                try character.withUnsafeBytes(put)
                continue
            case let other:
                // Of a longer character only the first byte is escaped.
                byte = other
            }
            try withUnsafeBytes(of: byte, put)
        }
    }

    private func pieces(of range: Range<Int>, _ put: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var index = range.lowerBound
        while index < range.upperBound {
            var end = min(range.upperBound, index + Self.piece)
            if end < range.upperBound {
                for back in 0..<4 where end - back > index && bytes[end - back] & 0xc0 != 0x80 {
                    end -= back
                    break
                }
            }
            try put(UnsafeRawBufferPointer(rebasing: bytes[index..<end]))
            index = end
            release(to: index)
        }
    }

    /// Gives back what was read of a mapped file, a good deal at a time.
    private func release(to end: Int) {
        guard isMapped, let base = bytes.baseAddress else { return }
        // Who goes over the same bytes again has them in memory again.
        if end < released { released = end }
        guard end - released >= Self.window else { return }
        let page = UInt(getpagesize())
        let first = (UInt(bitPattern: base + released) + page - 1) / page * page
        let last = UInt(bitPattern: base + end) / page * page
        if last > first, let start = UnsafeMutableRawPointer(bitPattern: first) {
            madvise(start, Int(last - first), MADV_DONTNEED)
        }
        released = end
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
