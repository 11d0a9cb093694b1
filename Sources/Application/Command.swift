// What `update` wants done, as data. Doing it is the runner's work, which reports back with messages.

package import Trajectory
package import Views

package enum Command: Sendable {
    // Reading the store.
    case loadRuns(pages: [Int])
    case loadRun(RunID)
    /// How many children a node has, and which of them are special. `opening` shows them when that is known.
    case readBranch(TreeRows.Path, Node, opening: Bool)
    /// A page of a node's children, its blocks not counted.
    case loadPage(of: TreeRows.Path, Node, blocks: Int, page: Int)
    case loadDetail(TreeRows.Path, Node, RunID)

    // The world outside.
    /// To the terminal's clipboard.
    case copy(String, name: String)
    /// In `$PAGER`.
    case page(String)
    case suspend
    case redraw
    /// Stops the run that is going on in this process.
    case cancelRun

    /// Whether what stands on the terminal afterwards is no longer what was drawn last.
    var disturbsScreen: Bool {
        switch self {
        case .page, .suspend, .redraw: true
        default: false
        }
    }
}
