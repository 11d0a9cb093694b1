// A family of runs, as rows of a list: each fork under what it was forked from, with what was changed and what came out.

import Foundation
import Terminal
import Trajectory

/// A run and its place in its family.
package struct FamilyMember: Hashable, Sendable {
    package var header: RunHeader
    /// Forks between it and the eldest.
    package var level: Int
    /// What was changed where it branched off: `prompt`, `code`.
    package var change: String

    package init(header: RunHeader, level: Int, change: String) {
        self.header = header
        self.level = level
        self.change = change
    }
}

package enum ForkRows {
    private static let widths = (calls: 7, cost: 10, time: 9)

    package static var headings: [Span] {
        [
            Span(right("calls", widths.calls), .dim), Span(right("cost", widths.cost), .dim),
            Span(right("time", widths.time), .dim),
        ]
    }

    package static func row(_ member: FamilyMember, isOpen: Bool, isMarked: Bool, pen: Pen) -> ListRow {
        let run = member.header.run
        let mark =
            member.header.isInterrupted(at: pen.now)
            ? Mark(glyph: pen.glyphs.failed, role: .statusFailed)
            : pen.glyphs.mark(run.status, isLive: member.header.isLive(at: pen.now))
        var left = [
            Span(String(repeating: "  ", count: min(member.level, 12))), Span(mark.glyph, mark.role),
            Span(" \(run.id.short)", isOpen ? .accent : .heading), Span("  "),
        ]
        if let name = run.name, !name.isEmpty { left.append(Span(name + "  ", .text)) }
        if let at = run.forkedAt {
            left.append(Span("at \(at)", .dim))
            left.append(Span(member.change.isEmpty ? "  " : ": \(member.change)  ", .dim))
        }
        left.append(Span(outcome(run, member.header, pen), run.answer == nil ? .dim : .response))
        return ListRow(
            left,
            right: [
                Span(right(pen.figures.count(run.calls.total), widths.calls)),
                Span(right(pen.figures.cost(run.usage), widths.cost)),
                Span(right(pen.figures.duration(member.header.elapsed(at: pen.now)), widths.time)),
            ],
            isMarked: isMarked)
    }

    package static func peek(_ member: FamilyMember, pen: Pen) -> Document {
        let run = member.header.run
        var lines: [DocumentLine] = []
        let name = run.name.flatMap { $0.isEmpty ? nil : $0 }
        lines.append(
            DocumentLine([
                Span(run.id.short, .heading), Span(name.map { "  \($0)" } ?? ""),
                Span("  \(pen.date(run.createdAt).minutes)  \(member.header.state(at: pen.now))", .dim),
            ]))
        if let original = run.forkedFrom, let at = run.forkedAt {
            let change = member.change.isEmpty ? "run again as it was" : "changed: \(member.change)"
            lines.append(DocumentLine([Span("fork of \(original.short) at \(at), \(change)", .dim)]))
        }
        var passages: [Passage] = [.lines(lines)]
        if let note = run.note, !note.isEmpty { passages.append(.text(TextLines(note), .notice)) }
        passages.append(.text(TextLines(outcome(run, member.header, pen)), .response))
        return Document(passages)
    }

    private static func outcome(_ run: Run, _ header: RunHeader, _ pen: Pen) -> String {
        run.answer ?? header.explanation(at: pen.now) ?? (run.status.isFinal ? "no answer" : "no answer yet")
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - TextWidth.columns(of: text))) + text
    }

    package static let empty = EmptyState(
        title: "This run has no forks.",
        lines: ["R on a node of the tree continues from there, with what was edited (e), as a run of its own."]
    )
}
