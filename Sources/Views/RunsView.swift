// The list of runs, newest first.

import Foundation
package import Terminal
import Trajectory

package enum RunsView {
    package static let headingRows = 1

    /// Which figures there is room for. Beside a tree it is question, age and model, as the top lines have the figures.
    private struct Columns {
        let isNarrow: Bool
        let when: Int
        let model: Int
        let iterations: Int
        let calls: Int
        let tokens: Int
        let cost: Int
        let time: Int

        init(width: Int) {
            isNarrow = width < 76
            when = width >= 110 ? 18 : width >= 76 ? 13 : 0
            model = width >= 140 ? 30 : width >= 104 ? 22 : isNarrow ? 14 : 0
            iterations = width >= 100 ? 6 : 0
            calls = width >= 76 ? 6 : 0
            tokens = width >= 76 ? 8 : 0
            cost = width >= 76 ? 9 : 0
            time = width >= 76 ? 8 : 5
        }

        /// The last column has the run's age where there is no date.
        var lastTitle: String { isNarrow ? "age" : "time" }
        var right: Int { model + iterations + calls + tokens + cost + time }
    }

    package static func draw(_ pane: RunsPane, isFocused: Bool, into surface: inout Surface, rect: Rect, pen: Pen) {
        guard rect.height > headingRows else { return }
        let columns = Columns(width: rect.width)
        var title: [Span] = [Span("Runs", isFocused ? .accent : .dim)]
        if pane.total > rect.height - headingRows {
            title.append(
                Span("  \(pen.figures.grouped(pane.selected + 1)) of \(pen.figures.grouped(pane.total))", .dim)
            )
        }
        surface.put(spans: title, x: rect.x + 1, y: rect.y, width: rect.width - 2)
        guard pane.total > 0 else { return EmptyState.noRuns.draw(into: &surface, rect: rect.inset(top: 2)) }
        drawFigures(
            ["model", "iter", "calls", "tokens", "cost", columns.lastTitle], .dim, &surface, rect, rect.y, columns)
        for (offset, row) in pane.rows.enumerated() where offset < rect.height - headingRows {
            let y = rect.y + headingRows + offset
            if let row {
                draw(row, isOpen: pane.openRow == pane.first + offset, &surface, rect, y, columns, pen)
            } else {
                surface.put("…", x: rect.x + 2, y: y, width: 1, role: .dim)
            }
            guard pane.first + offset == pane.selected else { continue }
            surface.tint(Rect(x: rect.x + 1, y: y, width: rect.width - 1, height: 1), role: .selection)
            surface.put(pen.glyphs.cursor, x: rect.x, y: y, width: 1, role: isFocused ? .accent : .dim)
        }
    }

    private static func draw(
        _ header: RunHeader,
        isOpen: Bool,
        _ surface: inout Surface,
        _ rect: Rect,
        _ y: Int,
        _ columns: Columns,
        _ pen: Pen
    ) {
        let run = header.run
        let glyphs = pen.glyphs
        let isLive = header.isLive(at: pen.now)
        let status =
            header.isInterrupted(at: pen.now)
            ? Mark(glyph: glyphs.failed, role: .statusFailed) : glyphs.mark(run.status, isLive: isLive)
        let origin = glyphs.mark(run.origin)
        surface.put(status.glyph, x: rect.x + 2, y: y, width: 1, role: status.role)
        surface.put(origin.glyph, x: rect.x + 3, y: y, width: 1, role: origin.role)
        surface.put(run.id.short, x: rect.x + 5, y: y, width: 4, role: isOpen ? .accent : .dim)
        var x = rect.x + 11
        if columns.when > 0 {
            let date = pen.date(run.createdAt)
            let text = columns.when > 16 ? date.minutes : date.short
            surface.put(text, x: x, y: y, width: columns.when - 2, role: .dim)
            x += columns.when
        }
        let last =
            columns.isNarrow
            ? pen.figures.age(pen.now.timeIntervalSince(run.createdAt))
            : pen.figures.duration(header.elapsed(at: pen.now))
        let model = run.model ?? pen.figures.unknown
        let room = rect.maxX - 1 - columns.right - 1 - x
        surface.put(run.question.isEmpty ? "(no question)" : run.question, x: x, y: y, width: max(0, room))
        drawFigures(
            [
                // Of a model in a narrow column, the name; whose it is comes before the stroke.
                columns.isNarrow ? String(model.split(separator: "/", maxSplits: 1).last ?? "?") : model,
                pen.figures.count(run.iterations), pen.figures.count(run.calls.total), pen.figures.tokens(run.usage),
                pen.figures.cost(run.usage), last,
            ],
            .text,
            &surface,
            rect,
            y,
            columns
        )
    }

    private static func drawFigures(
        _ texts: [String],
        _ role: Role,
        _ surface: inout Surface,
        _ rect: Rect,
        _ y: Int,
        _ columns: Columns
    ) {
        let widths = [columns.model, columns.iterations, columns.calls, columns.tokens, columns.cost, columns.time]
        var end = rect.maxX - 1
        for (index, (text, width)) in zip(texts, widths).enumerated().reversed() where width > 0 {
            if index == 0 {
                surface.put(text, x: end - width + 2, y: y, width: width - 2, role: .dim)
            } else {
                surface.put(text, endingAt: end, y: y, width: width - 1, role: role)
            }
            end -= width
        }
    }
}
