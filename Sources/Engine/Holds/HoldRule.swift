package import Trajectory

/// Says which nodes a run stops at, and when: `before-run: depth>1 & tokens>8000`.
///
/// A rule is a stage, a colon and a filter; without a stage it holds before sending, and where it speaks of errors, which
/// come later, before delivery. A filter is made of `depth`, `tokens` compared with a number (`>` `>=` `<` `<=` `=`),
/// `model:PATTERN` (`*` stands for anything), `/regex/` found in the text, `error`, `all`, and of `!`, `&`, `|` (binding in
/// that order) and parentheses. The text is the prompt, the code, or the answer, by the stage.
package struct HoldRule: Equatable, Sendable, CustomStringConvertible {
    package var stage: Hold.Stage
    package var filter: HoldFilter

    package init(stage: Hold.Stage, filter: HoldFilter) {
        self.stage = stage
        self.filter = filter
    }

    /// Reads a rule as a person types it. Throws `HoldRuleError`.
    package init(_ text: String) throws(HoldRuleError) {
        var parser = HoldRuleParser(text)
        self = try parser.rule()
    }

    package var description: String { "\(stage.rawValue): \(filter)" }
}

/// A rule that cannot be read: what is wrong, and at which column, counted in characters from 1.
package struct HoldRuleError: Error, Equatable, CustomStringConvertible {
    package let column: Int
    package let message: String
    package var description: String { "column \(column): \(message)" }
}

/// What a filter looks at.
package struct HoldCandidate: Sendable {
    package var depth: Int
    package var tokens: Int
    package var model: String
    package var text: String
    package var isError: Bool

    package init(depth: Int, tokens: Int, model: String, text: String, isError: Bool) {
        self.depth = depth
        self.tokens = tokens
        self.model = model
        self.text = text
        self.isError = isError
    }
}

package indirect enum HoldFilter: Equatable, Sendable, CustomStringConvertible {
    package enum Field: String, CaseIterable, Sendable { case depth, tokens }
    package enum Order: String, CaseIterable, Sendable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
        case equal = "="
    }

    case all
    case error
    case number(Field, Order, Int)
    case model(String)
    case regex(String)
    case not(HoldFilter)
    case and(HoldFilter, HoldFilter)
    case or(HoldFilter, HoldFilter)

    package func matches(_ node: HoldCandidate) -> Bool {
        switch self {
        case .all: true
        case .error: node.isError
        case .number(let field, let order, let bound):
            order.holds(field == .depth ? node.depth : node.tokens, bound)
        case .model(let pattern): Self.glob(Array(pattern), Array(node.model))
        case .regex(let pattern): PatternWatch.contains(pattern, in: node.text)
        case .not(let inner): !inner.matches(node)
        case .and(let left, let right): left.matches(node) && right.matches(node)
        case .or(let left, let right): left.matches(node) || right.matches(node)
        }
    }

    package var description: String {
        switch self {
        case .all: "all"
        case .error: "error"
        case .number(let field, let order, let bound): "\(field.rawValue)\(order.rawValue)\(bound)"
        case .model(let pattern): "model:\(pattern)"
        case .regex(let pattern): "/\(pattern.replacing("/", with: "\\/"))/"
        case .not(let inner): "!\(inner.printed(within: 3))"
        case .and(let left, let right): "\(left.printed(within: 2)) & \(right.printed(within: 3))"
        case .or(let left, let right): "\(left.printed(within: 1)) | \(right.printed(within: 2))"
        }
    }

    /// How tightly the outermost part binds: 1 `|`, 2 `&`, 3 everything else.
    private var tightness: Int {
        switch self {
        case .or: 1
        case .and: 2
        default: 3
        }
    }

    private func printed(within outer: Int) -> String { tightness < outer ? "(\(self))" : description }

    /// Whether an error can make a difference.
    var speaksOfErrors: Bool {
        switch self {
        case .error: true
        case .not(let inner): inner.speaksOfErrors
        case .and(let left, let right), .or(let left, let right): left.speaksOfErrors || right.speaksOfErrors
        case .all, .number, .model, .regex: false
        }
    }

    /// Linear in memory and without backtracking further than the last star.
    private static func glob(_ pattern: [Character], _ text: [Character]) -> Bool {
        var (p, t, mark) = (0, 0, 0)
        var star: Int?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                (star, mark, p) = (p, t, p + 1)
            } else if p < pattern.count, pattern[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let last = star {
                (p, mark) = (last + 1, mark + 1)
                t = mark
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}

extension HoldFilter.Order {
    func holds(_ value: Int, _ bound: Int) -> Bool {
        switch self {
        case .atLeast: value >= bound
        case .atMost: value <= bound
        case .above: value > bound
        case .below: value < bound
        case .equal: value == bound
        }
    }
}
