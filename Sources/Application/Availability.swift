// Why an action cannot be done just now. Help and palette show it; a key that is pressed all the same says it.

import Trajectory
import Views

extension ExplorerModel {
    /// Nil when the action can be done.
    package func reason(against action: Action) -> String? {
        if action.text(in: focus) == nil { return "not in this view" }
        switch action {
        case .showTree, .showDetail:
            if open == nil, runs.selectedRun == nil { return "no run is open" }
        case .parent, .nextSibling, .previousSibling, .blocks:
            if open == nil { return "no run is open" }
        case .nextProblem, .previousProblem:
            guard let open else { return "no run is open" }
            if !open.hasProblems { return "nothing failed, stopped short, is held or stale" }
        case .nextSection, .previousSection:
            if open?.detail?.document.heading(after: -1, backwards: false) == nil { return "there are no sections" }
        case .left, .right:
            if focus == .detail, open?.wraps == true { return "long lines go on below; w cuts them" }
        case .open:
            if focus == .runs, runs.selectedRun == nil { return "there is no run" }
            if focus == .detail, open?.detail?.document.folds.isEmpty ?? true { return "nothing is folded here" }
        case .follow:
            if open == nil { return "no run is open" }
            if !isOpenRunLive { return "the run is over" }
        case .cancelRun:
            if ownRun == nil { return "no run was started by this program" }
            if !isOwnRunGoing { return "the run is over" }
        case .copy:
            if !abilities.canCopy { return "this screen has no clipboard" }
            if focus == .runs ? runs.selectedRun == nil : open?.root == nil { return "nothing is selected" }
        case .pager:
            if !abilities.canPage { return "this screen cannot be lent to a pager" }
            if focus == .runs ? runs.selectedRun == nil : open?.root == nil { return "nothing is selected" }
        case .suspend:
            if !abilities.canSuspend { return "this screen cannot be suspended" }
        case .searchNext, .searchPrevious:
            if pattern(for: focus) == nil { return "nothing was searched for; / begins a search" }
        case .nextPane, .previousPane:
            if layout.panes.count < 2, open == nil { return "there is one pane" }
        case .zoom:
            if !isZoomed, layout.panes.count < 2 { return "the pane has the whole screen" }
        case .moveDown, .moveUp, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last, .back,
            .showRuns, .search, .wrap, .commands, .help, .redraw, .quit:
            break
        }
        return nil
    }
}
