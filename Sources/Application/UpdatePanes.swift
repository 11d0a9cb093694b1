// Which pane has the focus, and what the mouse does to panes.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    /// Gives a pane the focus. The run under the cursor opens when none is open yet.
    mutating func show(_ pane: Pane) {
        if pane != .runs, open == nil { openSelectedRun() }
        guard pane == .runs || open != nil else { return }
        if focus == .forecast { forecast = nil }
        focus = pane
    }

    /// Puts the cursor of the list on the run that is open: going to look for another begins where one is.
    mutating func keepOpenRunUnderCursor() -> [Command] {
        guard focus == .runs, let open, runs.selectedRun?.id != open.id else { return [] }
        guard let row = runs.row(of: open.id) else { return [.locateRun(open.id)] }
        runs.select(row)
        return []
    }

    mutating func openSelectedRun() {
        guard let run = runs.selectedRun else { return }
        if open?.id != run.id { open(run.id, isFollowing: header(run).isLive(at: now)) }
        focus = .tree
    }

    /// Opens a run in place of the one that is open. What was changed in either and not run is kept.
    mutating func open(_ run: RunID, isFollowing: Bool) {
        if let open { edits[open.id] = open.edits.isEmpty && !open.edits.canUndo ? nil : open.edits }
        open = OpenRun(id: run, isFollowing: isFollowing)
        if let kept = edits[run] { open?.edits = kept }
    }

    mutating func cyclePane(by step: Int) {
        // Where one pane is shown at a time, Tab goes round all of them; otherwise round those on the screen.
        let shown = layout.panes
        let panes = shown.count > 1 ? shown : Pane.columns
        let place = panes.firstIndex(of: focus) ?? 0
        show(panes[(place + step + panes.count) % panes.count])
    }

    mutating func mouse(_ event: MouseEvent) -> [Command] {
        let layout = layout
        guard let pane = layout.panes.first(where: { layout.rect(of: $0)?.contains(x: event.x, y: event.y) == true }),
            let rect = layout.rect(of: pane)
        else { return [] }
        switch event.kind {
        case .wheelUp: scroll(pane, by: -3)
        case .wheelDown: scroll(pane, by: 3)
        case .press: return click(pane, row: event.y - rect.y)
        case .release, .middlePress, .rightPress, .drag: break
        }
        return []
    }

    private mutating func scroll(_ pane: Pane, by rows: Int) {
        switch pane {
        case .runs: runs.select(runs.selected + rows)
        case .tree:
            open?.isFollowing = false
            if let row = open?.selectedRow { open?.select(row: row + rows) }
        case .detail:
            guard let size = textSize, let document = open?.detail?.document else { return }
            open?.detail?.scroll.move(by: rows, in: document, size: size)
        case .held: held.select(held.selected + rows, of: listCount)
        case .forks: forks.cursor.select(forks.cursor.selected + rows, of: listCount)
        case .comparison, .variables, .forecast:
            guard var text = wideText, let size = wideTextSize else { return }
            text.scroll.move(by: rows, in: text.document, size: size)
            setWideText(text)
        }
    }

    /// The first click moves the cursor, the next on the same row opens.
    private mutating func click(_ pane: Pane, row: Int) -> [Command] {
        let hadFocus = focus == pane
        focus = pane
        switch pane {
        case .runs:
            let target = runs.top + row - RunsView.headingRows
            guard row >= RunsView.headingRows, target < runs.total else { return [] }
            if hadFocus, target == runs.selected { return perform(.open) }
            runs.select(target)
        case .tree:
            guard let open, row >= TreeView.headingRows else { return [] }
            let target = open.top + row - TreeView.headingRows
            guard target < open.rows.count else { return [] }
            if hadFocus, target == open.selectedRow { return perform(.open) }
            self.open?.isFollowing = false
            self.open?.select(row: target)
        case .held, .forks:
            let cursor = pane == .forks ? forks.cursor : held
            let target = cursor.top + row - 1
            guard row >= 1, row <= listHeight, target < listCount else { return [] }
            if target == cursor.selected { return perform(.open) }
            if pane == .forks { forks.cursor.select(target, of: listCount) } else { held.select(target, of: listCount) }
        case .detail, .comparison, .variables, .forecast: break
        }
        return []
    }
}
