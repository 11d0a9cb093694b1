// Where a detail pane is in its document. Positions are lines and rows within them, never a count of all rows, which
// nobody knows without wrapping everything.

package import Terminal

/// The first row on the screen, and how lines are shown.
package struct DocumentScroll: Hashable, Sendable {
    package var line = 0
    /// A row of that line.
    package var row = 0
    package var wraps = true
    /// The first column on the screen, where lines are cut.
    package private(set) var column = 0
    package var pattern: SearchPattern?

    package init() {}

    /// Moves by rows, down when positive, and stops where the last page ends.
    package mutating func move(by rows: Int, in document: Document, size: Size) {
        if rows > 0 {
            // The last page is where moving down ends; it is found by walking up from the end, a page long at most.
            let end = Self.end(of: document, size: size, wraps: wraps)
            for _ in 0..<rows {
                guard (line, row) < end else { return }
                let count = rowCount(document, line, size)
                if row + 1 < count {
                    row += 1
                } else if line + 1 < document.count {
                    line += 1
                    row = 0
                }
            }
        } else {
            for _ in 0..<(-rows) {
                if row > 0 {
                    row -= 1
                } else if line > 0 {
                    line -= 1
                    row = rowCount(document, line, size) - 1
                } else {
                    return
                }
            }
        }
    }

    /// Moves sideways by columns, as far as the lines on the screen go. Whether it moved.
    package mutating func moveSideways(by columns: Int, in document: Document, size: Size) -> Bool {
        guard !wraps else { return false }
        let last = min(document.count, line + size.rows)
        let longest = (line..<max(line, last)).map { LineWrap.columns(of: document[line: $0]) }.max() ?? 0
        let target = min(max(0, column + columns), max(0, longest - 1))
        defer { column = target }
        return target != column
    }

    package mutating func moveToLeftEdge() { column = 0 }

    package mutating func moveToStart() {
        line = 0
        row = 0
    }

    package mutating func moveToEnd(of document: Document, size: Size) {
        (line, row) = Self.end(of: document, size: size, wraps: wraps)
    }

    /// Puts a line in the upper third of the pane.
    package mutating func show(line target: Int, in document: Document, size: Size) {
        line = min(max(0, target), max(0, document.count - 1))
        row = 0
        move(by: -(size.rows / 3), in: document, size: size)
        settle(in: document, size: size)
    }

    /// Makes the position one that exists, after the size or the document has changed.
    package mutating func settle(in document: Document, size: Size) {
        guard document.count > 0 else { return moveToStart() }
        line = min(max(0, line), document.count - 1)
        row = min(max(0, row), rowCount(document, line, size) - 1)
        let end = Self.end(of: document, size: size, wraps: wraps)
        if (line, row) > end { (line, row) = end }
    }

    /// The rows on the screen, with the line each belongs to.
    package func visibleRows(of document: Document, size: Size) -> [(line: Int, isFirst: Bool, spans: [Span])] {
        var rows: [(line: Int, isFirst: Bool, spans: [Span])] = []
        var line = line
        var skip = row
        while rows.count < size.rows, line < document.count {
            let all = LineWrap.rows(
                of: document[line: line], width: size.columns, wraps: wraps, from: column, pattern: pattern)
            for (index, spans) in all.enumerated() where index >= skip && rows.count < size.rows {
                rows.append((line, index == 0, spans))
            }
            skip = 0
            line += 1
        }
        return rows
    }

    private func rowCount(_ document: Document, _ line: Int, _ size: Size) -> Int {
        LineWrap.rowCount(of: document[line: line], width: size.columns, wraps: wraps)
    }

    private static func end(of document: Document, size: Size, wraps: Bool) -> (Int, Int) {
        var left = size.rows
        var line = document.count
        while line > 0, left > 0 {
            line -= 1
            let count = LineWrap.rowCount(of: document[line: line], width: size.columns, wraps: wraps)
            if count >= left { return (line, count - left) }
            left -= count
        }
        return (0, 0)
    }
}
