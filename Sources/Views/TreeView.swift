// The call tree: a row a node, marks on the left, figures in columns on the right.

import Foundation
package import Terminal
import Trajectory

package enum TreeView {
    /// Rows of a pane that are not rows of the tree.
    package static let headingRows = 1

    /// The figures there is room for: a row is about something, and its title comes before what it cost.
    private struct Columns {
        /// Columns a title has at least, two levels down, before a figure stands beside it.
        private static let leastTitle = 30
        /// The frame of a row: cursor, two levels of indent, marks, the step of the address.
        private static let frame = 19

        let tokens: Int
        let cost: Int
        let time: Int

        init(width: Int) {
            let room = width - Self.frame - Self.leastTitle
            time = room >= 8 ? 8 : 0
            cost = room >= 17 ? 9 : 0
            tokens = room >= 25 ? 8 : 0
        }

        var all: Int { tokens + cost + time }
    }

    package static func draw(_ pane: TreePane, isFocused: Bool, into surface: inout Surface, rect: Rect, pen: Pen) {
        guard rect.height > headingRows else { return }
        let columns = Columns(width: rect.width)
        drawHeading(pane, isFocused, &surface, rect, columns, pen)
        for (offset, row) in pane.rows.enumerated() where offset < rect.height - headingRows {
            let y = rect.y + headingRows + offset
            let beside = [
                offset > 0 ? pane.rows[offset - 1].node : pane.above,
                offset + 1 < pane.rows.count ? pane.rows[offset + 1].node : pane.below,
            ].compactMap { $0 }
            draw(row, beside, pane, &surface, Rect(x: rect.x, y: y, width: rect.width, height: 1), columns, pen)
            guard pane.first + offset == pane.selected else { continue }
            surface.tint(Rect(x: rect.x + 1, y: y, width: rect.width - 1, height: 1), role: .selection)
            surface.put(pen.glyphs.cursor, x: rect.x, y: y, width: 1, role: isFocused ? .accent : .dim)
        }
        let y = rect.y + headingRows + pane.rows.count + 1
        if let hint = pane.hint, y < rect.maxY {
            for (index, line) in TextWidth.wrap(hint, columns: rect.width - 8).enumerated() where y + index < rect.maxY
            {
                surface.put(line, x: rect.x + 5, y: y + index, width: rect.width - 6, role: .dim)
            }
        }
    }

    private static func drawHeading(
        _ pane: TreePane,
        _ isFocused: Bool,
        _ surface: inout Surface,
        _ rect: Rect,
        _ columns: Columns,
        _ pen: Pen
    ) {
        var title: [Span] = [Span("Tree", isFocused ? .accent : .dim)]
        if pane.isFollowing { title.append(Span("  following", .statusRunning)) }
        let shown = rect.height - headingRows
        if pane.total > shown {
            title.append(
                Span("  \(pen.figures.grouped(pane.selected + 1)) of \(pen.figures.grouped(pane.total))", .dim)
            )
        }
        surface.put(spans: title, x: rect.x + 1, y: rect.y, width: rect.width - columns.all - 3)
        figures(["tokens", "cost", "time"], .dim, &surface, rect, columns)
    }

    private static func figures(
        _ texts: [String],
        _ role: Role,
        _ surface: inout Surface,
        _ rect: Rect,
        _ columns: Columns
    ) {
        var end = rect.maxX - 1
        for (text, width) in zip(texts, [columns.tokens, columns.cost, columns.time]).reversed() where width > 0 {
            surface.put(text, endingAt: end, y: rect.y, width: width - 1, role: role)
            end -= width
        }
    }

    // MARK: Rows

    private static func draw(
        _ row: TreeRowContent,
        _ beside: [Node],
        _ pane: TreePane,
        _ surface: inout Surface,
        _ rect: Rect,
        _ columns: Columns,
        _ pen: Pen
    ) {
        switch row {
        case .node(let node, let isMarked, let isOpen, let canOpen):
            if isMarked { surface.put(pen.glyphs.bullet, x: rect.x + 1, y: rect.y, width: 1, role: .accent) }
            let title = SiblingTitle.of(node, beside: beside)
            draw(node, title: title, isOpen: isOpen, canOpen: canOpen, pane, &surface, rect, columns, pen)
        case .queued(let first, let last, let level):
            draw(fold: first...last, pen.glyphs.queued, "queued", level, &surface, rect, pen)
        case .finished(let first, let last, let level):
            draw(fold: first...last, pen.glyphs.succeeded, "done", level, &surface, rect, pen)
        case .loading(let level):
            surface.put("…", x: rect.x + 4 + indent(level, rect), y: rect.y, width: 1, role: .dim)
        }
    }

    private static func draw(
        fold children: ClosedRange<Int>,
        _ glyph: String,
        _ word: String,
        _ level: Int,
        _ surface: inout Surface,
        _ rect: Rect,
        _ pen: Pen
    ) {
        let x = rect.x + 4 + indent(level, rect)
        surface.put(glyph, x: x, y: rect.y, width: 1, role: .dim)
        let span = "c\(children.lowerBound)\(pen.figures.dash)c\(children.upperBound)"
        let label = "\(span)  \(pen.figures.grouped(children.count)) \(word)"
        surface.put(label, x: x + 4, y: rect.y, width: rect.maxX - x - 5, role: .dim)
    }

    private static func indent(_ level: Int, _ rect: Rect) -> Int { min(level * 2, max(0, rect.width / 3)) }

    private static func draw(
        _ node: Node,
        title: String,
        isOpen: Bool,
        canOpen: Bool,
        _ pane: TreePane,
        _ surface: inout Surface,
        _ rect: Rect,
        _ columns: Columns,
        _ pen: Pen
    ) {
        let glyphs = pen.glyphs
        let x = rect.x + 2 + indent(node.address.steps.count, rect)
        if canOpen {
            surface.put(isOpen ? glyphs.expanded : glyphs.collapsed, x: x, y: rect.y, width: 1, role: .dim)
        }
        // An iteration may end well although its code raised; the mark is for the eye that looks for what went wrong.
        let status = node.failure != nil && node.status == .succeeded ? .failed : node.status
        let marks = [
            glyphs.mark(status, isLive: pane.isRunLive), glyphs.mark(node.origin), glyphs.mark(node.freshness),
        ]
        for (offset, mark) in marks.enumerated() {
            surface.put(mark.glyph, x: x + 2 + offset, y: rect.y, width: 1, role: mark.role)
        }
        let width = rect.maxX - columns.all - 2 - (x + 6)
        surface.put(
            spans: label(of: node, title: title, pattern: pane.pattern, hasModel: rect.width >= 70),
            x: x + 6,
            y: rect.y,
            width: max(0, width)
        )
        figures(
            [tokens(node, pen), cost(node, pen), time(node, isRunLive: pane.isRunLive, pen)],
            node.status == .queued ? .dim : .text,
            &surface,
            rect,
            columns
        )
    }

    private static func label(of node: Node, title: String, pattern: SearchPattern?, hasModel: Bool) -> [Span] {
        var step = node.address.lastStep
        // How many there are, not which one counts: `c8@2` would be the name of the second.
        if node.attempts > 1 { step += "(\(node.attempts))" }
        // Steps of up to three letters begin their titles in one column.
        step += String(repeating: " ", count: max(0, 3 - step.count))
        var spans = [Span(step, node.kind == .rlm && !node.address.steps.isEmpty ? .accent : .heading), Span("  ")]
        if node.isCut { spans.append(Span("cut ", .notice)) }
        if node.address.steps.isEmpty {
            if hasModel, let model = node.model { spans.append(Span(model + " ", .dim)) }
            spans += highlighted("\"\(node.title)\"", .text, pattern)
        } else if let failure = node.failure {
            spans += highlighted(FailureReason.short(failure, model: node.model), .statusFailed, pattern)
        } else if title.isEmpty {
            spans.append(Span(emptyTitle(of: node), .dim))
        } else {
            spans += highlighted(title, node.status == .queued ? .dim : .text, pattern)
        }
        return spans
    }

    /// A text with what was searched for marked in it.
    private static func highlighted(_ text: String, _ role: Role, _ pattern: SearchPattern?) -> [Span] {
        guard let pattern, !pattern.isEmpty else { return [Span(text, role)] }
        var spans: [Span] = []
        var end = text.utf8.startIndex
        for match in pattern.matches(in: text) {
            let start = text.utf8.index(text.utf8.startIndex, offsetBy: match.lowerBound)
            let next = text.utf8.index(text.utf8.startIndex, offsetBy: match.upperBound)
            if start > end { spans.append(Span(String(text[end..<start]), role)) }
            spans.append(Span(String(text[start..<next]), .selection))
            end = next
        }
        if end < text.utf8.endIndex { spans.append(Span(String(text[end...]), role)) }
        return spans
    }

    private static func emptyTitle(of node: Node) -> String {
        switch (node.kind, node.status) {
        case (_, .running): "waiting for the model"
        case (_, .queued): "queued"
        case (.iteration, _): "no code"
        case (.block, _): "empty block"
        default: "empty prompt"
        }
    }

    private static func tokens(_ node: Node, _ pen: Pen) -> String {
        node.kind == .block ? pen.figures.nothing : pen.figures.tokens(node.subtree)
    }

    private static func cost(_ node: Node, _ pen: Pen) -> String {
        node.kind == .block ? pen.figures.nothing : pen.figures.cost(node.subtree)
    }

    private static func time(_ node: Node, isRunLive: Bool, _ pen: Pen) -> String {
        switch node.status {
        case .held: return "held"
        case .queued: return "queued"
        case .running:
            // In a run whose engine is gone it is not running any more, whatever was recorded last.
            guard isRunLive else { return pen.figures.unknown }
            return pen.figures.duration(node.startedAt.map { max(0, pen.now.timeIntervalSince($0)) })
        case .cancelled where node.seconds == nil: return pen.figures.nothing
        default:
            if [.recorded, .edited].contains(node.origin), node.seconds == nil { return pen.figures.nothing }
            return pen.figures.duration(node.seconds)
        }
    }
}
