// Two lines about what is under the cursor, where no pane has its detail.

package import Terminal
package import Trajectory

package enum PeekView {
    /// What the peek is about.
    package enum Subject: Sendable {
        case node(Node)
        case run(RunHeader)
        /// Sub-calls that share a row, counted from 1.
        case folded(first: Int, last: Int, isQueued: Bool)
    }

    package static func draw(_ subject: Subject?, into surface: inout Surface, rect: Rect, pen: Pen) {
        guard let subject, rect.height >= 2 else { return }
        switch subject {
        case .node(let node): draw(node, &surface, rect, pen)
        case .run(let run): draw(run, &surface, rect, pen)
        case .folded(let first, let last, let isQueued):
            let count = pen.figures.grouped(last - first + 1)
            surface.put(
                isQueued
                    ? "\(count) sub-calls wait for their turn; Enter shows them one by one"
                    : "\(count) sub-calls are done; Enter shows them one by one",
                x: rect.x + 1,
                y: rect.y,
                width: rect.width - 2,
                role: .dim
            )
        }
    }

    private static func draw(_ node: Node, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let label = node.address.description
        let (text, role) = text(of: node)
        let figures = figures(of: node, pen)
        draw(label: label, text: text, role: role, figures: figures, &surface, rect)
    }

    private static func draw(_ header: RunHeader, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let run = header.run
        var text = header.explanation(at: pen.now) ?? ""
        var role: Role = run.status == .cancelled && !header.isInterrupted(at: pen.now) ? .dim : .statusFailed
        if text.isEmpty || run.status == .limited {
            text += (text.isEmpty ? "" : " · ") + (run.answer ?? "no answer yet")
            role = run.answer == nil ? .dim : .peek
        }
        let figures = [run.environment, run.subModel.map { "sub-calls \($0)" }, run.source].compactMap { $0 }
        draw(
            label: run.id.short,
            text: text,
            role: role,
            figures: figures.joined(separator: pen.figures.separator),
            &surface,
            rect
        )
    }

    /// The label, the text over the rest of both lines, figures at the end of the second where there is room.
    private static func draw(
        label: String,
        text: String,
        role: Role,
        figures: String,
        _ surface: inout Surface,
        _ rect: Rect
    ) {
        let used = surface.put(label, x: rect.x + 1, y: rect.y, width: min(24, rect.width / 3), role: .heading)
        let x = rect.x + 1 + used + 2
        let width = rect.maxX - 1 - x
        guard width > 0 else { return }
        let lines = TextWidth.wrap(text.replacing("\n", with: " "), columns: width, lineLimit: 3)
        surface.put(lines.first ?? "", x: x, y: rect.y, width: width, role: role)
        let isAlone = lines.count < 2
        let figuresWidth = min(isAlone ? rect.width - 2 : width * 2 / 3, TextWidth.columns(of: figures))
        var room = width
        if figuresWidth > 0 {
            surface.put(figures, endingAt: rect.maxX - 1, y: rect.y + 1, width: figuresWidth, role: .dim)
            room -= figuresWidth + 2
        }
        guard lines.count > 1, room > 0 else { return }
        let second = lines.count > 2 ? lines[1] + "…" : lines[1]
        surface.put(second, x: x, y: rect.y + 1, width: room, role: role)
    }

    private static func text(of node: Node) -> (String, Role) {
        if let failure = node.failure { return (failure.description, .statusFailed) }
        if !node.preview.isEmpty { return (node.preview, .peek) }
        switch node.status {
        case .queued: return ("waits for its turn", .dim)
        case .held: return ("held before it is sent", .statusHeld)
        case .running: return (node.kind == .llm || node.kind == .rlm ? "no answer yet" : "no output yet", .dim)
        default: return (node.kind == .block || node.kind == .iteration ? "no output" : "an empty answer", .dim)
        }
    }

    /// Own and subtree figures, both where they differ.
    private static func figures(of node: Node, _ pen: Pen) -> String {
        let figures = pen.figures
        var parts: [String] = []
        if node.kind != .block {
            let own = "\(figures.tokens(node.own)) \(figures.cost(node.own))"
            parts.append(
                node.own == node.subtree
                    ? own
                    : "own \(own)\(figures.separator)subtree \(figures.tokens(node.subtree)) "
                        + figures.cost(node.subtree)
            )
        }
        if node.calls.total > 0 { parts.append("\(figures.count(node.calls.total)) calls") }
        return parts.joined(separator: figures.separator)
    }
}
