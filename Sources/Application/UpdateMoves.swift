// Moving: the cursor of a list, the rows of a tree, the lines of a text.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    mutating func move(_ action: Action) -> [Command] {
        switch focus {
        case .runs: moveInRuns(action)
        case .tree: return moveInTree(action)
        case .detail: return moveInDetail(action)
        }
        return []
    }

    private func rows(_ action: Action, page: Int) -> Int? {
        switch action {
        case .moveDown: 1
        case .moveUp: -1
        case .pageDown: max(1, page - 1)
        case .pageUp: -max(1, page - 1)
        case .halfPageDown: max(1, page / 2)
        case .halfPageUp: -max(1, page / 2)
        default: nil
        }
    }

    private mutating func moveInRuns(_ action: Action) {
        if let rows = rows(action, page: runsHeight) { return runs.select(runs.selected + rows) }
        switch action {
        case .first: runs.select(0)
        case .last: runs.select(runs.total - 1)
        case .open: openSelectedRun()
        default: break
        }
    }

    // MARK: Tree

    private mutating func moveInTree(_ action: Action) -> [Command] {
        guard let open else { return [] }
        // The hand has it now.
        self.open?.isFollowing = false
        if let rows = rows(action, page: treeHeight) {
            self.open?.select(row: open.selectedRow + rows)
            return []
        }
        switch action {
        case .first: self.open?.select(row: 0)
        case .last: self.open?.select(row: open.rows.count - 1)
        case .open: openUnderCursor()
        case .left: closeUnderCursor()
        case .right: return descend()
        case .parent: goToParent()
        case .nextProblem: goToProblem(backwards: false)
        case .previousProblem: goToProblem(backwards: true)
        default: break
        }
        return []
    }

    private mutating func openUnderCursor() {
        guard let open else { return }
        if case .queued(let parent) = open.cursor { self.open?.unfoldQueue(of: parent) } else { focus = .detail }
    }

    private mutating func closeUnderCursor() {
        guard let open else { return }
        if case .node(let path) = open.cursor, !path.isEmpty, open.rows.isOpen(path),
            open.node(at: path).map(open.canOpen) == true
        {
            self.open?.close(path)
        } else {
            goToParent()
        }
    }

    private mutating func descend() -> [Command] {
        guard let open, case .node(let path) = open.cursor, let node = open.node(at: path) else { return [] }
        guard open.canOpen(node) else {
            notice = .notice("\(node.address) has nothing below it; Enter opens its detail.")
            return []
        }
        if open.rows.isOpen(path) {
            self.open?.select(row: open.selectedRow + 1)
            return []
        }
        return [.readBranch(path, node, opening: true)]
    }

    private mutating func goToParent() {
        guard let open else { return }
        switch open.cursor {
        case .queued(let parent): self.open?.select(parent)
        case .node(let path) where !path.isEmpty: self.open?.select(Array(path.dropLast()))
        case .node: break
        }
    }

    private mutating func goToProblem(backwards: Bool) {
        let found = findRow(backwards: backwards) { node in
            [.failed, .held, .limited].contains(node.status) || node.failure != nil || node.freshness != .fresh
        }
        guard !found else { return }
        notice = .notice("Nothing failed, held, limited or stale among the rows read so far.")
    }

    /// Looks through the rows that have been read, round the end, and puts the cursor on the first that fits.
    mutating func findRow(backwards: Bool, _ fits: (Node) -> Bool) -> Bool {
        guard let open else { return false }
        let count = open.rows.count
        let start = open.selectedRow
        for step in 1..<min(count, Self.searchedRows) + 1 {
            let row = ((start + (backwards ? -step : step)) % count + count) % count
            guard case .node(let path)? = open.rows.row(at: row), let node = open.node(at: path), fits(node) else {
                continue
            }
            self.open?.isFollowing = false
            self.open?.select(row: row)
            return true
        }
        return false
    }

    /// Rows looked through at most, so that a search in a million of them stays short.
    private static let searchedRows = 50_000

    // MARK: Detail

    private mutating func moveInDetail(_ action: Action) -> [Command] {
        switch action {
        case .parent, .nextProblem, .previousProblem:
            return moveInTree(action)
        default: break
        }
        guard let size = textSize, var detail = open?.detail else { return [] }
        open?.isFollowing = false
        if let rows = rows(action, page: size.rows) {
            detail.scroll.move(by: rows, in: detail.document, size: size)
        } else if action == .first {
            detail.scroll.moveToStart()
        } else if action == .last {
            detail.scroll.moveToEnd(of: detail.document, size: size)
        }
        open?.detail = detail
        return []
    }
}
