// What documents are made of.

package import Terminal

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
