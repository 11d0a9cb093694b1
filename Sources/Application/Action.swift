// Everything a key can do, with the words help and palette use for it.

package import Views

package enum Action: String, CaseIterable, Hashable, Sendable {
    case moveDown = "move-down"
    case moveUp = "move-up"
    case pageDown = "page-down"
    case pageUp = "page-up"
    case halfPageDown = "half-page-down"
    case halfPageUp = "half-page-up"
    case first, last, left, right
    case open
    case back
    case parent
    case nextSibling = "next-sibling"
    case previousSibling = "previous-sibling"
    case nextSection = "next-section"
    case previousSection = "previous-section"
    case nextProblem = "next-problem"
    case previousProblem = "previous-problem"
    case nextPane = "next-pane"
    case previousPane = "previous-pane"
    case showRuns = "runs"
    case showTree = "tree"
    case showDetail = "detail"
    case showMap = "map"
    case zoom
    case search
    case searchNext = "search-next"
    case searchPrevious = "search-previous"
    case follow
    case blocks
    case wrap
    case copy
    case pager
    case cancelRun = "cancel-run"
    case pause
    case step
    case holdRules = "hold-rules"
    case showHeld = "held"
    case letGo = "let-go"
    case letAllGo = "let-all-go"
    case edit
    case undo
    case redo
    case rerun
    case continueRun = "continue"
    case resume
    case showForks = "forks"
    case compare
    case showVariables = "variables"
    case mark
    case commands
    case help
    case redraw
    case suspend
    case quit

    /// The heading it stands under in the help.
    package enum Group: String, CaseIterable, Sendable {
        case moving = "Moving"
        case looking = "Looking"
        case run = "The run"
        case holding = "Pause and hold"
        case travel = "Change and run again"
        case program = "The program"
    }

    package var group: Group {
        switch self {
        case .moveDown, .moveUp, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last, .left, .right, .parent,
            .nextSibling, .previousSibling, .nextSection, .previousSection, .nextProblem, .previousProblem, .search,
            .searchNext, .searchPrevious:
            .moving
        case .open, .back, .nextPane, .previousPane, .showRuns, .showTree, .showDetail, .showMap, .zoom, .blocks, .wrap:
            .looking
        case .follow, .copy, .pager, .cancelRun: .run
        case .pause, .step, .holdRules, .showHeld, .letGo, .letAllGo: .holding
        case .edit, .undo, .redo, .rerun, .continueRun, .resume, .showForks, .compare, .showVariables, .mark: .travel
        case .commands, .help, .redraw, .suspend, .quit: .program
        }
    }

    /// What it does, for a pane; nil where it does nothing there.
    package func text(in pane: Pane) -> String? {
        pane.isWide ? wideText(pane) : columnText(pane)
    }

    private func columnText(_ pane: Pane) -> String? {
        switch self {
        case .moveDown: pane == .detail ? "scroll down a line" : "next row"
        case .moveUp: pane == .detail ? "scroll up a line" : "previous row"
        case .pageDown: "a page down"
        case .pageUp: "a page up"
        case .halfPageDown: "half a page down"
        case .halfPageUp: "half a page up"
        case .first: pane == .detail ? "beginning of the text" : "first row"
        case .last: pane == .detail ? "end of the text" : "last row"
        case .left:
            switch pane {
            case .tree: "close, or go to the node above"
            case .detail: "to the left, where long lines are cut"
            default: nil
            }
        case .right:
            switch pane {
            case .tree: "open, or go to the first node below"
            case .detail: "to the right, where long lines are cut"
            default: nil
            }
        case .open: openText(pane)
        case .back: pane == .runs ? "leave, by q alone" : "back to where you came from"
        case .parent: pane == .runs ? nil : "the node above"
        case .nextSibling: pane == .runs ? nil : "the next node under the same one"
        case .previousSibling: pane == .runs ? nil : "the previous node under the same one"
        case .nextSection: pane == .detail ? "next section" : nil
        case .previousSection: pane == .detail ? "previous section" : nil
        case .nextProblem: pane == .runs ? nil : "next failed, cancelled, limited, held or stale node"
        case .previousProblem: pane == .runs ? nil : "previous failed, cancelled, limited, held or stale node"
        case .nextPane: "focus the next pane"
        case .previousPane: "focus the previous pane"
        case .showRuns: "the list of runs"
        case .showTree: "the call tree"
        case .showDetail: "the detail of the node under the cursor"
        case .showMap: pane == .runs ? nil : "the context map: what was read, by whom, and what nobody looked at"
        case .zoom: "give the focused pane the whole screen, or back"
        case .search:
            switch pane {
            case .runs: "search in the runs read so far"
            case .detail: "search in this text, and in the run where it is not in it"
            default: "search titles, prompts, answers, code and output of the run"
            }
        case .searchNext: "next match"
        case .searchPrevious: "previous match"
        case .follow: pane == .runs ? nil : "follow a live run: what runs, waits and failed stays in view"
        case .blocks: pane == .runs ? nil : "rows for code blocks: always, or only where an iteration has several"
        case .wrap: pane == .detail ? "wrap long lines, or cut them" : nil
        case .copy:
            pane == .runs
                ? "copy the run's question, answer or id"
                : "copy prompt, response, code, output … to the clipboard (OSC 52)"
        case .pager:
            pane == .runs ? "the run's question or answer in $PAGER" : "prompt, response, code, output … in $PAGER"
        case .cancelRun:
            pane == .runs
                ? "stop the run that is going on in this program"
                : "drop what is held here, or stop the run"
        case .pause: "pause the run, or let it go on"
        case .step: "let one request of a paused run leave"
        case .holdRules: "hold what comes, by rule"
        case .showHeld: pane == .runs ? nil : "what is held and waits for you"
        case .letGo: pane == .runs ? nil : "let what is held here go on"
        case .letAllGo: pane == .runs ? nil : "let all that is held go on"
        case .edit: pane == .runs ? nil : "change the node, to be run later"
        case .undo: pane == .runs ? nil : "take back a change that was not run"
        case .redo: pane == .runs ? nil : "make it again"
        case .rerun: pane == .runs ? nil : "run the node again, alone"
        case .continueRun: pane == .runs ? nil : "continue from the node, as a fork"
        case .resume: "go on with a run that was broken off"
        case .showForks: "the family of the run: its forks"
        case .compare: pane == .runs ? nil : "compare marks, attempts, or fork and original"
        case .showVariables: pane == .runs ? nil : "the REPL's variables after the node"
        case .mark: pane == .runs ? nil : "mark the node, to be compared"
        case .commands: "all commands"
        case .help: "help for this view"
        case .redraw: "draw the screen again"
        case .suspend: "suspend to the shell"
        case .quit: "quit"
        }
    }

    private func openText(_ pane: Pane) -> String? {
        switch pane {
        case .runs: "open the run"
        case .tree: "open the detail; on a row of queued calls, show them one by one"
        case .detail: "show the lines that are folded, or fold them"
        case .held: "go to the node that is held"
        case .forks: "open the run"
        case .forecast: "continue, as it says here"
        case .comparison, .variables: nil
        }
    }

    /// What it does in a pane that has the whole body.
    private func wideText(_ pane: Pane) -> String? {
        let isList = pane == .held || pane == .forks
        switch self {
        case .moveDown: return isList ? "next row" : "scroll down a line"
        case .moveUp: return isList ? "previous row" : "scroll up a line"
        case .pageDown: return "a page down"
        case .pageUp: return "a page up"
        case .halfPageDown: return "half a page down"
        case .halfPageUp: return "half a page up"
        case .first: return isList ? "first row" : "beginning of the text"
        case .last: return isList ? "last row" : "end of the text"
        case .left: return isList ? nil : "to the left, where long lines are cut"
        case .right: return isList ? nil : "to the right, where long lines are cut"
        case .nextSection: return isList ? nil : "next section"
        case .previousSection: return isList ? nil : "previous section"
        case .wrap: return isList ? nil : "wrap long lines, or cut them"
        case .open: return openText(pane)
        case .back: return "back to where you came from"
        case .showRuns: return "the list of runs"
        case .showTree: return "the call tree"
        case .showDetail: return "the detail of the node under the cursor"
        case .showMap: return "the context map: what was read, by whom, and what nobody looked at"
        case .showHeld: return pane == .held ? nil : "what is held and waits for you"
        case .showForks: return pane == .forks ? nil : "the family of the run: its forks"
        case .cancelRun: return pane == .held ? "drop what is under the cursor: its code sees a failed sub-call" : nil
        case .letGo: return pane == .held ? "let it go, with what was changed about it" : nil
        case .letAllGo: return pane == .held ? "let all that is held go on" : nil
        case .edit:
            switch pane {
            case .held: return "change it before it goes on, or answer it by hand"
            case .forks: return "give the run a name or a note"
            default: return nil
            }
        case .pause, .step, .holdRules: return pane == .held ? columnText(.tree) : nil
        case .mark: return pane == .forks ? "mark the run, to be compared" : nil
        case .compare:
            return pane == .forks ? "compare the two marked runs, or the one under the cursor with the open one" : nil
        case .commands: return "all commands"
        case .help: return "help for this view"
        case .redraw: return "draw the screen again"
        case .suspend: return "suspend to the shell"
        case .quit: return "quit"
        case .parent, .nextSibling, .previousSibling, .nextProblem, .previousProblem, .nextPane, .previousPane, .zoom,
            .search, .searchNext, .searchPrevious, .follow, .blocks, .copy, .pager, .undo, .redo, .rerun, .continueRun,
            .resume, .showVariables:
            return nil
        }
    }
}
