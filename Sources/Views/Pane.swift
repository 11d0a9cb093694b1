// The panes there are.

/// What can have the focus. Runs, tree and detail stand side by side where there is room; each of the others has all of the
/// body while it is looked at.
package enum Pane: Int, CaseIterable, Hashable, Sendable {
    case runs, tree, detail
    case held, forks, comparison, variables, forecast

    /// Those that stand side by side, from the left.
    package static let columns: [Pane] = [.runs, .tree, .detail]

    package var isWide: Bool { !Self.columns.contains(self) }

    package var title: String {
        switch self {
        case .runs: "Runs"
        case .tree: "Tree"
        case .detail: "Detail"
        case .held: "Held"
        case .forks: "Forks"
        case .comparison: "Differences"
        case .variables: "Variables"
        case .forecast: "Continue from here"
        }
    }
}
