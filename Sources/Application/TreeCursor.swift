// Where the cursor of the tree is.

package import Views

/// Where the cursor of the tree is. By node and not by row, so that it stays when rows come and go above it.
package enum TreeCursor: Hashable, Sendable {
    case node(TreeRows.Path)
    /// The row that sums up queued children.
    case queued(TreeRows.Path)
    /// The row that sums up finished children, one of which is `child`.
    case finished(TreeRows.Path, child: Int)

    /// The node it is about.
    package var path: TreeRows.Path {
        switch self {
        case .node(let path), .queued(let path), .finished(let path, _): path
        }
    }

    /// Whether it is on a row that stands for several nodes.
    package var isOnFold: Bool { if case .node = self { false } else { true } }
}
