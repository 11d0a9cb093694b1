// What the detail of a node is made of: the shared beginnings and ends of all its documents.

import Foundation
import Terminal
package import Trajectory

/// Writes the documents of nodes.
package struct NodeDocuments: Sendable {
    let pen: Pen
    /// Folds that are open, by their ids.
    let unfolded: Set<String>

    package init(pen: Pen, unfolded: Set<String> = []) {
        self.pen = pen
        self.unfolded = unfolded
    }

    var figures: Figures { pen.figures }

    /// What stands beside the address: kind, model, time, tokens.
    package func subtitle(of node: Node, in run: Run?) -> String {
        var parts: [String] = []
        switch node.kind {
        case .iteration:
            let number = node.address.steps.last?.number ?? 0
            let limit = node.address.steps.count == 1 ? run?.settings.maxIterations : nil
            parts.append("iteration \(number)" + (limit.map { " of \($0)" } ?? ""))
        case .block: parts.append("code block")
        case .llm: parts.append("sub-call")
        case .rlm: parts.append(node.address.steps.isEmpty ? "the run" : "recursive call")
        }
        if let seconds = node.seconds { parts.append(figures.duration(seconds)) }
        if node.kind != .block, node.own.completions > 0 {
            parts.append(
                "\(figures.tokens(node.own, \.inputTokens)) in, \(figures.tokens(node.own, \.outputTokens)) out"
            )
        }
        if let model = node.model { parts.append(model) }
        return parts.joined(separator: figures.separator)
    }

    /// Why it failed, at the very top, where there is something to say.
    func failure(_ failure: Failure?) -> [Passage] {
        guard let failure else { return [] }
        return [.text(TextLines("\(pen.glyphs.failed) \(failure.description)"), .statusFailed), .blank]
    }

    func section(_ title: String, _ text: String, role: Role, trailing: String? = nil, empty: String) -> [Passage] {
        if text.isEmpty {
            return [.heading(title), .lines([DocumentLine([Span(empty, .dim)])]), .blank]
        }
        return [.heading(title, trailing: trailing ?? size(of: text))]
            + folding(text, role, id: title, head: 80, tail: 20) + [.blank]
    }

    /// A text of which, when it is long, the beginning and the end are shown and the middle is folded.
    func folding(_ text: String, _ role: Role, id: String, head: Int, tail: Int) -> [Passage] {
        let lines = TextLines(text)
        let hidden = lines.count - head - tail
        // A fold saves more lines than it costs, or it is none.
        guard hidden > 4 || head + tail == 0 else { return [.text(lines, role)] }
        if unfolded.contains(id) {
            return [.text(lines, role), .fold(Fold(id: id, lines: hidden, isOpen: true))]
        }
        var passages: [Passage] = []
        if head > 0 { passages.append(.excerpt(lines, 0..<head, role)) }
        passages.append(.fold(Fold(id: id, lines: hidden, isOpen: false)))
        if tail > 0 { passages.append(.excerpt(lines, (lines.count - tail)..<lines.count, role)) }
        return passages
    }

    /// What the model thought, folded: it is no answer, and mostly longer than one.
    func reasoning(_ completion: Completion?) -> [Passage] {
        guard let reasoning = completion?.reasoning, !reasoning.isEmpty else { return [] }
        return [.heading("Reasoning", trailing: size(of: reasoning))]
            + folding(reasoning, .dim, id: "Reasoning", head: 0, tail: 0) + [.blank]
    }

    /// That an answer is not whole, where the token limit ended it.
    func cut(_ completion: Completion?) -> [Passage] {
        guard let completion, completion.isCut else { return [] }
        return [.lines([DocumentLine([Span("cut by the token limit: what follows is not whole", .notice)])])]
    }

    func size(of text: String) -> String {
        let bytes = text.utf8.count
        return bytes < 1_000 ? "\(bytes) bytes" : figures.bytes(bytes)
    }

    /// Aligned label and value pairs; those without a value are left out.
    func fields(_ title: String, _ pairs: [(String, String?)]) -> [Passage] {
        let filled = pairs.compactMap { label, value in value.map { (label, $0) } }
        guard !filled.isEmpty else { return [] }
        let width = filled.map { TextWidth.columns(of: $0.0) }.max() ?? 0
        let lines = filled.map { label, value in
            DocumentLine([Span(value)], gutter: [Span(TextWidth.padded(label, columns: width + 2), .dim)])
        }
        return [.heading(title), .lines(lines), .blank]
    }

    /// Own and subtree figures side by side.
    func usage(of node: Node) -> [Passage] {
        var rows: [(String, UsageTotal)] = [("own", node.own)]
        if node.own != node.subtree || node.calls.total > 0 { rows.append(("subtree", node.subtree)) }
        let titles = ["in", "out", "cached", "reasoning", "cost"]
        let widths = [8, 8, 8, 11, 9]
        func row(_ label: String, _ values: [String], _ role: Role) -> DocumentLine {
            let cells = zip(values, widths).map { value, width in
                String(repeating: " ", count: max(1, width - TextWidth.columns(of: value))) + value
            }
            return DocumentLine(
                [Span(cells.joined(), role)],
                gutter: [Span(TextWidth.padded(label, columns: 8), .dim)]
            )
        }
        var lines = [row("", titles, .dim)]
        for (label, total) in rows {
            let values = [
                figures.tokens(total, \.inputTokens), figures.tokens(total, \.outputTokens),
                optional(total, \.cachedTokens), optional(total, \.reasoningTokens), figures.cost(total),
            ]
            lines.append(row(label, values, .text))
        }
        if node.subtree.completionsOfUnknownTokens > 0 || node.subtree.completionsOfUnknownCost > 0 {
            let unknown = max(node.subtree.completionsOfUnknownTokens, node.subtree.completionsOfUnknownCost)
            lines.append(
                DocumentLine([
                    Span(
                        "\(figures.grouped(unknown)) of \(figures.grouped(node.subtree.completions)) completions did not "
                            + "report all of their usage.",
                        .dim
                    )
                ])
            )
        }
        return [.heading("Usage"), .lines(lines), .blank]
    }

    /// Providers leave these out where there are none.
    private func optional(_ total: UsageTotal, _ field: KeyPath<Usage, Int?>) -> String {
        total.known[keyPath: field].map { figures.count($0) } ?? figures.nothing
    }

    func completionFields(_ completion: Completion) -> [Passage] {
        let wait = completion.startedAt.flatMap { start in completion.firstByteAt?.timeIntervalSince(start) }
        let total = completion.startedAt.flatMap { start in completion.endedAt?.timeIntervalSince(start) }
        return fields(
            "Completion",
            [
                ("model", completion.model.isEmpty ? figures.unknown : completion.model),
                ("parameters", ["", "{}"].contains(completion.parameters) ? nil : completion.parameters),
                ("started", completion.startedAt.map { pen.date($0).seconds }),
                ("first byte", wait.map { figures.duration($0) }),
                ("took", total.map { figures.duration($0) }),
                ("finish reason", completion.finishReason),
                ("tries", completion.retries > 0 ? String(completion.retries + 1) : nil),
                ("attempt", completion.attempt > 1 ? String(completion.attempt) : nil),
                ("origin", completion.origin == .live ? nil : completion.origin.rawValue),
            ]
        )
    }
}
