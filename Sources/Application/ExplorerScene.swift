// From the state to what the views draw.

package import Terminal
import Trajectory
package import Views

extension ExplorerModel {
    /// The whole screen for this state.
    package func draw() -> Surface { ExplorerView.draw(scene, pen: pen) }

    package var scene: Scene {
        let layout = layout
        return Scene(
            layout: layout,
            focus: focus,
            header: headerRun,
            placeholder: placeholder,
            runs: runsPane,
            tree: layout.tree == nil ? nil : treePane,
            detail: layout.detail == nil ? nil : detailPane,
            wide: layout.wide == nil ? nil : widePane,
            peek: layout.peek == nil ? nil : peek,
            keyLine: keyLine,
            overlay: sceneOverlay,
            band: layout.band.flatMap { open?.bandLine(width: $0.width) }
        )
    }

    /// The run the top lines are about: the open one, or the one under the cursor while the list has the focus.
    private var headerRun: RunHeader? {
        if focus == .runs, let run = runs.selectedRun { return header(run) }
        return open?.run.map(header) ?? runs.selectedRun.map(header)
    }

    private var placeholder: String {
        if open != nil { return "rlm-tui" }
        return storePath.isEmpty ? "rlm-tui" : "rlm-tui · \(storePath)"
    }

    private var runsPane: RunsPane {
        RunsPane(
            rows: visibleRuns.map { runs.run(at: $0).map(header) },
            first: runs.top,
            total: runs.total,
            selected: runs.selected,
            openRow: open.flatMap { runs.row(of: $0.id) }
        )
    }

    // MARK: Tree

    private var treePane: TreePane? {
        guard let open else { return nil }
        let rows = visibleTree.map { content(ofRow: $0, in: open) }
        var pane = TreePane(
            rows: rows,
            first: open.top,
            total: open.rows.count,
            selected: open.selectedRow,
            isFollowing: open.isFollowing && isOpenRunLive,
            isRunLive: isOpenRunLive,
            hint: hint(open),
            pattern: open.search?.pattern
        )
        pane.above = node(onRow: visibleTree.lowerBound - 1, in: open)
        pane.below = node(onRow: visibleTree.upperBound, in: open)
        return pane
    }

    private func node(onRow row: Int, in open: OpenRun) -> Node? {
        guard case .node(let path)? = open.rows.row(at: row) else { return nil }
        return open.node(at: path)
    }

    private func content(ofRow row: Int, in open: OpenRun) -> TreeRowContent {
        switch open.rows.row(at: row) {
        case .node(let path):
            guard let node = open.node(at: path) else { return .loading(level: path.count) }
            let canOpen = open.canOpen(node)
            let isMarked = open.marked.contains(node.address)
            return .node(
                open.marked(withPreview(node, in: open)), isMarked: isMarked, isOpen: canOpen && open.rows.isOpen(path),
                canOpen: canOpen)
        case .queued(let parent, let children):
            return .queued(first: children.lowerBound + 1, last: children.upperBound, level: parent.count + 1)
        case .finished(let parent, let children):
            return .finished(first: children.lowerBound + 1, last: children.upperBound, level: parent.count + 1)
        case nil: return .loading(level: 0)
        }
    }

    /// A sub-call's row says which slice of the context it was given, where that is known.
    private func withPreview(_ node: Node, in open: OpenRun) -> Node {
        guard node.kind == .llm || node.kind == .rlm, let preview = open.previews[node.address] else { return node }
        var node = node
        node.title = preview
        return node
    }

    /// What a tree without branches has to say.
    private func hint(_ open: OpenRun) -> String? {
        guard let run = open.run, let root = open.root else { return nil }
        if root.childCount == 0 {
            if isOpenRunLive { return "Waiting for the first answer of \(run.model ?? "the model")." }
            return "This run ended before its first iteration. Enter on the root says why."
        }
        guard run.status.isFinal, run.calls.total <= 1 else { return nil }
        return run.status == .succeeded
            ? "No sub-calls: the model answered without asking another." : "It ended before any sub-call."
    }

    // MARK: Detail and peek

    private var detailPane: DetailPane? {
        guard let open, let node = open.selectedNode else { return nil }
        let documents = NodeDocuments(pen: pen)
        let isRead = open.detail.map { $0.path == open.cursor.path } ?? false
        return DetailPane(
            title: node.address.description,
            subtitle: documents.subtitle(of: node, in: open.run),
            document: isRead ? open.detail?.document ?? Document() : Document(),
            scroll: isRead ? open.detail?.scroll ?? DocumentScroll() : DocumentScroll()
        )
    }

    private var peek: PeekView.Subject? {
        if focus == .runs { return runs.selectedRun.map { .run(header($0)) } }
        guard let open else { return nil }
        switch open.cursor.isOnFold ? open.rows.row(at: open.selectedRow) : nil {
        case .queued(_, let children)?:
            return .folded(first: children.lowerBound + 1, last: children.upperBound, isQueued: true)
        case .finished(_, let children)?:
            return .folded(first: children.lowerBound + 1, last: children.upperBound, isQueued: false)
        case .node?, nil: break
        }
        // The root's peek is the run's: its answer, or why there is none.
        if open.cursor.path.isEmpty, let run = open.run, open.root != nil { return .run(header(run)) }
        return open.selectedNode.map { .node($0) }
    }

    // MARK: Bottom line and overlays

    private var keyLine: KeyLine {
        switch waiting {
        case .pattern(let line, _), .contextPattern(let line): return .input(prompt: "/", line)
        case .leaving:
            if hasOwnHolds {
                return .question(
                    "\(heldWords): l leave it so, s stop it and leave, k keep watching")
            }
            let runs =
                ownRuns.going.count > 1 ? "\(ownRuns.going.count) runs are still going" : "The run is still going"
            return .question("\(runs): s stop \(ownRuns.going.count > 1 ? "them" : "it") and leave, k keep watching")
        case .cancelling: return .question("Stop the run? What it has paid for is kept. y stop it, n go on")
        case .dropping(let hold):
            return .question("Drop \(hold.address)? Its code sees a failed sub-call. y drop it, n keep it")
        case .holdRules(let line, _, let place?, let reason):
            return .refusedInput(prompt: Self.holdPrompt, line, at: place, reason: reason)
        case .holdRules(let line, _, nil, _): return .input(prompt: Self.holdPrompt, line)
        case .editing(let line, _, let address, let part):
            return .input(prompt: "\(part.rawValue) of \(address): ", line)
        case .times(let line, let edit): return .input(prompt: "run \(edit.address) again, times: ", line)
        case .describing(let line, _, let isNote): return .input(prompt: isNote ? "note: " : "name: ", line)
        case nil: break
        }
        if case .commands(let line, _) = overlay { return .input(prompt: ":", line) }
        if let notice { return notice }
        if let storeWaiting { return .error(storeWaiting) }
        return .keys(hints)
    }

    private static let holdPrompt = "hold: "

    private var heldWords: String {
        let count = open?.holds?.count ?? 0
        if count == 0 { return "The run is paused" }
        return count == 1 ? "1 node is held" : "\(pen.figures.grouped(count)) nodes are held"
    }

    /// The keys that matter here and can be used now, the one that leads back last.
    private var hints: [KeyLine.Hint] {
        switch overlay {
        case .texts, .parts, .describing:
            return [KeyLine.Hint(key: KeyMap.label(.enter, glyphs: glyphs), label: "choose"), hint(.back, "close")]
        case .map:
            return [
                KeyLine.Hint(key: KeyMap.label(.enter, glyphs: glyphs), label: "who read it"),
                hint(.nextProblem, "next unread"), hint(.search, "find"), KeyLine.Hint(key: "+", label: "zoom"),
                hint(.nextPane, "text"), hint(.help, "help"), hint(.back, "back"),
            ]
        case .help, .commands: return [hint(.moveDown, "more"), hint(.back, "close"), hint(.commands, "commands")]
        case nil: break
        }
        let wanted: [(Action, String)] =
            switch focus {
            case .runs:
                [(.open, "open"), (.search, "search"), (.copy, "copy"), (.cancelRun, "stop"), (.commands, "commands")]
            case .held:
                [
                    (.letGo, "let go"), (.edit, "edit"), (.cancelRun, "drop"), (.letAllGo, "all"), (.open, "go there"),
                    (.step, "step"),
                ]
            case .forks: [(.open, "open"), (.compare, "compare"), (.mark, "mark"), (.edit, "name")]
            case .forecast: [(.open, "continue"), (.nextSection, "section")]
            case .comparison: [(.nextSection, "next node"), (.previousSection, "previous"), (.wrap, "cut lines")]
            case .variables: [(.wrap, "cut lines")]
            case .tree where heldUnderCursor != nil:
                [(.letGo, "let go"), (.edit, "edit"), (.cancelRun, "drop"), (.letAllGo, "all"), (.open, "open")]
            case .tree where open?.edits.isEmpty == false:
                [
                    (.continueRun, "continue"), (.rerun, "try alone"), (.edit, "edit"), (.undo, "undo"),
                    (.nextProblem, "next stale"), (.open, "open"),
                ]
            case .tree:
                [
                    (.open, open?.cursor.isOnFold == true ? "show" : "open"),
                    (.showHeld, "held"), (.resume, "resume"),
                    (.pause, isPaused ? "go on" : "pause"), (.step, "step"), (.cancelRun, "stop"),
                    (.nextProblem, "next problem"), (.follow, "follow"), (.edit, "edit"), (.search, "search"),
                    (.searchNext, "next match"), (.copy, "copy"),
                ]
            case .detail:
                [
                    (.open, "unfold"), (.cancelRun, "stop"), (.nextSection, "section"), (.nextSibling, "next node"),
                    (.search, "search"), (.searchNext, "next match"), (.wrap, wrapsLines ? "cut lines" : "wrap"),
                    (.copy, "copy"),
                ]
            }
        let possible = wanted.filter { action, _ in
            // Following is offered to who does not follow.
            reason(against: action) == nil && !(action == .follow && open?.isFollowing == true)
                && !(action == .showHeld && open?.holds?.isEmpty ?? true)
        }
        let isOut = !isZoomed && !focus.isWide && (focus == base || focus == .runs)
        return possible.prefix(5).map { hint($0.0, $0.1) } + [
            hint(.help, "help"), hint(.back, isOut ? "leave" : "back"),
        ]
    }

    private var wrapsLines: Bool { open?.wraps ?? true }
    private var isPaused: Bool { commandedRun.map { ownRuns.paused.contains($0) } ?? false }

    private func hint(_ action: Action, _ label: String) -> KeyLine.Hint {
        KeyLine.Hint(key: keyMap.keys(for: action).first.map { KeyMap.label($0, glyphs: glyphs) } ?? ":", label: label)
    }

    private var sceneOverlay: Scene.Overlay? {
        switch overlay {
        case nil: return nil
        case .help(let pane, let first):
            let groups = keyMap.help(for: pane, glyphs: glyphs) { reason(against: $0) }
            return .help(title: "Help · \(pane.title)", groups: groups, first: first)
        case .texts(let menu, _, _), .parts(let menu, _, _), .describing(let menu, _): return .choice(menu)
        case .map(let cursor): return .map(mapPane(cursor))
        case .commands(let line, let selected):
            let lines = commands(matching: line.text).compactMap {
                keyMap.line($0, focus, glyphs, reason(against: $0))
            }
            return .commands(lines, selected: selected)
        }
    }
}
