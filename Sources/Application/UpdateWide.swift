// The views that have the whole body: getting there and back, and moving in them.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    /// The text that has the whole body.
    var wideText: WideText? {
        switch focus {
        case .comparison: comparison?.text
        case .variables: variables
        case .forecast: forecast?.text
        default: nil
        }
    }

    mutating func setWideText(_ text: WideText) {
        switch focus {
        case .comparison: comparison?.text = text
        case .variables: variables = text
        case .forecast: forecast?.text = text
        default: break
        }
    }

    mutating func showWide(_ pane: Pane) {
        if !focus.isWide {
            focusBefore = focus == .runs && open != nil ? .tree : focus
        } else if pane == .comparison {
            comparisonFrom = focus
        }
        focus = pane
    }

    /// Back to where one came from.
    mutating func leaveWide() -> [Command] {
        let left = focus
        if left == .comparison, let from = comparisonFrom {
            focus = from
            comparisonFrom = nil
        } else {
            focus = focusBefore
        }
        if left == .forecast { forecast = nil }
        return left == .comparison ? [.stopComparing] : []
    }

    var listCount: Int { focus == .forks ? forks.family.count : open?.holds?.count ?? 0 }

    mutating func moveInList(_ action: Action) -> [Command] {
        let count = listCount
        let cursor = focus == .forks ? forks.cursor : held
        func select(_ row: Int, _ model: inout ExplorerModel) {
            if model.focus == .forks {
                model.forks.cursor.select(row, of: count)
            } else {
                model.held.select(row, of: count)
            }
        }
        if let rows = rows(action, page: listHeight) {
            select(cursor.selected + rows, &self)
            return []
        }
        switch action {
        case .first: select(0, &self)
        case .last: select(count - 1, &self)
        case .open: return openInList()
        default: break
        }
        return []
    }

    private mutating func openInList() -> [Command] {
        if focus == .forks {
            guard let run = forks.selectedRun else { return [] }
            if open?.id != run.id { open(run.id, isFollowing: header(run).isLive(at: now)) }
            focus = .tree
            return [.stopSearch]
        }
        guard let open, let hold = heldUnderCursor else { return [] }
        focus = .tree
        return [.reveal(hold.address, open.id)]
    }

    mutating func moveInWideText(_ action: Action) -> [Command] {
        if action == .open, focus == .forecast { return continueAsForecast() }
        guard var text = wideText, let size = wideTextSize else { return [] }
        if let rows = rows(action, page: size.rows) {
            text.scroll.move(by: rows, in: text.document, size: size)
        } else {
            switch action {
            case .first: text.scroll.moveToStart()
            case .last: text.scroll.moveToEnd(of: text.document, size: size)
            case .left, .right:
                let columns = action == .right ? Self.sidewaysColumns : -Self.sidewaysColumns
                _ = text.scroll.moveSideways(by: columns, in: text.document, size: size)
            case .nextSection, .previousSection:
                let backwards = action == .previousSection
                if let heading = text.document.heading(after: text.scroll.line, backwards: backwards) {
                    text.scroll.line = heading.line
                    text.scroll.row = 0
                } else {
                    notice = .quiet(backwards ? "This is the first section." : "This is the last section.")
                }
            default: break
            }
        }
        setWideText(text)
        return []
    }

    mutating func toggleWideWrap() {
        guard var text = wideText else { return }
        text.scroll.wraps.toggle()
        text.scroll.row = 0
        text.scroll.moveToLeftEdge()
        setWideText(text)
    }

    /// Makes positions right after anything that may have moved them.
    mutating func settleWide() {
        guard focus.isWide else { return }
        let height = listHeight
        held.settle(count: open?.holds?.count ?? 0, height: height)
        forks.cursor.settle(count: forks.family.count, height: height)
        if var text = wideText, let size = wideTextSize {
            text.scroll.settle(in: text.document, size: size)
            setWideText(text)
        }
    }
}
