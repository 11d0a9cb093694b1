// What `update` wants done, as data. Doing it is the runner's work, which reports back with messages.

package import Trajectory
package import Views

/// What a text of a node is wanted for.
package enum TextUse: Hashable, Sendable {
    case copy, page
}

/// What a text is edited for.
package enum EditUse: Hashable, Sendable {
    /// It goes back into the line that is being typed.
    case inputLine
}

package enum Command: Sendable {
    // Reading the store.
    case loadRuns(pages: [Int])
    case loadRun(RunID)
    /// How many children a node has, and which of them are special. `opening` shows them when that is known.
    case readBranch(TreeRows.Path, Node, opening: Bool)
    /// A page of a node's children, its blocks not counted.
    case loadPage(of: TreeRows.Path, Node, blocks: Int, page: Int)
    case loadDetail(TreeRows.Path, Node, RunID)
    /// The texts of a node by what they are, to be copied or shown in the pager.
    case readTexts(Node, RunID, TextUse)
    case countProblems(RunID)
    case findProblem(after: Address, RunID, backwards: Bool)
    /// Searches a run beside the screen.
    case search(SearchPattern, RunID)
    case stopSearch
    /// Opens all that is above a node, and puts the cursor on it.
    case reveal(Address, RunID)
    /// Puts the cursor of the list on a run.
    case locateRun(RunID)

    // The world outside.
    /// To the terminal's clipboard.
    case copy(String, name: String)
    /// In `$PAGER`.
    case page(String)
    /// In `$EDITOR`; what became of it comes back with the use it is for.
    case edit(String, EditUse)
    case suspend
    case redraw
    /// Stops the run that is going on in this process.
    case cancelRun

    /// Whether what stands on the terminal afterwards is no longer what was drawn last.
    var disturbsScreen: Bool {
        switch self {
        case .page, .edit, .suspend, .redraw: true
        default: false
        }
    }
}
