// What a person looks for with `/`: plain text, where small letters match large ones too.

/// A text to look for. Without capitals it matches ASCII letters of either case.
package struct SearchPattern: Hashable, Sendable {
    package let text: String
    private let bytes: [UInt8]
    private let ignoresCase: Bool

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
        ignoresCase = !text.contains { $0.isUppercase }
    }

    package var isEmpty: Bool { bytes.isEmpty }

    package func matches(_ text: String) -> Bool {
        firstMatch(in: text, bytes: 0..<text.utf8.count) != nil
    }

    /// The UTF-8 offset of the first match that lies in the range.
    func firstMatch(in text: String, bytes range: Range<Int>) -> Int? {
        guard !isEmpty, range.count >= bytes.count else { return nil }
        return withBytes(of: text) { haystack in
            var offset = range.lowerBound
            let last = min(range.upperBound, haystack.count) - bytes.count
            while offset <= last {
                if isMatch(haystack, at: offset) { return offset }
                offset += 1
            }
            return nil
        }
    }

    /// The UTF-8 offset of the last match that lies in the range.
    func lastMatch(in text: String, bytes range: Range<Int>) -> Int? {
        guard !isEmpty, range.count >= bytes.count else { return nil }
        return withBytes(of: text) { haystack in
            var offset = min(range.upperBound, haystack.count) - bytes.count
            while offset >= range.lowerBound {
                if isMatch(haystack, at: offset) { return offset }
                offset -= 1
            }
            return nil
        }
    }

    /// UTF-8 ranges of the matches in a short text, none overlapping.
    package func matches(in text: String) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        let end = text.utf8.count
        while let offset = firstMatch(in: text, bytes: start..<end) {
            ranges.append(offset..<offset + bytes.count)
            start = offset + bytes.count
        }
        return ranges
    }

    private func isMatch(_ haystack: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
        for index in 0..<bytes.count {
            var byte = haystack[offset + index]
            if ignoresCase, byte >= 0x41, byte <= 0x5A { byte |= 0x20 }
            if byte != bytes[index] { return false }
        }
        return true
    }

    private func withBytes(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Int?) -> Int? {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        var copy = text
        return copy.withUTF8(body)
    }
}
