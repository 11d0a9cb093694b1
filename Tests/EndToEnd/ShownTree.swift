import Foundation

extension Program {
    static let usageFields: Set = ["input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_usd"]

    /// Every node that `show --json` prints of a run, in order, without what is below it.
    func nodes(of run: String, _ more: String...) throws -> [[String: Any]] {
        let object = try start(["show", run, "--json"] + more).end().object()
        guard let root = object["root"] as? [String: Any] else { return [] }
        var nodes: [[String: Any]] = []
        func walk(_ node: [String: Any]) {
            nodes.append(node)
            for child in node["children"] as? [[String: Any]] ?? [] { walk(child) }
        }
        walk(root)
        return nodes
    }

    /// Each run that `list --json` prints.
    func list() throws -> [[String: Any]] {
        let ended = try run("list", "--json")
        return try JSONSerialization.jsonObject(with: Data(ended.stdout.utf8)) as? [[String: Any]] ?? []
    }
}
