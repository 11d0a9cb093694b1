// What a detail pane shows, as passages whose lines are made when they are drawn. Only the passages know how long they
// are; nothing is wrapped before it is on the screen.

import Terminal

/// Passages one below the other, counted by line.
package struct Document: Sendable {
    package let passages: [Passage]
    /// The first line of each passage.
    private let firsts: [Int]
    package let count: Int
    /// The text that `y` copies and `o` opens, and what to call it.
    package let wholeText: String
    package let wholeTextName: String

    package init(_ passages: [Passage] = [], wholeText: String = "", wholeTextName: String = "text") {
        self.passages = passages
        self.wholeText = wholeText
        self.wholeTextName = wholeTextName
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
        case .rule: return nil
        case .lines(let lines):
            let numbers = backwards ? Array((0...start).reversed()) : Array(start..<lines.count)
            return numbers.first { pattern.matches(lines[$0].text) }
        }
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
