// Everything that can happen to the explorer, as data.

package import Foundation
package import Terminal
package import Trajectory
package import TrajectoryStore
package import Views

/// What happens to the explorer.
package enum ExplorerMessage: Sendable {
    case screen(ScreenEvent)
    /// The time it is now; whether the run of this process still goes on.
    case clock(Date, isOwnRunGoing: Bool)
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
    /// Everything above the node is open.
    case revealed(RunID, TreeRows.Path)
    /// The row of the list where a run is.
    case runLocated(Int)
    /// What a text is after `$EDITOR`; nil where it was left as it was.
    case edited(String?, EditUse)
    /// Something was done that a person asked for.
    case done(String)
    /// Something could not be done, in a sentence.
    case failed(String)
}
