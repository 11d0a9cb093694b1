// A document in a pane: a title that stays, and as many rows of the text as fit.

package import Terminal

package struct DetailPane: Sendable {
    /// The address, in full.
    package var title: String
    /// What stands beside it.
    package var subtitle: String
    package var document: Document
    package var scroll: DocumentScroll

    package init(title: String, subtitle: String, document: Document, scroll: DocumentScroll) {
        self.title = title
        self.subtitle = subtitle
        self.document = document
        self.scroll = scroll
    }
}

package enum DetailView {
    /// The room for the text in a pane of that size.
    package static func textRect(_ rect: Rect) -> Rect { rect.inset(left: 1, top: 2, right: 1) }

    package static func draw(_ pane: DetailPane?, isFocused: Bool, into surface: inout Surface, rect: Rect, pen: Pen) {
        guard let pane else {
            EmptyState.noRunOpen.draw(into: &surface, rect: rect.inset(top: 1))
            return
        }
        let text = textRect(rect)
        let rows = pane.scroll.visibleRows(of: pane.document, size: text.size)
        let place = place(pane, rows.last?.line, pen)
        let placeStart = surface.put(place, endingAt: rect.maxX - 1, y: rect.y, width: rect.width / 2, role: .dim)
        surface.put(
            spans: [Span(pane.title, isFocused ? .accent : .heading), Span("  " + pane.subtitle, .dim)],
            x: rect.x + 1,
            y: rect.y,
            width: max(0, placeStart - 2 - rect.x)
        )
        for (offset, row) in rows.enumerated() {
            let y = text.y + offset
            if pane.document.isRule(row.line) {
                let line = String(repeating: pen.glyphs.horizontal, count: text.width)
                surface.put(line, x: text.x, y: y, width: text.width, role: .separator)
                continue
            }
            let used = surface.put(spans: row.spans, x: text.x, y: y, width: text.width)
            let trailing = pane.document[line: row.line].trailing
            let needed = trailing.reduce(0) { $0 + TextWidth.columns(of: $1.text) }
            if row.isFirst, needed > 0, used + 2 + needed <= text.width {
                surface.put(spans: trailing, endingAt: text.maxX, y: y, width: needed)
            }
        }
    }

    /// Nothing when all of it is on the screen.
    private static func place(_ pane: DetailPane, _ last: Int?, _ pen: Pen) -> String {
        let total = pane.document.count
        guard let last, total > 0, pane.scroll.line > 0 || pane.scroll.row > 0 || last + 1 < total else { return "" }
        return "line \(pen.figures.grouped(pane.scroll.line + 1)) of \(pen.figures.grouped(total))"
    }
}
