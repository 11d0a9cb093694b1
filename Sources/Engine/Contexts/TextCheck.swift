import Foundation

/// Why bytes are no text that a model can be asked about.
enum TextProblem: Error, Hashable {
    case empty, binary, utf16
    /// The offset of the first byte that is none.
    case notUTF8(byte: Int)

    /// What is the matter with a context, and what to do.
    var sentence: String {
        switch self {
        case .empty: "it is empty; give it some text"
        case .binary: "it is binary, not text; extract its text first"
        case .utf16: "it is UTF-16; convert it: iconv -f UTF-16 -t UTF-8"
        case .notUTF8(let byte):
            "it is not UTF-8 (byte \(byte)); convert it, for example: iconv -f LATIN1 -t UTF-8"
        }
    }
}

/// Finds out portion by portion whether bytes are text in UTF-8, however they are cut into portions.
struct TextCheck {
    private(set) var byteCount = 0
    /// Unicode scalars, which is what Python's `len` counts.
    private(set) var scalarCount = 0
    private var head: [UInt8] = []
    /// The beginning of a character that the last portion ended in.
    private var unfinished: [UInt8] = []

    /// Four bytes hold any scalar.
    private static let headLength = UserMessages.beginningLength * 4 + 4

    /// The first characters, for a model to see what it is.
    var beginning: String {
        // A scalar cut at the end becomes one replacement character past the kept ones.
        String(String(decoding: head, as: UTF8.self).prefix(UserMessages.beginningLength))
    }

    /// Looks at the bytes that follow those before.
    mutating func look(at portion: UnsafeRawBufferPointer) throws(TextProblem) {
        guard let start = portion.baseAddress, !portion.isEmpty else { return }
        head.append(contentsOf: portion.prefix(Self.headLength - head.count))
        let isUTF16 = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if isUTF16 { throw .utf16 }
        if memchr(start, 0, portion.count) != nil { throw .binary }

        var rest = portion[...]
        if let lead = unfinished.first {
            let missing = Self.length(of: lead) - unfinished.count
            unfinished += rest.prefix(missing)
            rest = rest.dropFirst(missing)
            guard unfinished.count == Self.length(of: lead) else { return }
            let whole = unfinished
            unfinished = []
            try whole.withUnsafeBytesAndTextProblem { (bytes) throws(TextProblem) in try check(bytes) }
        }
        let cut = Self.beginningOfCutCharacter(in: rest)
        try check(UnsafeRawBufferPointer(rebasing: rest[..<cut]))
        unfinished = Array(rest[cut...])
    }

    /// Counts a text that was checked by itself and lies behind this one.
    mutating func append(_ other: TextCheck) {
        byteCount += other.byteCount
        scalarCount += other.scalarCount
        head.append(contentsOf: other.head.prefix(Self.headLength - head.count))
    }

    /// To be called after the last portion.
    func finish() throws(TextProblem) {
        if !unfinished.isEmpty { throw .notUTF8(byte: byteCount) }
        if byteCount == 0 { throw .empty }
    }

    private mutating func check(_ bytes: UnsafeRawBufferPointer) throws(TextProblem) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
        } catch {
            throw .notUTF8(byte: byteCount + error.byteOffsets.lowerBound)
        }
        byteCount += bytes.count
        scalarCount += bytes.reduce(into: 0) { count, byte in count &+= (byte & 0xC0) == 0x80 ? 0 : 1 }
    }

    /// Where a character begins whose last bytes are still to come; the end when there is none.
    private static func beginningOfCutCharacter(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        for index in bytes.indices.suffix(3).reversed() where bytes[index] & 0xC0 != 0x80 {
            return length(of: bytes[index]) > bytes.endIndex - index ? index : bytes.endIndex
        }
        return bytes.endIndex
    }

    /// Bytes of a character that begins so.
    private static func length(of lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of the error.
    fileprivate func withUnsafeBytesAndTextProblem(
        _ body: (UnsafeRawBufferPointer) throws(TextProblem) -> Void
    ) throws(TextProblem) {
        let result = withUnsafeBytes { bytes -> Result<Void, TextProblem> in
            do throws(TextProblem) {
                try body(bytes)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
