// From the state to what the views with the whole body draw.

import Foundation
import Terminal
import Trajectory
import Views

extension ExplorerModel {
    var widePane: WidePane? {
        switch focus {
        case .held: .list(heldPane)
        case .forks: .list(forksPane)
        default:
            wideText.map { text in
                .text(
                    DetailPane(title: text.title, subtitle: text.subtitle, document: text.document, scroll: text.scroll)
                )
            }
        }
    }

    private var heldPane: ListPane {
        let holds = open?.holds ?? []
        let visible = held.visible(of: holds.count, height: listHeight)
        func edit(_ hold: Hold) -> String? { open?.edits[hold.address].map { "another \($0.words)" } }
        var pane = ListPane(
            title: Pane.held.title,
            subtitle: open.flatMap { ownRuns.holdRules[$0.id] }.map { rules in
                rules.isEmpty ? "no rule holds anything" : "by " + rules.joined(separator: "; ")
            } ?? "",
            headings: [Span("rule  waits", .dim)],
            rows: holds[visible].map { HeldRows.row($0, edit: edit($0), isMarked: false, pen: pen) },
            first: visible.lowerBound, total: holds.count, selected: held.selected, empty: HeldRows.empty)
        if let hold = heldUnderCursor { pane.peek = HeldRows.peek(hold, edit: edit(hold)) }
        return pane
    }

    private var forksPane: ListPane {
        let levels = forks.levels
        func member(_ run: Run) -> FamilyMember {
            FamilyMember(header: header(run), level: levels[run.id] ?? 0, change: RunChange.words(run.change))
        }
        let visible = forks.cursor.visible(of: forks.family.count, height: listHeight)
        var pane = ListPane(
            title: Pane.forks.title, subtitle: forks.family.count == 1 ? "this run alone" : "",
            headings: ForkRows.headings,
            rows: forks.family[visible].map {
                ForkRows.row(
                    member($0), isOpen: $0.id == open?.id, isMarked: forks.marked.contains($0.id), pen: pen)
            },
            first: visible.lowerBound, total: forks.family.count, selected: forks.cursor.selected, empty: ForkRows.empty
        )
        if let run = forks.selectedRun { pane.peek = ForkRows.peek(member(run), pen: pen) }
        return pane
    }
}

/// What a fork changed, as it is kept with it.
enum RunChange {
    private struct Change: Decodable {
        var prompt: String?
        var response: String?
        var code: String?
        var model: String?
        var sampling: [String: String]?
    }

    /// `prompt and model openai/gpt-5`; nothing where nothing was changed, or nobody can tell what.
    static func words(_ json: String?) -> String {
        guard let json, let change = try? JSONDecoder().decode(Change.self, from: Data(json.utf8)) else { return "" }
        var words = [
            change.prompt.map { _ in "prompt" }, change.response.map { _ in "answer" }, change.code.map { _ in "code" },
            change.model.map { "model \($0)" },
        ].compactMap { $0 }
        for (key, value) in (change.sampling ?? [:]).sorted(by: { $0.key < $1.key }) { words.append("\(key)=\(value)") }
        return words.joined(separator: " and ")
    }
}
