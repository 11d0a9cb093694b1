// What keys do: first what a person is in the middle of, then the overlay, then the key map.

import Foundation
import Terminal
import Trajectory
import Views

extension ExplorerModel {
    mutating func press(_ key: Key) -> [Command] {
        notice = nil
        if layout.isTooSmall {
            // Nothing else can be seen, so nothing else is done.
            if key == .character("q") || key == .character("Q") { return leave() }
            return []
        }
        if let waiting { return answer(waiting, key) }
        switch overlay {
        case .help(let pane, let first): return pressInHelp(key, pane, first)
        case .commands(let line, let selected): return pressInCommands(key, line, selected)
        case .texts(let menu, let texts, let use): return choose(key, menu, texts, use)
        case .parts(let menu, let run, let texts): return choose(key, menu, run, texts)
        case .describing(let menu, let run): return choose(key, menu, descriptionOf: run)
        case .map(let cursor): return pressInMap(key, cursor)
        case nil: break
        }
        if case .mouse(let event) = key { return mouse(event) }
        if key == .escape, open?.search?.isRunning == true { return stopSearch() }
        guard let action = keyMap.action(for: key) else {
            let name = KeyMap.label(key, glyphs: glyphs)
            let help = keyMap.keys(for: .help).first.map { KeyMap.label($0, glyphs: glyphs) } ?? ":"
            notice = .quiet("\(TextCells.sanitise(name)) does nothing here; \(help) lists the keys")
            return []
        }
        if key == .escape, action == .back, !isZoomed, focus == base || focus == .runs {
            // Escape goes back as far as there is something behind, and never out by accident.
            notice = .notice("q leaves")
            return []
        }
        return perform(action)
    }

    package mutating func perform(_ action: Action) -> [Command] {
        if let reason = reason(against: action) {
            notice = .notice("\(action.rawValue.replacing("-", with: " ")): \(reason)")
            return []
        }
        switch action {
        case .quit: return leave()
        case .back: return back()
        case .help: overlay = .help(focus, first: 0)
        case .commands: openPalette()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .showRuns:
            show(.runs)
            return keepOpenRunUnderCursor()
        case .showTree: show(.tree)
        case .showDetail: show(.detail)
        case .showMap: showMap()
        case .nextPane: cyclePane(by: 1)
        case .previousPane: cyclePane(by: -1)
        case .zoom: isZoomed.toggle()
        case .search:
            waiting = .pattern(InputLine(history: searched, completions: searched.reversed()), focus)
        case .searchNext: return searchAgain(backwards: false)
        case .searchPrevious: return searchAgain(backwards: true)
        case .cancelRun:
            if let hold = heldUnderCursor {
                waiting = .dropping(hold)
            } else if let run = commandedRun {
                waiting = .cancelling(run)
            } else {
                notice = .notice("Several runs go on here; open the one to be stopped.")
            }
        case .pause, .step, .holdRules, .showHeld, .letGo, .letAllGo: return performHolding(action)
        case .edit, .undo, .redo: return performEdit(action)
        case .rerun, .continueRun, .resume, .showForks, .compare, .showVariables, .mark: return performTravel(action)
        case .copy: return readTexts(for: .copy)
        case .pager: return readTexts(for: .page)
        case .follow:
            if open?.isFollowing == true { open?.isFollowing = false } else { open?.startFollowing() }
            return follow()
        case .blocks: open?.toggleBlocks()
        case .wrap: toggleWrap()
        case .nextProblem: return goToProblem(backwards: false)
        case .previousProblem: return goToProblem(backwards: true)
        case .open, .left, .right, .parent, .nextSibling, .previousSibling, .nextSection, .previousSection, .moveDown,
            .moveUp, .pageDown, .pageUp,
            .halfPageDown, .halfPageUp, .first, .last:
            return move(action)
        }
        return []
    }

    // MARK: Leaving

    mutating func leave() -> [Command] {
        if isOwnRunGoing { waiting = .leaving } else { outcome = .quit }
        return []
    }

    /// Whether something waits for a person in a run of this process.
    var hasOwnHolds: Bool {
        guard let open, ownRuns.going.contains(open.id) else { return false }
        return open.holds?.isEmpty == false || ownRuns.paused.contains(open.id)
    }

    private mutating func back() -> [Command] {
        if focus.isWide { return leaveWide() }
        if isZoomed {
            isZoomed = false
            if layout.rect(of: focus) != nil, layout.panes.count > 1 { return [] }
        }
        if focus == base || focus == .runs { return leave() }
        focus = focus == .detail ? .tree : .runs
        return []
    }

    /// Answers what the bottom line asks.
    private mutating func answer(_ question: Waiting, _ key: Key) -> [Command] {
        switch question {
        case .pattern(let line, let pane): return type(key, line, pane)
        case .contextPattern(let line): return typeContextPattern(key, line)
        case .leaving:
            switch key {
            case .character("s"):
                waiting = nil
                outcome = .stopped
                return [.cancelAll]
            case .character("l") where hasOwnHolds:
                waiting = nil
                outcome = .leftHeld
                return [.leaveHeld]
            case .character("k"), .escape: waiting = nil
            default: break
            }
        case .holdRules(let line, let run, let at, let reason): return typeHoldRules(key, line, run, at, reason)
        case .editing(let line, let run, let address, let part): return typeEdit(key, line, run, address, part)
        case .times(let line, let edit): return typeTimes(key, line, edit)
        case .describing(let line, let run, let isNote): return typeDescription(key, line, run, isNote: isNote)
        case .dropping(let hold): return answerDropping(hold, key)
        case .cancelling(let run):
            switch key {
            case .character("y"):
                waiting = nil
                return [.cancelRun(run)]
            case .character("n"), .escape, .character("q"): waiting = nil
            default: break
            }
        }
        return []
    }

    // MARK: Overlays

    private mutating func pressInHelp(_ key: Key, _ pane: Pane, _ first: Int) -> [Command] {
        let page = max(1, size.rows - 6)
        let lines = keyMap.help(for: pane, glyphs: glyphs) { _ in nil }.reduce(-1) { $0 + $1.lines.count + 2 }
        let last = max(0, lines - (size.rows - 5))
        var first = first
        switch keyMap.action(for: key) {
        case .moveDown: first += 1
        case .moveUp: first -= 1
        case .pageDown, .halfPageDown: first += page
        case .pageUp, .halfPageUp: first -= page
        case .first: first = 0
        case .last: first = last
        case .commands:
            openPalette()
            return []
        case .quit: return leave()
        default:
            overlay = nil
            return []
        }
        overlay = .help(pane, first: min(max(0, first), last))
        return []
    }

    private mutating func openPalette() { overlay = .commands(filter: InputLine(history: commanded), selected: 0) }

    private mutating func pressInCommands(_ key: Key, _ line: InputLine, _ selected: Int) -> [Command] {
        var line = line
        var selected = selected
        switch key {
        // The list moves under the line, so these are the list's.
        case .down, .tab, .control("n"): selected += 1
        case .up, .backTab, .control("p"): selected -= 1
        default:
            switch line.take(key) {
            case .abandoned:
                overlay = nil
                return []
            case .entered:
                overlay = nil
                let actions = commands(matching: line.text)
                guard actions.indices.contains(selected) else {
                    notice = .notice("No command is called \"\(line.text)\".")
                    return []
                }
                commanded = InputLine.history(commanded, adding: line.text)
                return perform(actions[selected])
            case .changed: selected = 0
            case .ignored: break
            }
        }
        let count = commands(matching: line.text).count
        overlay = .commands(filter: line, selected: min(max(0, selected), max(0, count - 1)))
        return []
    }

    /// Actions whose name or words hold every word of the filter.
    package func commands(matching filter: String) -> [Action] {
        let words = filter.split(separator: " ").map { SearchPattern($0.lowercased()) }
        return Action.allCases.filter { action in
            guard let text = action.text(in: focus) else { return false }
            return words.allSatisfy { $0.matches(action.rawValue + " " + text) }
        }
    }

    mutating func toggleWrap() {
        if focus.isWide { return toggleWideWrap() }
        guard var open else { return }
        open.wraps.toggle()
        open.detail?.scroll.wraps = open.wraps
        open.detail?.scroll.row = 0
        open.detail?.scroll.moveToLeftEdge()
        self.open = open
        notice = .notice(open.wraps ? "Long lines go on below." : "Long lines are cut; h and l move sideways.")
    }
}
