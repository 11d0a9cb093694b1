// Why an action cannot be done just now. Help and palette show it; a key that is pressed all the same says it.

import ContextMap
import Trajectory
import Views

extension ExplorerModel {
    /// Nil when the action can be done.
    package func reason(against action: Action) -> String? {
        if action.text(in: focus) == nil { return "not in this view" }
        switch action {
        case .showTree, .showDetail:
            if open == nil, runs.selectedRun == nil { return "no run is open" }
        case .showMap:
            guard let open else { return "no run is open" }
            if open.map?.contexts.isEmpty == true { return "this run has no stored context" }
        case .parent, .nextSibling, .previousSibling, .blocks:
            if open == nil { return "no run is open" }
        case .nextProblem, .previousProblem:
            guard let open else { return "no run is open" }
            if !open.hasProblems { return "nothing failed, stopped short, is held or stale" }
        case .nextSection, .previousSection:
            if focus.isWide {
                return wideText?.document.heading(after: -1, backwards: false) == nil ? "there are no sections" : nil
            }
            if open?.detail?.document.heading(after: -1, backwards: false) == nil { return "there are no sections" }
        case .left, .right:
            if !Pane.columns.prefix(2).contains(focus), open?.wraps ?? true {
                return "long lines go on below; w cuts them"
            }
        case .open:
            if focus == .runs, runs.selectedRun == nil { return "there is no run" }
            if focus == .held, heldUnderCursor == nil { return "nothing is held" }
            if focus == .forks, forks.selectedRun == nil { return "there is no run" }
            if focus == .forecast, forecast?.forecast == nil { return "the forecast is being made" }
            if focus == .detail, open?.detail?.document.folds.isEmpty ?? true { return "nothing is folded here" }
        case .follow:
            if open == nil { return "no run is open" }
            if !isOpenRunLive { return "the run is over" }
        case .cancelRun:
            if heldUnderCursor != nil { return nil }
            if ownRuns.started.isEmpty { return "no run was started by this program" }
            if focus == .held { return "nothing is held" }
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
        case .pause, .step, .holdRules, .showHeld, .letGo, .letAllGo, .edit, .undo, .redo, .rerun, .continueRun,
            .resume,
            .showForks, .compare, .showVariables, .mark:
            return reason(againstTravel: action)
        case .moveDown, .moveUp, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last, .back,
            .showRuns, .search, .wrap, .commands, .help, .redraw, .quit:
            break
        }
        return nil
    }

    private func reason(againstTravel action: Action) -> String? {
        switch action {
        case .pause, .step, .holdRules:
            guard let run = commandedRun else {
                return ownRuns.started.isEmpty ? "no run was started by this program" : "the run is over"
            }
            if action == .step, !ownRuns.paused.contains(run) { return "the run is not paused; P pauses it" }
        case .showHeld:
            if open == nil { return "no run is open" }
        case .letGo:
            if open?.holds?.isEmpty ?? true { return "nothing is held" }
            if heldUnderCursor == nil { return "this node is not held; 4 lists what is" }
            return reasonAgainstDeciding
        case .letAllGo:
            if open?.holds?.isEmpty ?? true { return "nothing is held" }
            return reasonAgainstDeciding
        case .edit:
            if focus == .forks { return abilities.canTravel ? nil : Self.readOnly }
            if open?.selectedNode == nil { return "no node is under the cursor" }
            if focus == .held, heldUnderCursor == nil { return "nothing is held" }
            return canChange ? nil : Self.readOnly
        case .undo:
            if open?.edits.canUndo != true { return "nothing was changed that was not run" }
        case .redo:
            if open?.edits.canRedo != true { return "nothing was taken back" }
        case .rerun:
            guard let node = open?.selectedNode else { return "no node is under the cursor" }
            if !abilities.canTravel { return Self.readOnly }
            if node.kind == .rlm { return "a call with iterations runs again by R alone, as a fork" }
            if !node.status.isFinal { return "it has not ended yet" }
        case .continueRun:
            guard let node = open?.selectedNode else { return "no node is under the cursor" }
            if !abilities.canTravel { return Self.readOnly }
            if editToContinue == nil, !node.status.isFinal { return "it has not ended yet" }
        case .resume:
            guard let run = focus == .runs ? runs.selectedRun : open?.run else { return "no run is open" }
            if !abilities.canTravel { return Self.readOnly }
            if header(run).isLive(at: now) { return "the run is going on" }
            if run.origin == .imported { return "an imported run can be forked (R), not gone on with" }
            if run.status == .succeeded { return "the run has its answer; R forks it" }
            if run.status == .limited { return "the run met a limit, and would meet it again; R forks it" }
        case .showForks:
            if focus == .runs ? runs.selectedRun == nil : open == nil { return "no run is open" }
        case .compare:
            if focus == .forks {
                return forksToCompare == nil ? "mark two runs with Space, or go to one that is not open" : nil
            }
            if open == nil { return "no run is open" }
            if pairsToCompare.isEmpty { return "one attempt, no marks and no original: Space marks nodes to compare" }
        case .showVariables, .mark:
            if focus == .forks ? forks.selectedRun == nil : open?.selectedNode == nil {
                return "no node is under the cursor"
            }
        default: break
        }
        return nil
    }

    private static let readOnly = "the store can only be read here"

    /// Whether a change can go anywhere: into a hold of a run of this process, or another attempt.
    private var canChange: Bool { abilities.canTravel || commandedRun != nil }

    private var reasonAgainstDeciding: String? {
        guard let open else { return "no run is open" }
        if ownRuns.going.contains(open.id) || abilities.canTravel && !isOpenRunLive { return nil }
        return isOpenRunLive ? "another program runs it, and decides there" : Self.readOnly
    }
}
