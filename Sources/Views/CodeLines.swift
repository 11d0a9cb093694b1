// Python in a document, with line numbers and colours.

import Terminal

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
