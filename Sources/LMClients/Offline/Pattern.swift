import Foundation

/// A regular expression that is compiled once and used from any thread; letters match in either case.
struct Pattern: Sendable {
    struct Match {
        var range: Range<String.Index>
        /// What each pair of brackets matched; nil where it matched nothing.
        var groups: [String?]

        subscript(group: Int) -> String { groups[group] ?? "" }
    }

    private let expression: NSRegularExpression

    init(_ pattern: String) {
        do {
            expression = try NSRegularExpression(pattern: pattern, options: [.caseInsensitive])
        } catch {
            preconditionFailure("a pattern of this program is malformed: \(pattern)")
        }
    }

    func matches(_ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    func first(in text: String) -> Match? {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)).flatMap { Self.match($0, text) }
    }

    func last(in text: String) -> Match? {
        expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).last
            .flatMap { Self.match($0, text) }
    }

    private static func match(_ result: NSTextCheckingResult, _ text: String) -> Match? {
        guard let range = Range(result.range, in: text) else { return nil }
        let groups = (1..<max(1, result.numberOfRanges)).map { index in
            Range(result.range(at: index), in: text).map { String(text[$0]) }
        }
        return Match(range: range, groups: groups)
    }
}
