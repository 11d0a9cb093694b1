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
        case .commands(let filter, let selected): return pressInCommands(key, filter, selected)
        case nil: break
        }
        if case .mouse(let event) = key { return mouse(event) }
        guard let action = keyMap.action(for: key) else { return [] }
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
        case .commands: overlay = .commands(filter: "", selected: 0)
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .showRuns: show(.runs)
        case .showTree: show(.tree)
        case .showDetail: show(.detail)
        case .nextPane: cyclePane(by: 1)
        case .previousPane: cyclePane(by: -1)
        case .zoom: isZoomed.toggle()
        case .search: waiting = .pattern("", focus)
        case .searchNext: searchAgain(backwards: false)
        case .searchPrevious: searchAgain(backwards: true)
        case .cancelRun: waiting = .cancelling
        case .copy, .pager: return handOver(action)
        case .follow:
            open?.isFollowing.toggle()
            return follow()
        case .blocks: open?.toggleBlocks()
        case .wrap: toggleWrap()
        case .open, .left, .right, .parent, .nextProblem, .previousProblem, .moveDown, .moveUp, .pageDown, .pageUp,
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

    private mutating func back() -> [Command] {
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
        case .pattern(let text, let pane): return type(key, text, pane)
        case .leaving:
            switch key {
            case .character("s"):
                waiting = nil
                outcome = .stopped
                return [.cancelRun]
            case .character("k"), .escape: waiting = nil
            default: break
            }
        case .cancelling:
            switch key {
            case .character("y"):
                waiting = nil
                return [.cancelRun]
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
            overlay = .commands(filter: "", selected: 0)
            return []
        case .quit: return leave()
        default:
            overlay = nil
            return []
        }
        overlay = .help(pane, first: min(max(0, first), last))
        return []
    }

    private mutating func pressInCommands(_ key: Key, _ filter: String, _ selected: Int) -> [Command] {
        var filter = filter
        var selected = selected
        switch key {
        case .escape:
            overlay = nil
            return []
        case .enter:
            overlay = nil
            let actions = commands(matching: filter)
            return actions.indices.contains(selected) ? perform(actions[selected]) : []
        case .down, .tab, .control("n"): selected += 1
        case .up, .backTab, .control("p"): selected -= 1
        case .backspace:
            if filter.isEmpty {
                overlay = nil
                return []
            }
            filter.removeLast()
        case .character(let character):
            filter.append(character)
            selected = 0
        case .paste(let text):
            filter += text.prefix(200)
            selected = 0
        default: break
        }
        let count = commands(matching: filter).count
        overlay = .commands(filter: filter, selected: min(max(0, selected), max(0, count - 1)))
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

    // MARK: Out of the explorer

    private mutating func handOver(_ action: Action) -> [Command] {
        if focus == .runs, action == .copy, let run = runs.selectedRun {
            return [.copy(run.id.rawValue, name: "id of the run")]
        }
        guard let detail = open?.detail, detail.path == open?.cursor.path else {
            notice = .notice("Open the detail of the node first (Enter).")
            return []
        }
        let document = detail.document
        guard !document.wholeText.isEmpty else {
            notice = .notice("\(detail.node.address) has no text yet.")
            return []
        }
        return action == .copy
            ? [.copy(document.wholeText, name: document.wholeTextName)] : [.page(document.wholeText)]
    }

    private mutating func toggleWrap() {
        guard var open else { return }
        open.wraps.toggle()
        open.detail?.scroll.wraps = open.wraps
        open.detail?.scroll.row = 0
        self.open = open
        notice = .notice(open.wraps ? "Long lines go on below." : "Long lines are cut.")
    }
}
