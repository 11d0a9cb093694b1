// What documents are made of.

package import Terminal

/// A part of a text that can be folded away.
package struct Fold: Hashable, Sendable {
    /// Tells it from the other folds of its document.
    package let id: String
    /// Lines it hides, or would.
    package let lines: Int
    package let isOpen: Bool
}

/// A part of a document.
package enum Passage: Sendable {
    /// Lines that are given: headings, figures, tables.
    case lines([DocumentLine])
    /// A text as it is.
    case text(TextLines, Role)
    /// Some lines of a text, where the others are folded.
    case excerpt(TextLines, Range<Int>, Role)
    /// A line in place of lines that are folded, or below lines that can be.
    case fold(Fold)
    /// Python with numbers and colours.
    case code(CodeLines)
    /// A thin line over the whole width.
    case rule

    package var count: Int {
        switch self {
        case .lines(let lines): lines.count
        case .text(let lines, _): lines.count
        case .excerpt(_, let lines, _): lines.count
        case .code(let code): code.lines.count
        case .rule, .fold: 1
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
