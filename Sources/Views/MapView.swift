// The context map: a context as a band of cells, and the text under the cursor.

package import Terminal

package enum MapView {
    /// Rows and columns that a band has in a body of that size.
    package static func band(in body: Rect) -> Size {
        Size(columns: max(1, body.width - 2), rows: max(1, min(8, body.height / 4)))
    }

    /// Rows for text in a body of that size.
    package static func textRows(in body: Rect) -> Int { max(0, body.height - band(in: body).rows - 4) }

    package static func draw(_ pane: MapPane, into surface: inout Surface, rect: Rect, pen: Pen) {
        surface.fill(rect, role: .text)
        let figures = pen.figures
        let part =
            pane.range.count < pane.byteCount
            ? "  \(figures.grouped(pane.range.lowerBound)):\(figures.grouped(pane.range.upperBound))" : ""
        surface.put(
            spans: [
                Span("Context map  ", pane.isTextFocused ? .dim : .accent), Span(pane.name, .heading),
                Span("  \(figures.bytes(pane.byteCount))\(part)", .dim),
            ], x: rect.x + 1, y: rect.y, width: rect.width - 16)
        let read = "\(ContextSlice.percent(pane.fraction)) read"
        surface.put(read, endingAt: rect.maxX - 1, y: rect.y, width: 14, role: .dim)
        if let hint = pane.hint {
            surface.put(hint, x: rect.x + 1, y: rect.y + 2, width: rect.width - 2, role: .dim)
            return
        }
        let band = band(in: rect)
        drawBand(pane, band, &surface, Rect(x: rect.x + 1, y: rect.y + 1, width: band.columns, height: band.rows), pen)
        let info = rect.y + 2 + band.rows
        surface.put(spans: cursorLine(pane, pen), x: rect.x + 1, y: info, width: rect.width - 2)
        let rule = String(repeating: pen.glyphs.horizontal, count: rect.width)
        surface.put(rule, x: rect.x, y: info + 1, width: rect.width, role: .separator)
        drawText(pane, &surface, Rect(x: rect.x, y: info + 2, width: rect.width, height: rect.maxY - info - 2), pen)
    }

    private static func drawBand(_ pane: MapPane, _ band: Size, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        for (index, cell) in pane.cells.enumerated() {
            let (x, y) = (rect.x + index % band.columns, rect.y + index / band.columns)
            guard y < rect.maxY else { break }
            surface.put(shade(cell, pen), x: x, y: y, width: 1, role: role(cell))
            if index == pane.cursorCell {
                surface.tint(Rect(x: x, y: y, width: 1, height: 1), role: .selection)
                // The cursor is to be seen without colours too.
                surface.put(pen.glyphs.isASCII ? "@" : "◉", x: x, y: y, width: 1, role: .accent)
            }
        }
    }

    private static func cursorLine(_ pane: MapPane, _ pen: Pen) -> [Span] {
        var spans = [Span("byte \(pen.figures.grouped(pane.cursor))", .heading)]
        if let line = pane.lineNumber { spans.append(Span("  line \(pen.figures.grouped(line))", .dim)) }
        guard !pane.readers.isEmpty else { return spans + [Span("  read by nobody", .statusFailed)] }
        let shown = pane.readers.prefix(6).joined(separator: " ")
        let more = pane.readers.count > 6 ? " and \(pane.readers.count - 6) more" : ""
        return spans + [Span("  read by \(shown)\(more)", .text)]
    }

    private static func drawText(_ pane: MapPane, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let gutter = pen.figures.grouped(pane.byteCount).count + 2
        for (offset, line) in pane.lines.enumerated() where offset < rect.height {
            let y = rect.y + offset
            surface.put(
                pen.figures.grouped(line.start), endingAt: rect.x + gutter, y: y, width: gutter - 1, role: .dim)
            surface.put(
                line.text, x: rect.x + gutter + 2, y: y, width: rect.width - gutter - 3,
                role: line.isRead ? .text : .dim)
            // Read or not, without colours.
            surface.put(line.isRead ? pen.glyphs.vertical : " ", x: rect.x + gutter, y: y, width: 1, role: .dim)
            guard offset == pane.currentLine else { continue }
            surface.tint(Rect(x: rect.x + 1, y: y, width: rect.width - 1, height: 1), role: .selection)
            surface.put(pen.glyphs.cursor, x: rect.x, y: y, width: 1, role: pane.isTextFocused ? .accent : .dim)
        }
    }

    /// From unread to read twice and more.
    static func shade(_ cell: BandCell, _ pen: Pen) -> String {
        let shades = pen.glyphs.shades
        let step = cell.share <= 0 ? 0 : cell.share < 0.5 ? 1 : cell.times < 1.5 ? 2 : 3
        return shades.indices.contains(step) ? shades[step] : shades.last ?? "#"
    }

    static func role(_ cell: BandCell) -> Role {
        if cell.isChosen { return .accent }
        switch cell.depth {
        case nil: return .dim
        case 0: return .statusRunning
        case 1: return .statusSucceeded
        default: return .codeFunction
        }
    }

    /// A context in one row: its name, its cells, and how much was read.
    package static func drawLine(_ line: BandLine, into surface: inout Surface, rect: Rect, pen: Pen) {
        let read = "\(ContextSlice.percent(line.fraction)) read"
        var x = rect.x + 1
        x += surface.put(line.name, x: x, y: rect.y, width: min(12, rect.width / 4), role: .dim) + 1
        surface.put(pen.glyphs.meterLeft, x: x, y: rect.y, width: 1, role: .separator)
        for (index, cell) in line.cells.enumerated() {
            surface.put(shade(cell, pen), x: x + 1 + index, y: rect.y, width: 1, role: role(cell))
        }
        surface.put(pen.glyphs.meterRight, x: x + 1 + line.cells.count, y: rect.y, width: 1, role: .separator)
        surface.put(read, endingAt: rect.maxX - 1, y: rect.y, width: 10, role: .dim)
    }

    /// Cells that a line of that width has room for.
    package static func lineCells(width: Int, name: String) -> Int {
        max(1, width - 2 - min(min(12, width / 4), TextWidth.columns(of: name)) - 1 - 2 - 12)
    }
}
