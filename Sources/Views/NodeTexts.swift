// The texts of a node by what they are, for copying and for the pager.

package import Trajectory

/// What `y` and `o` offer of a node.
package struct NodeTexts: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package let key: Character
        /// `prompt`, `response`, `reasoning`, `code`, `output`, `question`, `answer`.
        package let name: String
        package let text: String
    }

    package let address: String
    package let parts: [Part]

    /// Parts without text are left out.
    package init(address: String, _ parts: [(key: Character, name: String, text: String?)]) {
        self.address = address
        self.parts = parts.compactMap { key, name, text in
            text.flatMap { $0.isEmpty ? nil : Part(key: key, name: name, text: $0) }
        }
    }

    /// All parts one below the other, each under its name.
    package var everything: String {
        parts.map { "\($0.name.uppercased())\n\n\($0.text)" }.joined(separator: "\n\n")
    }

    package static func iteration(_ node: Node, _ completion: Completion?, _ blocks: [CodeBlock]) -> NodeTexts {
        NodeTexts(
            address: node.address.description,
            [
                ("p", "prompt", completion.map { prompt($0.messages) }), ("r", "response", completion?.response),
                ("t", "reasoning", completion?.reasoning),
                ("c", "code", blocks.map(\.code).joined(separator: "\n\n")),
                ("u", "output", blocks.map(output).filter { !$0.isEmpty }.joined(separator: "\n")),
            ])
    }

    package static func block(_ node: Node, _ block: CodeBlock) -> NodeTexts {
        NodeTexts(address: node.address.description, [("c", "code", block.code), ("u", "output", output(block))])
    }

    package static func call(
        _ node: Node, prompt messages: [Message], response: String?, reasoning: String? = nil
    ) -> NodeTexts {
        NodeTexts(
            address: node.address.description,
            [("p", "prompt", prompt(messages)), ("r", "response", response), ("t", "reasoning", reasoning)])
    }

    package static func run(_ run: Run) -> NodeTexts {
        NodeTexts(
            address: "run \(run.id.short)",
            [("p", "question", run.question), ("a", "answer", run.answer), ("i", "id", run.id.rawValue)])
    }

    private static func prompt(_ messages: [Message]) -> String {
        guard messages.count > 1 else { return messages.first?.content ?? "" }
        return messages.map { "[\($0.role.rawValue)]\n\($0.content)" }.joined(separator: "\n\n")
    }

    private static func output(_ block: CodeBlock) -> String {
        let failure = block.failure.map(\.description)
        return [block.output.stdout, block.output.stderr, failure ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
