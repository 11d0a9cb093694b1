// The panes there are.

/// The three panes of the explorer.
package enum Pane: Int, CaseIterable, Hashable, Sendable {
    case runs, tree, detail

    package var title: String {
        switch self {
        case .runs: "Runs"
        case .tree: "Tree"
        case .detail: "Detail"
        }
    }
}
