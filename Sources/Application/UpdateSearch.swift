// Searching: a pattern typed at the bottom, and going from match to match.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    /// What was searched for in a pane.
    func pattern(for pane: Pane) -> SearchPattern? { pane == .runs ? runsPattern : open?.search?.pattern }

    mutating func type(_ key: Key, _ line: InputLine, _ pane: Pane) -> [Command] {
        var line = line
        if key == .alt("e"), abilities.canEdit { return [.edit(line.text, .inputLine)] }
        switch line.take(key) {
        case .abandoned: waiting = nil
        case .entered:
            waiting = nil
            return search(for: line.text, in: pane)
        case .changed, .ignored: waiting = .pattern(line, pane)
        }
        return []
    }

    private mutating func search(for text: String, in pane: Pane) -> [Command] {
        guard !text.isEmpty else {
            // Nothing to look for ends the search, with its marks.
            if pane == .runs {
                runsPattern = nil
                return []
            }
            open?.search = nil
            open?.detail?.scroll.pattern = nil
            return [.stopSearch]
        }
        searched = InputLine.history(searched, adding: text)
        let pattern = SearchPattern(text)
        if pane == .runs {
            runsPattern = pattern
            searchRuns(pattern, backwards: false)
            return []
        }
        guard let open else { return [] }
        self.open?.search = RunSearch(pattern: pattern)
        self.open?.detail?.scroll.pattern = pattern
        self.open?.detail?.foundLine = nil
        saySearching()
        if pane == .detail, searchDetail(pattern, backwards: false) { self.open?.search?.hasLed = true }
        return [.search(pattern, open.id)]
    }

    /// Goes to the first hit at or after the cursor as soon as it has been found, and says how many there are once all have.
    mutating func takeHits() -> [Command] {
        guard let search = open?.search, let here = open?.selectedNode?.address else { return [] }
        if !search.hasLed {
            let isThere = search.hits.contains { !$0.isBefore(here) }
            guard isThere || !search.isRunning else {
                saySearching()
                return []
            }
            open?.search?.hasLed = true
            return goToHit(backwards: false, includingHere: true)
        }
        // Whoever has gone on meanwhile is not told any more where they are.
        if case .notice(let text)? = notice, text.hasSuffix(Self.soFar), let place = search.hits.firstIndex(of: here) {
            let found = Located(address: here, place: place + 1, total: search.hits.count, isWrapped: false)
            notice = .notice("\"\(search.pattern.text)\" \(search.words(found, backwards: false))")
        }
        return []
    }

    private static let soFar = " so far"

    private mutating func saySearching() {
        guard let search = open?.search else { return }
        let count = search.hits.isEmpty ? "" : ", \(pen.figures.grouped(search.hits.count)) so far"
        notice = .notice("\"\(search.pattern.text)\": searching the run\(count); Esc stops")
    }

    /// Ends a search that goes on, with what it has found.
    mutating func stopSearch() -> [Command] {
        open?.search?.stop()
        let count = open?.search?.hits.count ?? 0
        notice = .notice(
            "Stopped searching; "
                + (count == 0 ? "nothing was found so far." : "\(pen.figures.grouped(count)) found so far."))
        return [.stopSearch]
    }

    mutating func searchAgain(backwards: Bool) -> [Command] {
        if focus == .runs {
            if let runsPattern { searchRuns(runsPattern, backwards: backwards) }
            return []
        }
        guard let search = open?.search else { return [] }
        if focus == .detail, searchDetail(search.pattern, backwards: backwards) { return [] }
        return goToHit(backwards: backwards, includingHere: false)
    }

    private mutating func goToHit(backwards: Bool, includingHere: Bool) -> [Command] {
        guard let open, let search = open.search, let here = open.selectedNode?.address else { return [] }
        let text = "\"\(search.pattern.text)\""
        var found = search.next(from: here, backwards: backwards)
        if includingHere, let place = search.hits.firstIndex(of: here) {
            found = Located(address: here, place: place + 1, total: search.hits.count, isWrapped: false)
        }
        guard let found else {
            let scope = search.isPartial || search.isRunning ? "what was searched of this run" : "this run"
            notice = .notice("\(text) is not in \(scope).")
            return []
        }
        notice = .notice("\(text) \(search.words(found, backwards: backwards))")
        if found.address == here { showFirstMatch() }
        return [.reveal(found.address, open.id)]
    }

    private mutating func searchRuns(_ pattern: SearchPattern, backwards: Bool) {
        let matches = (0..<runs.total).filter { row in
            runs.run(at: row).map { run in
                pattern.matches(run.question) || pattern.matches(run.id.rawValue) || pattern.matches(run.model ?? "")
            } ?? false
        }
        guard let first = matches.first, let last = matches.last else {
            notice = .notice("\"\(pattern.text)\" is not in the runs read so far.")
            return
        }
        let selected = runs.selected
        let found = backwards ? matches.last { $0 < selected } : matches.first { $0 > selected }
        let row = found ?? (backwards ? last : first)
        runs.select(row)
        let place = (matches.firstIndex(of: row) ?? 0) + 1
        let wrap = found == nil ? backwards ? ", round to the end" : ", round to the beginning" : ""
        notice = .notice("\"\(pattern.text)\" \(place) of \(matches.count)\(wrap)")
    }

    // MARK: In a text

    /// Puts the first match of the search on the screen, whatever is folded.
    mutating func showFirstMatch() {
        guard let pattern = open?.search?.pattern, let size = textSize, open?.detail != nil else { return }
        if line(matching: pattern, after: -1, backwards: false) == nil { unfoldAll() }
        guard let line = line(matching: pattern, after: -1, backwards: false) else { return }
        show(line, size)
    }

    /// Goes to the next match of a text. False where there is none further on, so that the search goes on in the run.
    private mutating func searchDetail(_ pattern: SearchPattern, backwards: Bool) -> Bool {
        guard let size = textSize, let detail = open?.detail else { return false }
        if detail.document.folds.contains(where: { !$0.isOpen }) { unfoldAll() }
        guard let document = open?.detail?.document else { return false }
        let from = detail.foundLine ?? (backwards ? detail.scroll.line : detail.scroll.line - 1)
        guard let line = document.line(matching: pattern, after: from, backwards: backwards) else { return false }
        let isWrapped = backwards ? line >= from : line <= from
        let others = open?.search?.hits.filter { $0 != detail.node.address } ?? []
        // Where other nodes hold it too, the end of this text leads to the next of them.
        if isWrapped, detail.foundLine != nil, !others.isEmpty { return false }
        show(line, size)
        let (place, total) = document.place(ofMatch: line, pattern)
        let wrap =
            isWrapped && detail.foundLine != nil ? backwards ? ", round to the end" : ", round to the beginning" : ""
        notice = .notice("\"\(pattern.text)\" \(place) of \(total) in this text\(wrap)")
        return true
    }

    private func line(matching pattern: SearchPattern, after line: Int, backwards: Bool) -> Int? {
        open?.detail?.document.line(matching: pattern, after: line, backwards: backwards)
    }

    private mutating func show(_ line: Int, _ size: Size) {
        guard var detail = open?.detail else { return }
        detail.foundLine = line
        detail.scroll.show(line: line, in: detail.document, size: size)
        open?.detail = detail
    }
}
