// Everything that can happen to the explorer, as data.

package import Foundation
package import Terminal
package import Trajectory
package import TrajectoryStore
package import Views

/// What happens to the explorer.
package enum ExplorerMessage: Sendable {
    case screen(ScreenEvent)
    /// The time it is now.
    case clock(Date)
    /// How the runs of this process are.
    case ownRuns(OwnRunStates)
    /// Somebody has written to the store.
    case storeChanged
    /// What the store's writer waits for, nil where it does not; and what happened to the store's file.
    case storeSaid(waiting: String?, notices: [String])

    case runsLoaded(count: Int, pages: [Int: [Run]])
    case runLoaded(Run, root: Node)
    case branchRead(TreeRows.Path, BranchReading, opening: Bool)
    case pageLoaded(of: TreeRows.Path, page: Int, [Node])
    case detailLoaded(TreeRows.Path, Node, DetailContent)
    case textsRead(NodeTexts, TextUse)
    case problemsCounted(RunID, [Problem: Int])
    case problemFound(RunID, FoundProblem?, backwards: Bool)
    /// More of what a search has found; `isLast` where it has ended, `isWhole` where it has seen the whole run.
    case searchFound(RunID, SearchPattern, [Address], isLast: Bool, isWhole: Bool)
    /// What of a run waits for a person.
    case holdsLoaded(RunID, [Hold])
    case familyLoaded(RunID, [Run])
    case variablesLoaded(RunID, Address, [Variable])
    /// What can be edited about a node, as it is.
    case editableRead(RunID, EditableTexts)
    /// Nodes that follow from edits which have not run, in the order of addresses.
    case staleFound(RunID, PendingEdits, [Address])
    /// More of what two nodes differ in.
    case compared([ComparedNode], isWhole: Bool)
    case compareFailed(String)
    case forecastMade(NodeEdit, TravelForecast)
    /// Other attempts of a node were made.
    case rerunEnded(RunID, NodeEdit, attempts: [Address], problem: String?)
    /// An engine of this process has begun to work: on a fork, or on a run that was broken off.
    case controlBegun(any RunControl, forkOf: RunID?)
    /// Why Python would not take the code of an edit; nil where it would.
    case codeChecked(RunID, NodeEdit, String?)
    /// The rules of a run could not be set.
    case holdRulesRefused(HoldRuleProblem)
    /// Everything above the node is open.
    case revealed(RunID, TreeRows.Path)
    /// Which parts of a run's contexts were read, and what rows say of sub-calls.
    case mapRead(RunID, ReadMap)
    case contextRead(RunID, ContextPage)
    case contextFound(RunID, FoundInContext)
    /// The row of the list where a run is.
    case runLocated(Int)
    /// What a text is after `$EDITOR`; nil where it was left as it was.
    case edited(String?, EditUse)
    /// Something was done that a person asked for.
    case done(String)
    /// Something could not be done, in a sentence.
    case failed(String)
}
