// The rows of the tree as the view takes them.

package import Trajectory

/// What stands on one row of the tree.
package enum TreeRowContent: Sendable {
    case node(Node, isMarked: Bool = false, isOpen: Bool, canOpen: Bool)
    /// Queued sub-calls, counted from 1.
    case queued(first: Int, last: Int, level: Int)
    /// Sub-calls that are over and went well, counted from 1.
    case finished(first: Int, last: Int, level: Int)
    /// Not read from the store yet.
    case loading(level: Int)

    var node: Node? { if case .node(let node, _, _, _) = self { node } else { nil } }
}

/// The rows of the tree that are on the screen.
package struct TreePane: Sendable {
    package var rows: [TreeRowContent]
    /// The row of the whole tree that `rows` begins with.
    package var first: Int
    package var total: Int
    /// Of the whole tree.
    package var selected: Int
    package var isFollowing: Bool
    package var isRunLive: Bool
    /// Said below the last row, where the tree has nothing more to say for itself.
    package var hint: String?
    /// What was searched for, marked where it stands in a title.
    package var pattern: SearchPattern?
    /// The nodes on the rows just above and below those on the screen.
    package var above: Node?
    package var below: Node?

    package init(
        rows: [TreeRowContent],
        first: Int,
        total: Int,
        selected: Int,
        isFollowing: Bool,
        isRunLive: Bool,
        hint: String? = nil,
        pattern: SearchPattern? = nil
    ) {
        self.rows = rows
        self.first = first
        self.total = total
        self.selected = selected
        self.isFollowing = isFollowing
        self.isRunLive = isRunLive
        self.hint = hint
        self.pattern = pattern
    }
}
