import Foundation

/// Bytes that were found to be text in UTF-8 with something in it.
struct CheckedText {
    let bytes: Data
    /// Unicode scalars, which is what Python's `len` counts.
    let scalarCount: Int

    /// Throws `ContextError` when the file cannot be read or holds no text.
    init(mapping path: String) throws(ContextError) {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
            throw ContextError(source: path, problem: "it cannot be read; are you allowed to? (ls -l shows it)")
        }
        try self.init(bytes, source: path)
    }

    /// Throws `ContextError` when the bytes are none, binary, or not UTF-8.
    init(_ bytes: Data, source: String) throws(ContextError) {
        guard !bytes.isEmpty else { throw ContextError(source: source, problem: "it is empty; give it some text") }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw ContextError(source: source, problem: "it is UTF-16; convert it: iconv -f UTF-16 -t UTF-8")
        }
        let problem = bytes.withUnsafeBytes { raw -> String? in
            if let start = raw.baseAddress, memchr(start, 0, raw.count) != nil {
                return "it is binary, not text; extract its text first"
            }
            do throws(UTF8.ValidationError) {
                _ = try UTF8Span(validating: Span(_unsafeElements: raw.bindMemory(to: UInt8.self)))
                return nil
            } catch {
                return "it is not UTF-8 (byte \(error.byteOffsets.lowerBound)); convert it, for example: "
                    + "iconv -f LATIN1 -t UTF-8"
            }
        }
        if let problem { throw ContextError(source: source, problem: problem) }
        self.bytes = bytes
        scalarCount = bytes.withUnsafeBytes { raw in
            raw.reduce(into: 0) { count, byte in count &+= (byte & 0xC0) == 0x80 ? 0 : 1 }
        }
    }

    /// The first characters, for a model to see what it is.
    var beginning: String {
        // Four bytes hold any scalar; a scalar cut at the end becomes one replacement character past the kept ones.
        let head = String(decoding: bytes.prefix(UserMessages.beginningLength * 4 + 4), as: UTF8.self)
        return String(head.prefix(UserMessages.beginningLength))
    }
}
