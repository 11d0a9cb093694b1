// Moving: the cursor of a list, the rows of a tree, the lines of a text.

import Terminal
import Trajectory
import TrajectoryStore
import Views

extension ExplorerModel {
    mutating func move(_ action: Action) -> [Command] {
        switch focus {
        case .runs: return moveInRuns(action)
        case .tree: return moveInTree(action)
        case .detail: return moveInDetail(action)
        case .held, .forks: return moveInList(action)
        case .comparison, .variables, .forecast: return moveInWideText(action)
        }
    }

    func rows(_ action: Action, page: Int) -> Int? {
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

    private mutating func moveInRuns(_ action: Action) -> [Command] {
        if let rows = rows(action, page: runsHeight) {
            runs.select(runs.selected + rows)
            return []
        }
        switch action {
        case .first: runs.select(0)
        case .last: runs.select(runs.total - 1)
        case .open:
            let isSearching = open?.search?.isRunning == true && open?.id != runs.selectedRun?.id
            openSelectedRun()
            return isSearching ? [.stopSearch] : []
        default: break
        }
        return []
    }

    // MARK: Tree

    private mutating func moveInTree(_ action: Action) -> [Command] {
        guard let open else { return [] }
        // A person moves the cursor now, so it stays where they put it.
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
        case .nextSibling: goToSibling(by: 1)
        case .previousSibling: goToSibling(by: -1)
        default: break
        }
        return []
    }

    private mutating func openUnderCursor() {
        guard let open else { return }
        switch open.cursor {
        case .queued(let parent): self.open?.unfoldQueue(of: parent)
        case .finished(let parent, _): self.open?.unfoldFinished(of: parent)
        case .node: focus = .detail
        }
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
        case .queued(let parent), .finished(let parent, _): self.open?.select(parent)
        case .node(let path) where !path.isEmpty: self.open?.select(Array(path.dropLast()))
        case .node: break
        }
    }

    /// The node before or after, under the same one.
    private mutating func goToSibling(by step: Int) {
        guard let open, let slot = open.cursor.path.last else { return }
        let parent = Array(open.cursor.path.dropLast())
        guard !open.cursor.isOnFold, let counts = open.rows.counts(of: parent) else {
            self.open?.select(row: open.selectedRow + step)
            return
        }
        let (number, count, noun): (Int, Int, String)
        let target: TreeRows.Slot
        switch slot {
        case .block(let block):
            (number, count, noun) = (block, counts.blocks, "code block")
            target = .block(block + step)
        case .child(let child):
            (number, count, noun) = (child, counts.children, parent.count % 2 == 0 ? "iteration" : "sub-call")
            target = .child(child + step)
        }
        guard (0..<count).contains(number + step) else {
            notice = .quiet(step > 0 ? "This is the last \(noun)." : "This is the first \(noun).")
            return
        }
        self.open?.reveal(parent + [target])
        notice = .quiet("\(noun) \(number + step + 1) of \(pen.figures.grouped(count))")
    }

    /// Goes to the next node of the run that failed, was cancelled, met a limit, is held or stale, wherever it is.
    mutating func goToProblem(backwards: Bool) -> [Command] {
        guard let open, let here = open.selectedNode?.address else { return [] }
        guard open.stale.isEmpty else {
            return [.findProblemOrStale(after: here, open.id, open.stale, backwards: backwards)]
        }
        return [.findProblem(after: here, open.id, backwards: backwards)]
    }

    mutating func take(_ problem: FoundProblem?, backwards: Bool) -> [Command] {
        guard let open else { return [] }
        guard let problem else {
            // It has been mended since it was counted.
            self.open?.problemCounts = [:]
            notice = .notice("Nothing failed, stopped short, is held or stale.")
            return []
        }
        let place = Located(
            address: problem.address, place: problem.index, total: problem.count, isWrapped: problem.isWrapped)
        notice = .notice("problem \(place.words(backwards: backwards)): \(problem.problem.rawValue)")
        return [.reveal(problem.address, open.id)]
    }

    // MARK: Detail

    private mutating func moveInDetail(_ action: Action) -> [Command] {
        switch action {
        case .parent, .nextSibling, .previousSibling: return moveInTree(action)
        default: break
        }
        guard let size = textSize, var detail = open?.detail else { return [] }
        open?.isFollowing = false
        switch action {
        case .open:
            toggleFold(size)
            return []
        case .nextSection, .previousSection:
            goToSection(backwards: action == .previousSection, size)
            return []
        default: break
        }
        if let rows = rows(action, page: size.rows) {
            detail.scroll.move(by: rows, in: detail.document, size: size)
        } else {
            switch action {
            case .first: detail.scroll.moveToStart()
            case .last: detail.scroll.moveToEnd(of: detail.document, size: size)
            case .left, .right:
                let columns = action == .right ? Self.sidewaysColumns : -Self.sidewaysColumns
                if !detail.scroll.moveSideways(by: columns, in: detail.document, size: size) {
                    notice = .quiet(action == .right ? "No line here goes on further." : "Lines begin here.")
                }
            default: break
            }
        }
        open?.detail = detail
        return []
    }

    /// Columns a step sideways.
    static let sidewaysColumns = 8

    /// Opens or closes the first fold on the screen; where there is none, all of them.
    private mutating func toggleFold(_ size: Size) {
        guard let detail = open?.detail else { return }
        let shown = detail.scroll.visibleRows(of: detail.document, size: size).map(\.line)
        guard let fold = shown.lazy.compactMap({ detail.document.fold(at: $0) }).first else {
            let isOpening = detail.document.folds.contains { !$0.isOpen }
            unfoldAll(isOpening)
            notice = .quiet(isOpening ? "All lines are shown." : "Long parts are folded.")
            return
        }
        if fold.isOpen { open?.detail?.unfolded.remove(fold.id) } else { open?.detail?.unfolded.insert(fold.id) }
        writeDocument()
    }

    private mutating func goToSection(backwards: Bool, _ size: Size) {
        guard var detail = open?.detail else { return }
        let shown = detail.scroll.visibleRows(of: detail.document, size: size).map(\.line)
        let from = detail.sectionLine.flatMap { shown.contains($0) ? $0 : nil } ?? detail.scroll.line
        guard let heading = detail.document.heading(after: from, backwards: backwards) else {
            notice = .quiet(backwards ? "This is the first section." : "This is the last section.")
            return
        }
        detail.sectionLine = heading.line
        detail.scroll.line = heading.line
        detail.scroll.row = 0
        notice = .quiet(heading.title)
        open?.detail = detail
    }
}
