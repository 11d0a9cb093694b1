// What is held, as rows of a list.

import Foundation
import Terminal
package import Trajectory

extension Hold.Stage {
    /// As a person says it.
    package var words: String {
        switch self {
        case .beforeSend: "before sending"
        case .beforeRun: "before running"
        case .beforeDeliver: "before delivery"
        }
    }
}

package enum HeldRows {
    /// - Parameter edit: what a person has changed about it and not let go yet, in words.
    package static func row(_ hold: Hold, edit: String?, isMarked: Bool, pen: Pen) -> ListRow {
        let address = TextWidth.padded(hold.address.description, columns: 12)
        var left = [
            Span(pen.glyphs.held, .statusHeld), Span(" \(address) ", .heading),
            Span(TextWidth.padded(hold.stage.words, columns: 16), .dim),
        ]
        if let edit { left.append(Span("\(pen.glyphs.edited) \(edit)  ", .accent)) }
        left.append(Span(hold.preview))
        let age = pen.figures.clock(max(0, pen.now.timeIntervalSince(hold.createdAt)))
        return ListRow(left, right: [Span(hold.rule, .dim), Span("  \(age)")], isMarked: isMarked)
    }

    package static func peek(_ hold: Hold, edit: String?) -> Document {
        var lines = [
            DocumentLine([
                Span(hold.address.description, .heading), Span("  held \(hold.stage.words) by ", .dim), Span(hold.rule),
            ])
        ]
        if let edit { lines.append(DocumentLine([Span("changed: \(edit)", .accent)])) }
        let role: Role =
            switch hold.stage {
            case .beforeSend: .prompt
            case .beforeRun: .text
            case .beforeDeliver: .response
            }
        return Document([.lines(lines), .text(TextLines(hold.preview), role)])
    }

    package static let empty = EmptyState(
        title: "Nothing is held.",
        lines: [
            "P pauses a live run: no new request leaves.",
            "i writes a rule that holds what comes, for example  depth>1 & tokens>8000 ,",
            "before-run: all , before-deliver: model:gpt-5* , /invoice/ , error .",
            "What is held can be edited (e), let go (a, A), answered by hand (e) or dropped (X).",
        ]
    )
}
