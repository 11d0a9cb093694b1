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
    /// It is what a node is to be run with.
    case node(RunID, Address, EditedPart)
}

extension EditUse {
    /// What the editor is told the text is, by which it chooses its colours.
    var fileName: String {
        switch self {
        case .inputLine: "text.txt"
        case .node(_, _, let part): part.fileName
        }
    }
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
    /// The same, with nodes that follow from edits which have not run, in the order of addresses.
    case findProblemOrStale(after: Address, RunID, [Address], backwards: Bool)
    /// Searches a run beside the screen.
    case search(SearchPattern, RunID)
    case stopSearch
    /// Opens all that is above a node, and puts the cursor on it.
    case reveal(Address, RunID)
    /// Finds out beside the screen which parts of a run's contexts were read.
    case readMap(RunID)
    /// Lines of a context around a byte.
    case readContext(RunID, context: Int, byte: Int, rows: Int)
    case findInContext(RunID, context: Int, String, byte: Int, backwards: Bool)
    /// Puts the cursor of the list on a run.
    case locateRun(RunID)
    case loadHolds(RunID)
    case loadFamily(RunID)
    case loadVariables(Node, RunID)
    /// What can be edited about a node.
    case readEditable(Node, RunID)
    case readHeldEditable(Address, RunID)
    case findStale(RunID, PendingEdits)
    case compare(ComparedPair)
    case stopComparing

    // The world outside.
    /// To the terminal's clipboard.
    case copy(String, name: String)
    /// In `$PAGER`.
    case page(String)
    /// In `$EDITOR`; what became of it comes back with the use it is for.
    case edit(String, EditUse)
    case suspend
    case redraw
    // Runs of this process, and going back to stored ones.
    case cancelRun(RunID)
    /// Stops all of them.
    case cancelAll
    /// Ends all of them where they stand, so that they can be resumed.
    case leaveHeld
    case pause(RunID, Bool)
    case step(RunID)
    case setHoldRules(RunID, [String])
    case decide(RunID, [HoldID], Hold.Decision, NodeEdit?)
    case checkCode(NodeEdit, RunID)
    case forecast(NodeEdit, RunID)
    case rerun(NodeEdit, RunID, times: Int)
    case fork(NodeEdit, RunID)
    case resume(RunID)
    case describe(RunID, name: String?, note: String?)

    /// Whether what stands on the terminal afterwards is no longer what was drawn last.
    var disturbsScreen: Bool {
        switch self {
        case .page, .edit, .suspend, .redraw: true
        default: false
        }
    }
}
