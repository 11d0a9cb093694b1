// What a row says of a node where its neighbours begin alike.

import Trajectory

/// The prompts of one batch mostly begin with the same question and differ in the text they are about, and recursive
/// calls and iterations do so too. A row shows the part that tells it from the rows beside it.
enum SiblingTitle {
    /// A shared beginning shorter than this is left standing, in characters.
    private static let shortest = 12
    /// How far before the difference a word may begin for its beginning to be shown with it, in characters.
    private static let longestWord = 16

    /// The title without the beginning that it shares with a sibling on the row above or below.
    static func of(_ node: Node, beside neighbours: [Node]) -> String {
        guard !node.address.steps.isEmpty else { return node.title }
        let siblings = neighbours.filter { $0.kind == node.kind && $0.address.parent == node.address.parent }
        let shared = siblings.map { common(node.title, $0.title) }.max() ?? 0
        guard shared >= shortest else { return node.title }
        let rest = node.title.dropFirst(shared)
        // A title that has nothing of its own is shown whole.
        guard !rest.isEmpty else { return node.title }
        return "…" + node.title[start(in: node.title, of: rest)...]
    }

    /// The beginning of the word that differs; in one long word, a little before the difference.
    private static func start(in title: String, of rest: Substring) -> String.Index {
        let nearest = title.index(rest.startIndex, offsetBy: -longestWord, limitedBy: title.startIndex)
        let near = title[(nearest ?? title.startIndex)..<rest.startIndex]
        if let blank = near.lastIndex(where: \.isWhitespace) { return title.index(after: blank) }
        return title.index(rest.startIndex, offsetBy: -4, limitedBy: title.startIndex) ?? rest.startIndex
    }

    /// Characters that both begin with.
    private static func common(_ one: String, _ other: String) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }
}
