// What a row says of a sub-call where its neighbours begin alike.

import Trajectory

/// The prompts of one batch mostly begin with the same question and differ in the text they are about. A row shows the
/// part that tells it from the rows beside it.
enum SiblingTitle {
    /// A shared beginning shorter than this is left standing.
    private static let shortest = 12

    /// The title without the beginning that it shares with a sub-call on the row above or below.
    static func of(_ node: Node, beside neighbours: [Node]) -> String {
        guard node.kind == .llm else { return node.title }
        let siblings = neighbours.filter { $0.kind == .llm && $0.address.parent == node.address.parent }
        let shared = siblings.map { common(node.title, $0.title) }.max() ?? 0
        guard shared >= shortest else { return node.title }
        let rest = node.title.dropFirst(shared)
        // Cut before a word, not in it; a title that has nothing of its own is shown whole.
        let word = node.title.prefix(shared).lastIndex { $0.isWhitespace }.map { node.title.index(after: $0) }
        guard !rest.isEmpty, let word else { return node.title }
        return "…" + node.title[word...]
    }

    /// Characters that both begin with.
    private static func common(_ one: String, _ other: String) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }
}
