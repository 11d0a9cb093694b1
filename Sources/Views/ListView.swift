// A list that has the whole body: a row a thing, and at the bottom more about the one under the cursor.

package import Terminal

/// What has the whole body.
package enum WidePane: Sendable {
    case list(ListPane)
    case text(DetailPane)
}

package struct ListRow: Hashable, Sendable {
    /// From the left, cut where it meets what stands on the right.
    package var left: [Span]
    /// Up to the right end.
    package var right: [Span]
    /// Whether a person has marked it.
    package var isMarked: Bool

    package init(_ left: [Span], right: [Span] = [], isMarked: Bool = false) {
        self.left = left
        self.right = right
        self.isMarked = isMarked
    }
}

package struct ListPane: Sendable {
    package var title: String
    /// Beside the title.
    package var subtitle: String
    /// Over what stands on the right of the rows.
    package var headings: [Span]
    /// Those on the screen.
    package var rows: [ListRow]
    /// The row of the whole list that `rows` begins with.
    package var first: Int
    package var total: Int
    package var selected: Int
    /// About the row under the cursor.
    package var peek: Document
    package var empty: EmptyState

    package init(
        title: String, subtitle: String = "", headings: [Span] = [], rows: [ListRow], first: Int, total: Int,
        selected: Int, peek: Document = Document(), empty: EmptyState
    ) {
        self.title = title
        self.subtitle = subtitle
        self.headings = headings
        self.rows = rows
        self.first = first
        self.total = total
        self.selected = selected
        self.peek = peek
        self.empty = empty
    }
}

package enum ListView {
    /// Rows at the bottom for the thing under the cursor, its line included.
    private static func peekRows(_ rect: Rect) -> Int { min(12, max(0, rect.height / 3)) }

    /// Rows of a list in a pane of that size.
    package static func rowCount(_ rect: Rect) -> Int { max(1, rect.height - 1 - peekRows(rect)) }

    package static func draw(_ pane: ListPane, isFocused: Bool, into surface: inout Surface, rect: Rect, pen: Pen) {
        var title = [Span(pane.title, isFocused ? .accent : .heading)]
        if !pane.subtitle.isEmpty { title.append(Span("  " + pane.subtitle, .dim)) }
        let shown = rowCount(rect)
        if pane.total > shown {
            title.append(
                Span("  \(pen.figures.grouped(pane.selected + 1)) of \(pen.figures.grouped(pane.total))", .dim))
        }
        surface.put(spans: title, x: rect.x + 1, y: rect.y, width: rect.width - 2)
        guard pane.total > 0 else { return pane.empty.draw(into: &surface, rect: rect.inset(top: 2)) }
        surface.put(spans: pane.headings, endingAt: rect.maxX - 1, y: rect.y, width: rect.width / 2)
        for (offset, row) in pane.rows.prefix(shown).enumerated() {
            let y = rect.y + 1 + offset
            let columns = TextWidth.columns(of: row.right)
            let end = surface.put(spans: row.right, endingAt: rect.maxX - 1, y: y, width: min(columns, rect.width / 2))
            if row.isMarked { surface.put(pen.glyphs.bullet, x: rect.x + 1, y: y, width: 1, role: .accent) }
            surface.put(spans: row.left, x: rect.x + 3, y: y, width: max(0, end - rect.x - 5))
            guard pane.first + offset == pane.selected else { continue }
            surface.tint(Rect(x: rect.x + 1, y: y, width: rect.width - 1, height: 1), role: .selection)
            surface.put(pen.glyphs.cursor, x: rect.x, y: y, width: 1, role: isFocused ? .accent : .dim)
        }
        drawPeek(pane.peek, &surface, rect, pen)
    }

    private static func drawPeek(_ peek: Document, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let rows = peekRows(rect)
        guard rows > 1, peek.count > 0 else { return }
        let y = rect.maxY - rows
        let line = String(repeating: pen.glyphs.horizontal, count: rect.width)
        surface.put(line, x: rect.x, y: y, width: rect.width, role: .separator)
        let size = Size(columns: rect.width - 2, rows: rows - 1)
        for (offset, row) in DocumentScroll().visibleRows(of: peek, size: size).enumerated() {
            surface.put(spans: row.spans, x: rect.x + 1, y: y + 1 + offset, width: size.columns)
        }
    }
}
