// What a detail pane shows, as passages whose lines are made when they are drawn. Only the passages know how long they
// are; nothing is wrapped before it is on the screen.

package import Terminal

/// A line before it is wrapped: what stands before it, and the line itself.
package struct DocumentLine: Hashable, Sendable {
    /// Stands before the first row; rows that follow are indented by its width.
    package var gutter: [Span]
    package var spans: [Span]
    /// At the right end of the first row, where there is room.
    package var trailing: [Span]
    /// Whether rows go on over the end of the pane, even where lines are cut elsewhere.
    package var isHeading: Bool

    package init(_ spans: [Span], gutter: [Span] = [], trailing: [Span] = [], isHeading: Bool = false) {
        self.gutter = gutter
        self.spans = spans
        self.trailing = trailing
        self.isHeading = isHeading
    }

    package var text: String { spans.reduce(into: "") { $0 += $1.text } }
}

/// A part of a document.
package enum Passage: Sendable {
    /// Lines that are given: headings, figures, tables.
    case lines([DocumentLine])
    /// A text as it is.
    case text(TextLines, Role)
    /// Python with numbers and colours.
    case code(CodeLines)
    /// A thin line over the whole width.
    case rule

    package var count: Int {
        switch self {
        case .lines(let lines): lines.count
        case .text(let lines, _): lines.count
        case .code(let code): code.lines.count
        case .rule: 1
        }
    }

    package static var blank: Passage { .lines([DocumentLine([])]) }

    package static func heading(_ text: String, trailing: String = "") -> Passage {
        .lines([
            DocumentLine(
                [Span(text, .heading)],
                trailing: trailing.isEmpty ? [] : [Span(trailing, .dim)],
                isHeading: true
            )
        ])
    }
}

/// Python code, ready to be drawn from any line: what is open at the beginning of each is known.
package struct CodeLines: Sendable {
    /// Longer code than this, in bytes, stays without colours.
    static let longestHighlighted = 512 * 1_024

    package let lines: TextLines
    private let states: [PythonLexer.State]
    private let numberWidth: Int

    package init(_ code: String) {
        lines = TextLines(code)
        numberWidth = max(2, String(lines.count).count)
        guard code.utf8.count <= Self.longestHighlighted else {
            states = []
            return
        }
        var lexer = PythonLexer()
        var states: [PythonLexer.State] = []
        states.reserveCapacity(lines.count)
        for number in 0..<lines.count {
            states.append(lexer.state)
            _ = lexer.spans(of: String(lines.line(number)))
        }
        self.states = states
    }

    package func line(_ number: Int) -> DocumentLine {
        let text = String(lines.line(number))
        let label = String(number + 1)
        let gutter = String(repeating: " ", count: max(0, numberWidth - label.count)) + label + "  "
        guard number < states.count else { return DocumentLine([Span(text)], gutter: [Span(gutter, .dim)]) }
        var lexer = PythonLexer(state: states[number])
        return DocumentLine(lexer.spans(of: text), gutter: [Span(gutter, .dim)])
    }
}

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
