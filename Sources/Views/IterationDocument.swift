// An iteration: what the model said, the code it wrote, what the code printed, and what it left behind.

import Terminal
package import Trajectory

extension NodeDocuments {
    package func iteration(_ node: Node, completion: Completion?, blocks: [CodeBlock]) -> Document {
        var passages = failure(completion?.failure ?? (blocks.isEmpty ? node.failure : nil))
        passages += cut(completion)
        passages += reasoning(completion)
        let response = completion?.response ?? ""
        let prose = blocks.isEmpty ? response : Prose.outsideFences(of: response)
        if !prose.isEmpty {
            passages += folding(prose, .response, id: "Response", head: 80, tail: 20) + [.blank]
        } else if response.isEmpty, blocks.isEmpty {
            passages += [.lines([DocumentLine([Span(waiting(node), .dim)])]), .blank]
        }
        for block in blocks { passages += self.block(block, isAlone: blocks.count == 1) }
        if blocks.isEmpty, !response.isEmpty, node.status.isFinal {
            passages += [.lines([DocumentLine([Span("No code block in this iteration.", .dim)])]), .blank]
        }
        passages += usage(of: node)
        if let completion { passages += completionFields(completion) }
        return Document(passages)
    }

    package func block(_ node: Node, _ block: CodeBlock) -> Document {
        Document(self.block(block, isAlone: true))
    }

    private func waiting(_ node: Node) -> String {
        switch node.status {
        case .queued: "Waits for its turn."
        case .held: "Held before it is sent."
        case .running: "Waiting for the first words of \(node.model ?? "the model")."
        default: "The model answered nothing."
        }
    }

    private func block(_ block: CodeBlock, isAlone: Bool) -> [Passage] {
        var passages: [Passage] = []
        var trailing: [String] = []
        if let seconds = block.seconds { trailing.append(figures.duration(seconds)) }
        if let waiting = block.waitingSeconds, waiting > 0 {
            trailing.append("\(figures.duration(waiting)) of it waiting for sub-calls")
        }
        let mark = pen.glyphs.mark(block.status).glyph
        let title = isAlone ? "Code" : "\(mark) Code block b\(block.ordinal)"
        passages.append(.heading(title, trailing: trailing.joined(separator: figures.separator)))
        passages.append(.code(CodeLines(block.code)))
        passages.append(.rule)
        passages += output(of: block)
        if let failure = block.failure {
            passages.append(.text(TextLines("\(pen.glyphs.failed) \(failure.description)"), .statusFailed))
        }
        passages.append(.blank)
        passages += variables(of: block)
        return passages
    }

    private func output(of block: CodeBlock) -> [Passage] {
        var passages: [Passage] = []
        // What a block left behind stands below what it printed, and must not be a thousand lines away.
        for (name, text, role) in [
            ("output", block.output.stdout, Role.output), ("errors", block.output.stderr, .errorOutput),
        ] where !text.isEmpty {
            passages += folding(text, role, id: "b\(block.ordinal) \(name)", head: 20, tail: 10)
        }
        if passages.isEmpty {
            let text: String? =
                switch block.status {
                case .running: "running"
                case .queued: "not run yet"
                case .held: "held before it runs"
                default: block.failure == nil ? "no output" : nil
                }
            if let text { passages.append(.lines([DocumentLine([Span(text, .dim)])])) }
        }
        if block.output.cutByteCount > 0 {
            let count = figures.bytes(block.output.cutByteCount)
            passages.append(.lines([DocumentLine([Span("\(count) of output were not kept.", .notice)])]))
        }
        return passages
    }

    private func variables(of block: CodeBlock) -> [Passage] {
        guard !block.variables.isEmpty else { return [] }
        return [
            .heading("Variables", trailing: "+ made or changed here"), .lines(lines(of: block.variables)), .blank,
        ]
    }

    func lines(of variables: [Variable]) -> [DocumentLine] {
        let nameWidth = min(24, max(9, variables.map { TextWidth.columns(of: $0.name) }.max() ?? 0)) + 2
        let typeWidth = min(18, max(4, variables.map { TextWidth.columns(of: $0.type) }.max() ?? 0)) + 2
        // What the block touched stands first; within that the order is the REPL's own.
        let ordered = variables.filter(\.isChanged) + variables.filter { !$0.isChanged }
        return ordered.map { variable in
            let size = figures.bytes(variable.byteCount)
            let gutter = [
                Span(variable.isChanged ? "+ " : "  ", .accent),
                Span(TextWidth.padded(variable.name, columns: nameWidth), variable.isChanged ? .text : .dim),
                Span(TextWidth.padded(variable.type, columns: typeWidth), .dim),
                Span(String(repeating: " ", count: max(0, 8 - size.count)) + size + "  ", .dim),
            ]
            // Each has the line it stands on, whole, and no second one.
            return DocumentLine(
                [Span(variable.preview, variable.isChanged ? .text : .dim)],
                gutter: gutter,
                isOneRow: true
            )
        }
    }
}
