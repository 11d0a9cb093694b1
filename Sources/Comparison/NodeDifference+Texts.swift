// The texts of a node, loaded one field at a time to be shown side by side.
internal import Trajectory
package import TrajectoryStore

extension NodeDifference {
    /// What the two have in a field, as text; empty where a node has none of it. Throws `StoreError`.
    package func texts(of field: Field, in store: TrajectoryStore) throws -> (a: String, b: String) {
        (
            try a.map { try Self.text(of: field, $0, in: store) } ?? "",
            try b.map { try Self.text(of: field, $0, in: store) } ?? ""
        )
    }

    private static func text(of field: Field, _ node: Node, in store: TrajectoryStore) throws -> String {
        switch field {
        case .status: return node.status.rawValue
        case .model: return node.model ?? "?"
        case .failure: return node.failure.map { "\($0)" } ?? ""
        case .code, .stdout, .stderr, .variables:
            guard let block = try store.block(of: node) else { return "" }
            switch field {
            case .code: return block.code
            case .stdout: return block.output.stdout
            case .stderr: return block.output.stderr
            default:
                return block.variables.map { "\($0.name): \($0.type) = \($0.preview)" }.joined(separator: "\n")
            }
        case .prompt:
            if case .call(let id) = node.id, node.attempts == 1 { return try text(of: store.prompt(of: id)) }
            let messages = try store.completion(of: node)?.messages ?? []
            guard node.kind == .iteration else { return text(of: messages) }
            // What came before its last turn is the same history that earlier iterations show.
            let last = messages.lastIndex { $0.role == .assistant }.map { $0 + 1 } ?? 0
            return text(of: Array(messages[last...]))
        case .parameters: return try store.completion(of: node)?.parameters ?? ""
        case .answer, .response:
            if let response = try store.completion(of: node)?.response { return response }
            if case .call(let id) = node.id { return try store.answer(of: id) ?? "" }
            return ""
        }
    }

    private static func text(of messages: [Message]) -> String {
        if messages.count == 1 { return messages[0].content }
        return messages.map { "[\($0.role.rawValue)]\n\($0.content)" }.joined(separator: "\n")
    }
}
