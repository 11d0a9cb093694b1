// What a detail pane shows, as passages whose lines are made when they are drawn. Only the passages know how long they
// are; nothing is wrapped before it is on the screen.

import Terminal

/// Passages one below the other, counted by line.
package struct Document: Sendable {
    package let passages: [Passage]
    /// The first line of each passage.
    private let firsts: [Int]
    package let count: Int

    package init(_ passages: [Passage] = []) {
        self.passages = passages
        var firsts: [Int] = []
        var count = 0
        for passage in passages {
            firsts.append(count)
            count += passage.count
        }
        self.firsts = firsts
        self.count = count
    }

    package subscript(line number: Int) -> DocumentLine {
        let passage = self.passage(holding: number)
        let inside = number - firsts[passage]
        switch passages[passage] {
        case .lines(let lines): return lines[inside]
        case .text(let lines, let role): return DocumentLine([Span(String(lines.line(inside)), role)])
        case .excerpt(let lines, let range, let role):
            return DocumentLine([Span(String(lines.line(range.lowerBound + inside)), role)])
        case .fold(let fold): return Self.line(of: fold)
        case .code(let code): return code.line(inside)
        case .rule: return DocumentLine([])
        }
    }

    package func isRule(_ number: Int) -> Bool {
        if case .rule = passages[passage(holding: number)] { return true }
        return false
    }

    /// The next line with a match after `line` (before it, backwards), going round at the end; nil when there is none.
    package func line(matching pattern: SearchPattern, after line: Int, backwards: Bool) -> Int? {
        guard count > 0, !pattern.isEmpty else { return nil }
        let order = backwards ? Array(passages.indices.reversed()) : Array(passages.indices)
        let start = backwards ? line - 1 : line + 1
        if let found = search(pattern, order, from: start, backwards: backwards) { return found }
        return search(pattern, order, from: backwards ? count - 1 : 0, backwards: backwards)
    }

    /// Which of the lines with a match a line is, from 1, and how many there are.
    package func place(ofMatch line: Int, _ pattern: SearchPattern) -> (place: Int, total: Int) {
        var place = 0
        var total = 0
        var last = -1
        while let next = self.search(pattern, Array(passages.indices), from: last + 1, backwards: false) {
            total += 1
            if next <= line { place = total }
            last = next
        }
        return (max(1, place), max(1, total))
    }

    private func search(_ pattern: SearchPattern, _ order: [Int], from start: Int, backwards: Bool) -> Int? {
        for passage in order {
            let first = firsts[passage]
            let last = first + passages[passage].count - 1
            guard last >= first, backwards ? first <= start : last >= start else { continue }
            let inside = (backwards ? min(last, start) : max(first, start)) - first
            if let found = match(pattern, in: passages[passage], from: inside, backwards: backwards) {
                return first + found
            }
        }
        return nil
    }

    private func match(_ pattern: SearchPattern, in passage: Passage, from start: Int, backwards: Bool) -> Int? {
        switch passage {
        case .text(let lines, _): return lines.line(matching: pattern, from: start, backwards: backwards)
        case .code(let code): return code.lines.line(matching: pattern, from: start, backwards: backwards)
        case .excerpt(let lines, let range, _):
            guard start < range.count else { return nil }
            let found = lines.line(matching: pattern, from: range.lowerBound + start, backwards: backwards)
            return found.flatMap { range.contains($0) ? $0 - range.lowerBound : nil }
        case .rule, .fold: return nil
        case .lines(let lines):
            let numbers = backwards ? Array((0...start).reversed()) : Array(start..<lines.count)
            return numbers.first { pattern.matches(lines[$0].text) }
        }
    }

    // MARK: Folds and sections

    /// The fold whose line this is.
    package func fold(at number: Int) -> Fold? {
        guard number < count, case .fold(let fold) = passages[passage(holding: number)] else { return nil }
        return fold
    }

    package var folds: [Fold] { passages.compactMap { if case .fold(let fold) = $0 { fold } else { nil } } }

    private static func line(of fold: Fold) -> DocumentLine {
        let lines = fold.lines == 1 ? "1 line" : "\(Figures().grouped(fold.lines)) lines"
        let text = fold.isOpen ? "end of \(lines) that Enter folds" : "… \(lines) more; Enter shows them"
        return DocumentLine([Span(text, .notice)], isOneRow: true)
    }

    /// The heading after a line (before it, backwards) and its words; nil when there is none.
    package func heading(after line: Int, backwards: Bool) -> (line: Int, title: String)? {
        let headings = zip(passages, firsts).compactMap { passage, first -> (line: Int, title: String)? in
            guard case .lines(let lines) = passage, let heading = lines.first, heading.isHeading else { return nil }
            return (first, heading.text)
        }
        return backwards ? headings.last { $0.line < line } : headings.first { $0.line > line }
    }

    private func passage(holding line: Int) -> Int {
        var low = 0
        var high = firsts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if firsts[middle] <= line { low = middle } else { high = middle }
        }
        return low
    }
}
