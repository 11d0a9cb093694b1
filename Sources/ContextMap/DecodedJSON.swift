// A JSON context as the code sees it: what stands in its strings, without the escapes.
internal import Foundation

/// Turns the escapes in the strings of a JSON text into what they stand for and leaves everything else as it is. Whether
/// the text is JSON is not asked: what cannot be read stays.
struct DecodedJSON {
    /// From here on a byte of the decoded text stands at another place of the stored one.
    struct Step {
        var decoded: UInt32
        var stored: UInt32
    }

    /// Whether there is anything to decode.
    static func isNeeded(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return memchr(base, 0x5C, bytes.count) != nil
    }

    private(set) var steps: [Step] = []
    private let stored: UnsafeRawBufferPointer
    private var place = 0
    private var decodedCount = 0

    init(_ stored: UnsafeRawBufferPointer) { self.stored = stored }

    /// Decodes about as many bytes as asked for, and appends them; false at the end.
    mutating func next(_ count: Int, into decoded: inout [UInt8]) -> Bool {
        guard place < stored.count else { return false }
        let end = min(stored.count, place + count)
        let begin = decoded.count
        while place < end {
            let rest = UnsafeRawBufferPointer(rebasing: stored[place..<end])
            guard let base = rest.baseAddress else { break }
            let plain =
                memchr(base, 0x5C, rest.count).map { $0 - UnsafeMutableRawPointer(mutating: base) } ?? rest.count
            decoded.append(contentsOf: rest.prefix(plain))
            place += plain
            guard plain < rest.count else { break }
            let before = decoded.count
            let length = appendEscape(at: place, to: &decoded)
            place += length
            let written = decoded.count - before
            if written != length {
                let offset = decodedCount + before - begin
                steps.append(Step(decoded: UInt32(offset + written), stored: UInt32(place)))
            }
        }
        decodedCount += decoded.count - begin
        return true
    }

    /// Appends what the escape at a backslash stands for. Gives its length in the stored text.
    private func appendEscape(at place: Int, to decoded: inout [UInt8]) -> Int {
        guard place + 1 < stored.count else {
            decoded.append(stored[place])
            return 1
        }
        switch stored[place + 1] {
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(stored[place + 1])
        case UInt8(ascii: "u"):
            guard let unit = unit(at: place) else { fallthrough }
            if let scalar = Unicode.Scalar(unit) {
                decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                return 6
            }
            if unit < 0xDC00, let second = self.unit(at: place + 6), (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(second) - 0xDC00)
            {
                decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                return 12
            }
            // Half of a pair: no text can hold it.
            decoded.append(contentsOf: UTF8.encodedReplacementCharacter)
            return 6
        default:
            decoded.append(stored[place])
            return 1
        }
        return 2
    }

    private func unit(at place: Int) -> UInt16? {
        guard place + 6 <= stored.count, stored[place] == 0x5C, stored[place + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt16 = 0
        for byte in stored[(place + 2)..<(place + 6)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
