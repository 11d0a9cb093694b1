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
        case program = "The program"
    }

    package var group: Group {
        switch self {
        case .moveDown, .moveUp, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last, .left, .right, .parent,
            .nextSibling, .previousSibling, .nextSection, .previousSection, .nextProblem, .previousProblem, .search,
            .searchNext, .searchPrevious:
            .moving
        case .open, .back, .nextPane, .previousPane, .showRuns, .showTree, .showDetail, .zoom, .blocks, .wrap: .looking
        case .follow, .copy, .pager, .cancelRun: .run
        case .commands, .help, .redraw, .suspend, .quit: .program
        }
    }

    /// What it does, for a pane; nil where it does nothing there.
    package func text(in pane: Pane) -> String? {
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
            case .runs: nil
            case .tree: "close, or go to the node above"
            case .detail: "to the left, where long lines are cut"
            }
        case .right:
            switch pane {
            case .runs: nil
            case .tree: "open, or go to the first node below"
            case .detail: "to the right, where long lines are cut"
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
        case .zoom: "give the focused pane the whole screen, or back"
        case .search:
            switch pane {
            case .runs: "search in the runs read so far"
            case .tree: "search titles, prompts, answers, code and output of the run"
            case .detail: "search in this text, and in the run where it is not in it"
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
        case .cancelRun: "stop the run that is going on in this program"
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
        }
    }
}
