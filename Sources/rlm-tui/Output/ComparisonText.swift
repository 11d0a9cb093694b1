import Comparison
import Foundation
import Trajectory
import TrajectoryStore

/// A comparison as plain text for `diff`. Every line passes the terminal's cleaning.
struct ComparisonText {
    let store: TrajectoryStore

    func print(
        a: NodeArgument, b: NodeArgument, comparison: RunComparison, answers: (String?, String?)
    ) throws {
        say("a  \(summary(a))")
        say("b  \(summary(b))")
        if comparison.nodes.isEmpty { return say("no difference") }
        let count = comparison.nodes.count
        say(
            "\(count) \(count == 1 ? "node differs" : "nodes differ")"
                + (comparison.firstDifference.map { ", the first in time is \($0)" } ?? ""))
        for difference in comparison.nodes { try print(difference) }
        say("")
        if answers.0 == answers.1 {
            say("the answers are the same: \(answers.0 ?? "(none)")")
        } else {
            say("answer of a: \(answers.0 ?? "(none)")")
            say("answer of b: \(answers.1 ?? "(none)")")
        }
    }

    private func summary(_ side: NodeArgument) -> String {
        let fork = side.run.forkedFrom.map { from in
            " (fork of \(from.short)\(side.run.forkedAt.map { " at \($0)" } ?? ""))"
        }
        let cost = side.run.usage.known.cost.map { ", $" + $0.formatted(.number.precision(.fractionLength(4))) } ?? ""
        let seconds = side.node.seconds.map { $0.formatted(.number.precision(.fractionLength(1))) + "s" } ?? "?"
        return "\(side.run.id.short)\(side.node.address == .root ? "" : ":\(side.node.address)")\(fork ?? "")  "
            + "\(side.node.status.rawValue)  \(seconds)\(cost)  \(side.run.question)"
    }

    private func print(_ difference: NodeDifference) throws {
        say("")
        let kind = (difference.b ?? difference.a)?.kind
        switch difference.change {
        case .added: say("+ \(difference.address)  only in b: \(difference.b?.title ?? "")")
        case .removed: say("- \(difference.address)  only in a: \(difference.a?.title ?? "")")
        case .changed:
            let fields = difference.fields.map(\.rawValue).joined(separator: ", ")
            say("~ \(difference.address)  \(kind?.rawValue ?? "")  \(fields)\(effort(difference))")
            for field in difference.fields { try print(field, of: difference) }
        }
    }

    /// Tokens and time, where they differ.
    private func effort(_ difference: NodeDifference) -> String {
        guard let a = difference.a, let b = difference.b else { return "" }
        let tokens = (a.own.known.totalTokens, b.own.known.totalTokens)
        guard tokens.0 != tokens.1 else { return "" }
        return "  (\(tokens.0.map(String.init) ?? "?") → \(tokens.1.map(String.init) ?? "?") tokens)"
    }

    private func print(_ field: NodeDifference.Field, of difference: NodeDifference) throws {
        let texts = try difference.texts(of: field, in: store)
        guard texts.a != texts.b else { return say("  \(field.rawValue): differs only in what came before") }
        say("  \(field.rawValue)")
        for line in TextComparison(texts.a, texts.b).lines {
            switch line {
            case .same(let text): say("      \(text)")
            case .folded(let count): say("      … \(count) \(count == 1 ? "line" : "lines") the same …")
            case .removed(let parts): say("    - \(marked(parts, "[-", "-]"))")
            case .added(let parts): say("    + \(marked(parts, "{+", "+}"))")
            }
        }
    }

    /// A line that changed as a whole needs no marks.
    private func marked(_ parts: [TextComparison.Part], _ open: String, _ close: String) -> String {
        guard parts.contains(where: { !$0.isChanged && $0.text.contains { !$0.isWhitespace } }) else {
            return parts.map(\.text).joined()
        }
        return parts.map { $0.isChanged ? open + $0.text + close : $0.text }.joined()
    }

    private func say(_ text: String) { StandardOutput.say(text) }
}
