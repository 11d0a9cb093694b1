import Foundation

/// A regular expression that is made once. One that is malformed matches nothing.
struct WordPattern: @unchecked Sendable {  // @unchecked: NSRegularExpression is immutable and safe to share.
    let expression: NSRegularExpression?

    init(_ text: String) { expression = try? NSRegularExpression(pattern: text) }

    func isIn(_ text: String) -> Bool { firstMatch(in: text) != nil }

    /// The first group as a number; thousands may be marked.
    func number(in text: String) -> Int? {
        guard let match = firstMatch(in: text), match.numberOfRanges > 1,
            let range = Range(match.range(at: 1), in: text)
        else { return nil }
        return Int(text[range].filter { $0 != "," && $0 != "_" })
    }

    private func firstMatch(in text: String) -> NSTextCheckingResult? {
        expression?.firstMatch(in: text, range: NSRange(text.startIndex..., in: text))
    }
}
