import Trajectory

/// Reads a hold rule from left to right, one character ahead.
struct HoldRuleParser {
    private let text: [Character]
    private var at = 0
    private var depth = 0
    /// Parentheses and `!` inside each other; more are refused, so that no rule exhausts the stack.
    private static let deepest = 200
    private static let longest = 4_000

    init(_ text: String) { self.text = Array(text) }

    mutating func rule() throws(HoldRuleError) -> HoldRule {
        guard text.count <= Self.longest else {
            throw HoldRuleError(column: Self.longest + 1, message: "a rule has at most \(Self.longest) characters")
        }
        var stage: Hold.Stage?
        skipSpaces()
        for candidate in Hold.Stage.allCases where take(candidate.rawValue + ":") {
            stage = candidate
            break
        }
        let filter = try either()
        skipSpaces()
        guard at == text.count else { throw wrong("expected & or | or the end, found \"\(text[at])\"") }
        return HoldRule(stage: stage ?? (filter.speaksOfErrors ? .beforeDeliver : .beforeSend), filter: filter)
    }

    private mutating func either() throws(HoldRuleError) -> HoldFilter {
        var left = try both()
        while take("|") { left = .or(left, try both()) }
        return left
    }

    private mutating func both() throws(HoldRuleError) -> HoldFilter {
        var left = try single()
        while take("&") { left = .and(left, try single()) }
        return left
    }

    private mutating func single() throws(HoldRuleError) -> HoldFilter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw wrong("more than \(Self.deepest) levels of parentheses") }
        if take("!") { return .not(try single()) }
        if take("(") {
            let inner = try either()
            guard take(")") else { throw wrong("expected )") }
            return inner
        }
        if take("/") { return try regex() }
        if take("model:") {
            return .model(try word("a model's name, such as gpt-5*") { !$0.isWhitespace && !"&|()".contains($0) })
        }
        let start = at
        let name = try word("depth, tokens, model:, /regex/, error or all") { $0.isLetter }
        if name == "all" { return .all }
        if name == "error" { return .error }
        guard let field = HoldFilter.Field(rawValue: name) else {
            at = start
            throw wrong("unknown word \"\(name)\"; use depth, tokens, model:, /regex/, error or all")
        }
        for order in HoldFilter.Order.allCases where take(order.rawValue) {
            skipSpaces()
            let place = at
            let digits = try word("a number") { $0.isASCII && $0.isNumber }
            guard let bound = Int(digits) else {
                at = place
                throw wrong("the number is too large")
            }
            return .number(field, order, bound)
        }
        throw wrong("expected >, >=, <, <= or = after \(name)")
    }

    private mutating func regex() throws(HoldRuleError) -> HoldFilter {
        let start = at
        var pattern = ""
        while at < text.count, text[at] != "/" {
            if text[at] == "\\", at + 1 < text.count {
                if text[at + 1] != "/" { pattern.append("\\") }
                at += 1
            }
            pattern.append(text[at])
            at += 1
        }
        guard at < text.count else { throw wrong("expected / at the end of the regular expression") }
        at += 1
        guard !pattern.isEmpty, (try? Regex(pattern)) != nil else {
            at = start
            throw wrong("not a regular expression")
        }
        return .regex(pattern)
    }

    private mutating func word(
        _ expected: String, _ belongs: (Character) -> Bool
    ) throws(HoldRuleError) -> String {
        skipSpaces()
        let start = at
        while at < text.count, belongs(text[at]) { at += 1 }
        guard at > start else { throw wrong("expected \(expected)") }
        return String(text[start..<at])
    }

    private mutating func take(_ token: String) -> Bool {
        skipSpaces()
        guard text[at...].starts(with: token) else { return false }
        at += token.count
        return true
    }

    private mutating func skipSpaces() { while at < text.count, text[at].isWhitespace { at += 1 } }

    private func wrong(_ message: String) -> HoldRuleError { HoldRuleError(column: at + 1, message: message) }
}
