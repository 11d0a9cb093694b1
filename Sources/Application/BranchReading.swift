// An open node as it was read.

package import Trajectory

/// What was read about an open node: how many children it has, and which of them are special.
package struct BranchReading: Sendable {
    /// As it was when it was read.
    package var node: Node
    /// All of an iteration's code blocks.
    package var blocks: [Node]
    /// Children that are not blocks.
    package var children: Int
    /// Of these, how many at the end wait for their turn, as far as can be told without reading all.
    package var queuedTail: Int

    package init(node: Node, blocks: [Node], children: Int, queuedTail: Int) {
        self.node = node
        self.blocks = blocks
        self.children = children
        self.queuedTail = queuedTail
    }
}
