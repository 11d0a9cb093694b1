// Going back to stored runs: running a node again, continuing from it, and looking at what came of it.

import Foundation
import Terminal
package import Trajectory
import Views

extension ExplorerModel {
    mutating func performTravel(_ action: Action) -> [Command] {
        switch action {
        case .rerun:
            guard let open, let node = open.selectedNode else { return [] }
            waiting = .times(InputLine("1"), open.edits[node.address] ?? NodeEdit(address: node.address))
        case .continueRun:
            guard let open, let edit = editToContinue ?? open.selectedNode.map({ NodeEdit(address: $0.address) }) else {
                return []
            }
            let title = edit.isEmpty ? "\(edit.address), as it was" : "\(edit.address), with another \(edit.words)"
            forecast = ShownForecast(
                run: open.id, edit: edit, text: WideText(title: "Continue from here", subtitle: title))
            writeForecast()
            showWide(.forecast)
            return [.forecast(edit, open.id)]
        case .resume:
            guard let run = focus == .runs ? runs.selectedRun : open?.run else { return [] }
            notice = .notice("Going back to where \(run.id.short) was broken off …")
            return [.resume(run.id)]
        case .showForks:
            if focus == .runs, let run = runs.selectedRun, open?.id != run.id { openSelectedRun() }
            guard let open else { return [] }
            showWide(.forks)
            return [.loadFamily(open.id)]
        case .compare: return compare()
        case .showVariables:
            guard let open, let node = open.selectedNode else { return [] }
            variables = WideText(title: "Variables after \(node.address)")
            showWide(.variables)
            return [.loadVariables(node, open.id)]
        case .mark: toggleMark()
        default: break
        }
        return []
    }

    /// Takes what came of reading holds, forks and edits, and of going back.
    mutating func takeTravel(_ message: ExplorerMessage) -> [Command] {
        switch message {
        case .holdsLoaded(let run, let holds):
            guard open?.id == run else { return [] }
            let kept = open?.holds.flatMap { $0.indices.contains(held.selected) ? $0[held.selected].id : nil }
            open?.holds = holds
            if let kept, let row = holds.firstIndex(where: { $0.id == kept }) { held.select(row, of: holds.count) }
        case .familyLoaded(let run, let family): if open?.id == run { forks.take(family, of: run) }
        case .variablesLoaded(let run, _, let read):
            let document = NodeDocuments(pen: pen).variables(read)
            if open?.id == run { variables?.document = document }
        case .editableRead(let run, let texts): return take(texts, of: run)
        case .staleFound(let run, let edits, let stale):
            if open?.id == run, open?.edits == edits { open?.stale = stale }
        case .compared(let nodes, let isWhole): return take(nodes, isWhole: isWhole)
        case .compareFailed(let problem): takeComparison(problem: problem)
        case .forecastMade(let edit, let made): take(made, for: edit)
        case .rerunEnded(let run, let edit, let attempts, let problem): return takeRerun(run, edit, attempts, problem)
        case .controlBegun(let control, let original): return takeBegun(control.id, forkOf: original)
        case .holdRulesRefused(let problem): take(problem)
        case .codeChecked(let run, let edit, let problem): take(problem, inCodeOf: edit, run)
        default: break
        }
        return []
    }

    // MARK: Running again

    mutating func typeTimes(_ key: Key, _ line: InputLine, _ edit: NodeEdit) -> [Command] {
        var line = line
        switch line.take(key) {
        case .abandoned: waiting = nil
        case .entered:
            guard let times = Int(line.text.trimmingCharacters(in: .whitespaces)), (1...100).contains(times) else {
                notice = .error("How many times, from 1 to 100.")
                waiting = .times(line, edit)
                return []
            }
            waiting = nil
            guard let open else { return [] }
            notice = .notice("Running \(edit.address) again\(times > 1 ? " \(times) times" : "") …")
            return [.rerun(edit, open.id, times: times)]
        case .changed, .ignored: waiting = .times(line, edit)
        }
        return []
    }

    /// Shows the new attempts beside the first.
    mutating func takeRerun(_ run: RunID, _ edit: NodeEdit, _ attempts: [Address], _ problem: String?) -> [Command] {
        let kept = attempts.map(\.description).joined(separator: ", ")
        notice = problem.map { .error($0) } ?? .notice("Kept beside the first: \(kept).")
        guard open?.id == run, !attempts.isEmpty else { return [] }
        open?.cache.expire()
        open?.tried[edit.address] = NodeTry(edit: edit, attempts: attempts)
        let first = ComparedSide(run: run, address: Address(steps: edit.address.steps, attempt: 1))
        return show(attempts.map { ComparedPair(first, ComparedSide(run: run, address: $0)) })
    }

    // MARK: Continuing

    /// The change to continue from: that of the node under the cursor, or the only one there is.
    var editToContinue: NodeEdit? {
        guard let open else { return nil }
        if let node = open.selectedNode, let edit = open.edits[node.address] { return edit }
        // An iteration's code is a change of its block.
        if let node = open.selectedNode,
            let edit = open.edits.edits.first(where: { $0.address.parent == node.address && $0.code != nil })
        {
            return edit
        }
        return open.edits.edits.count == 1 ? open.edits.edits[0] : nil
    }

    mutating func take(_ made: TravelForecast, for edit: NodeEdit) {
        guard forecast?.edit == edit else { return }
        forecast?.forecast = made
        writeForecast()
    }

    private mutating func writeForecast() {
        guard let forecast else { return }
        let edit = forecast.edit
        let changes = [
            ("Prompt", edit.prompt), ("Answer by hand", edit.response), ("Code", edit.code), ("Model", edit.model),
            ("Parameters", edit.sampling.map(SamplingText.line)),
        ]
        .compactMap { name, text in text.map { (name: name, text: $0) } }
        let figures = forecast.forecast.map {
            ForecastFigures(
                liveCalls: $0.liveCalls, recordedCalls: $0.recordedCalls, iterations: $0.iterations, tokens: $0.tokens,
                cost: $0.cost, cannotRepeat: $0.cannotRepeat)
        }
        let document = NodeDocuments(pen: pen).forecast(figures, changes: changes)
        self.forecast?.text.document = document
    }

    /// Does what the forecast says.
    mutating func continueAsForecast() -> [Command] {
        guard let forecast, !forecast.isBeginning else { return [] }
        self.forecast?.isBeginning = true
        notice = .notice("Going back to \(forecast.edit.address) …")
        return [.fork(forecast.edit, forecast.run)]
    }

    /// Shows a run that has begun to go on in this process.
    mutating func takeBegun(_ run: RunID, forkOf original: RunID?) -> [Command] {
        var words = "\(run.short) goes on."
        if let original {
            words = "\(run.short) is a fork of \(original.short); \(label(.showForks)) shows its family."
            if let edit = forecast?.edit { open?.edits.remove(edit.address) }
            forecast = nil
        }
        forks.run = nil
        open(run, isFollowing: true)
        focus = .tree
        notice = .notice(words)
        runs.expire()
        return [.stopSearch]
    }

    // MARK: Comparing

    /// What `=` compares in the tree: two marked nodes, the attempts of a node, or a fork and its original.
    var pairsToCompare: [ComparedPair] {
        guard let open else { return [] }
        if open.marked.count >= 2 {
            let marked = open.marked.suffix(2).sorted { $0.isBefore($1) }
            return [
                ComparedPair(
                    ComparedSide(run: open.id, address: marked[0]), ComparedSide(run: open.id, address: marked[1]))
            ]
        }
        if let node = open.selectedNode, node.attempts > 1 {
            func side(_ attempt: Int) -> ComparedSide {
                ComparedSide(run: open.id, address: Address(steps: node.address.steps, attempt: attempt))
            }
            return (2...node.attempts).map { ComparedPair(side(1), side($0)) }
        }
        guard let original = open.run?.forkedFrom else { return [] }
        return [ComparedPair(ComparedSide(run: original, address: .root), ComparedSide(run: open.id, address: .root))]
    }

    /// What `=` compares in the family: two marked runs, or the one under the cursor with the open one.
    var forksToCompare: ComparedPair? {
        func pair(_ a: RunID, _ b: RunID) -> ComparedPair {
            ComparedPair(ComparedSide(run: a, address: .root), ComparedSide(run: b, address: .root))
        }
        if forks.marked.count >= 2 {
            let marked = forks.marked.suffix(2)
            let ordered = forks.family.map(\.id).filter { marked.contains($0) }
            return ordered.count == 2 ? pair(ordered[0], ordered[1]) : nil
        }
        guard let open, let run = forks.selectedRun else { return nil }
        if run.id == open.id { return run.forkedFrom.map { pair($0, run.id) } }
        let ordered = forks.family.map(\.id).filter { [open.id, run.id].contains($0) }
        return ordered.count == 2 ? pair(ordered[0], ordered[1]) : nil
    }

    private mutating func compare() -> [Command] {
        show(focus == .forks ? forksToCompare.map { [$0] } ?? [] : pairsToCompare)
    }

    private mutating func show(_ pairs: [ComparedPair]) -> [Command] {
        guard let first = pairs.first else { return [] }
        let others = pairs.count > 1 ? ", and \(pairs.count - 1) more" : ""
        comparison = ShownComparison(
            pairs,
            text: WideText(title: "Differences", subtitle: first.title(arrow: glyphs.arrow) + others))
        writeComparison()
        showWide(.comparison)
        return [.compare(first)]
    }

    /// Takes more of what differs; then the next pair is compared.
    mutating func take(_ nodes: [ComparedNode], isWhole: Bool) -> [Command] {
        guard var shown = comparison else { return [] }
        shown.nodes += nodes
        var next: [Command] = []
        if isWhole {
            shown.done += 1
            shown.isWhole = shown.done >= shown.pairs.count
            if !shown.isWhole { next = [.compare(shown.pairs[shown.done])] }
        }
        comparison = shown
        writeComparison()
        return next
    }

    mutating func takeComparison(problem: String) {
        comparison?.isWhole = true
        writeComparison()
        notice = .error(problem)
    }

    private mutating func writeComparison() {
        guard let shown = comparison else { return }
        let document = ComparisonDocument.document(
            shown.nodes, of: shown.pairs.first?.b.address ?? .root, isWhole: shown.isWhole, pen: pen)
        comparison?.text.document = document
    }

    private mutating func toggleMark() {
        if focus == .forks {
            guard let run = forks.selectedRun?.id else { return }
            if let place = forks.marked.firstIndex(of: run) {
                forks.marked.remove(at: place)
            } else {
                forks.marked.append(run)
            }
            sayMarks(forks.marked.count, "run")
            return
        }
        guard let address = open?.selectedNode?.address else { return }
        if let place = open?.marked.firstIndex(of: address) {
            open?.marked.remove(at: place)
        } else {
            open?.marked.append(address)
        }
        sayMarks(open?.marked.count ?? 0, "node")
    }

    private mutating func sayMarks(_ count: Int, _ noun: String) {
        switch count {
        case 0: notice = .quiet("Nothing is marked.")
        case 1: notice = .quiet("1 \(noun) marked; mark another, then \(label(.compare)) compares them.")
        default: notice = .quiet("\(count) \(noun)s marked; \(label(.compare)) compares the last two.")
        }
    }
}

/// What was tried of an edit, alone.
package struct NodeTry: Hashable, Sendable {
    package let edit: NodeEdit
    package let attempts: [Address]
}
