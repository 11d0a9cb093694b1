// Searching: a pattern typed at the bottom, and going from match to match.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    private static let longestPattern = 200

    mutating func type(_ key: Key, _ text: String, _ pane: Pane) -> [Command] {
        var text = text
        switch key {
        case .escape:
            waiting = nil
            return []
        case .enter:
            waiting = nil
            patterns[pane] = text.isEmpty ? nil : SearchPattern(text)
            if pane == .detail { open?.detail?.scroll.pattern = patterns[pane] }
            if !text.isEmpty { searchAgain(backwards: false) }
            return []
        case .backspace:
            if text.isEmpty {
                waiting = nil
                return []
            }
            text.removeLast()
        case .control("u"): text = ""
        case .character(let character): text.append(character)
        case .paste(let pasted): text += pasted.prefix { !$0.isNewline }
        default: break
        }
        waiting = .pattern(String(text.prefix(Self.longestPattern)), pane)
        return []
    }

    mutating func searchAgain(backwards: Bool) {
        guard let pattern = patterns[focus] else { return }
        switch focus {
        case .runs: searchRuns(pattern, backwards)
        case .tree:
            let found = findRow(backwards: backwards) { node in
                pattern.matches(node.title) || pattern.matches(node.preview)
                    || pattern.matches(node.address.description)
                    || node.failure.map { pattern.matches($0.description) } == true
            }
            if !found { notFound(pattern, "the rows read so far") }
        case .detail: searchDetail(pattern, backwards)
        }
    }

    private mutating func searchRuns(_ pattern: SearchPattern, _ backwards: Bool) {
        let count = runs.total
        guard count > 0 else { return }
        for step in 1...count {
            let row = ((runs.selected + (backwards ? -step : step)) % count + count) % count
            guard let run = runs.run(at: row) else { continue }
            if pattern.matches(run.question) || pattern.matches(run.id.rawValue) || pattern.matches(run.model ?? "") {
                runs.select(row)
                return
            }
        }
        notFound(pattern, "the runs read so far")
    }

    private mutating func searchDetail(_ pattern: SearchPattern, _ backwards: Bool) {
        guard let size = textSize, var detail = open?.detail else { return }
        // From the line that was found last while it is on the screen, otherwise from the first on the screen.
        let from = detail.foundLine ?? (backwards ? detail.scroll.line : detail.scroll.line - 1)
        guard let line = detail.document.line(matching: pattern, after: from, backwards: backwards) else {
            return notFound(pattern, "this text")
        }
        detail.foundLine = line
        detail.scroll.show(line: line, in: detail.document, size: size)
        open?.detail = detail
        notice = .notice("\"\(pattern.text)\" in line \(pen.figures.grouped(line + 1))")
    }

    private mutating func notFound(_ pattern: SearchPattern, _ place: String) {
        notice = .notice("\"\(pattern.text)\" is not in \(place).")
    }
}
