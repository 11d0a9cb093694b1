// Writes JSON as it comes, into a sink, so that what is written may be longer than memory.
internal import Foundation
internal import Trajectory

/// Puts commas and colons where they belong; the caller opens, closes and names things in order.
///
/// For example:
///
///     try json.object {
///         try json.field("name", text: name)
///         try json.field("parts") { try json.array { for part in parts { try json.value(text: part) } } }
///     }
///
/// Throws what the sink throws. `finish` gives it the rest.
final class JSONWriter {
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private var buffer: [UInt8] = []
    private var needsComma = false

    private static let limit = 1 << 16

    init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.sink = sink
        buffer.reserveCapacity(Self.limit + 64)
    }

    func finish() throws { try flush(ifOver: 0) }

    /// Ends a value that stands alone on its line.
    func endLine() throws {
        needsComma = false
        try put(UInt8(ascii: "\n"))
    }

    // MARK: Containers

    func object(_ body: () throws -> Void) throws { try container("{", body, "}") }

    func array(_ body: () throws -> Void) throws { try container("[", body, "]") }

    private func container(_ open: Unicode.Scalar, _ body: () throws -> Void, _ close: Unicode.Scalar) throws {
        try begin()
        try put(UInt8(ascii: open))
        needsComma = false
        try body()
        try put(UInt8(ascii: close))
        needsComma = true
    }

    // MARK: Fields

    func field(_ name: String, _ value: () throws -> Void) throws {
        try begin()
        try put(string: name)
        try put(UInt8(ascii: ":"))
        needsComma = false
        try value()
    }

    func field(_ name: String, text: String?) throws { try field(name) { try value(text: text) } }
    func field(_ name: String, number: Double?) throws { try field(name) { try value(number: number) } }
    func field(_ name: String, count: Int?) throws { try field(name) { try value(raw: count?.description ?? "null") } }

    // MARK: Values

    func value(text: String?) throws {
        guard let text else { return try value(raw: "null") }
        try begin()
        try put(string: text)
        needsComma = true
    }

    /// What JSON cannot hold becomes null.
    func value(number: Double?) throws {
        try value(raw: number.flatMap { $0.isFinite ? $0.description : nil } ?? "null")
    }

    /// - Parameter raw: JSON on one line.
    func value(raw: String) throws {
        try begin()
        for byte in raw.utf8 { try put(byte) }
        needsComma = true
    }

    // MARK: Bytes

    private func begin() throws {
        if needsComma { try put(UInt8(ascii: ",")) }
        needsComma = false
    }

    private func put(_ byte: UInt8) throws {
        buffer.append(byte)
        try flush(ifOver: Self.limit)
    }

    private func flush(ifOver limit: Int) throws {
        guard buffer.count > limit else { return }
        try buffer.withUnsafeBytes(sink)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Controls, C1 ones too, and what other programs take for line ends are escaped: a line of the file is a line
    /// everywhere, and harmless on a terminal.
    private func put(string: String) throws {
        try put(UInt8(ascii: "\""))
        var string = string
        try string.withUTF8 { text in
            var start = 0
            var index = 0
            while index < text.count {
                let byte = text[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x7f || byte == 0xc2 || byte == 0xe2,
                    let (code, length) = Self.special(text, at: index)
                else {
                    index += 1
                    continue
                }
                try put(text[start..<index])
                buffer.append(contentsOf: Self.escape(code).utf8)
                index += length
                start = index
            }
            try put(text[start...])
        }
        try put(UInt8(ascii: "\""))
    }

    private func put(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws {
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.prefix(Self.limit)
            buffer.append(contentsOf: part)
            try flush(ifOver: Self.limit)
            rest = rest.dropFirst(part.count)
        }
    }

    /// The character at an index, with its length in bytes, where it has to be escaped.
    private static func special(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (code: UInt16, length: Int)? {
        let byte = text[index]
        switch byte {
        case 0xc2:
            guard index + 1 < text.count, text[index + 1] < 0xa0 else { return nil }
            return (UInt16(text[index + 1]), 2)
        case 0xe2:
            // U+2028 and U+2029.
            guard index + 2 < text.count, text[index + 1] == 0x80, text[index + 2] == 0xa8 || text[index + 2] == 0xa9
            else { return nil }
            return (0x2000 + UInt16(text[index + 2] - 0x80), 3)
        default: return (UInt16(byte), 1)
        }
    }

    private static func escape(_ code: UInt16) -> String {
        switch code {
        case 0x0a: return "\\n"
        case 0x0d: return "\\r"
        case 0x09: return "\\t"
        case 0x22: return "\\\""
        case 0x5c: return "\\\\"
        default:
            return "\\u" + code.hexadecimal(digits: 4)
        }
    }
}
