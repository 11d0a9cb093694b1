// One line of a document.

import Terminal

/// A line before it is wrapped: what stands before it, and the line itself.
package struct DocumentLine: Hashable, Sendable {
    /// Stands before the first row; rows that follow are indented by its width.
    package var gutter: [Span]
    package var spans: [Span]
    /// At the right end of the first row, where there is room.
    package var trailing: [Span]
    /// Whether rows go on over the end of the pane, even where lines are cut elsewhere.
    package var isHeading: Bool
    /// Whether it is cut at the end of the pane even where long lines go on below.
    package var isOneRow: Bool

    package init(
        _ spans: [Span],
        gutter: [Span] = [],
        trailing: [Span] = [],
        isHeading: Bool = false,
        isOneRow: Bool = false
    ) {
        self.gutter = gutter
        self.spans = spans
        self.trailing = trailing
        self.isHeading = isHeading
        self.isOneRow = isOneRow
    }

    package var text: String { spans.reduce(into: "") { $0 += $1.text } }
}
