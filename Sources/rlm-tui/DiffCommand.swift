import ArgumentParser
import Comparison
import Trajectory
import TrajectoryStore

/// `rlm-tui diff`: how two runs, or two attempts of a node, differ.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "How two runs, two parts of runs, or two attempts of a node differ.",
        discussion: """
            Nodes are paired by their address, and by likeness where one has more of them. What is the same is left out. Of a \
            line that changed, [-removed-] and {+added+} words are marked.

            EXAMPLES
              rlm-tui diff 7f3a 91bc                 a run and its fork
              rlm-tui diff 7f3a:i2.c4@1 7f3a:i2.c4@2 two attempts of a sub-call
              rlm-tui diff 7f3a 91bc --json          for programs
            """
    )

    @Argument(help: ArgumentHelp("RUN, or RUN:ADDRESS[@n].", valueName: "a"))
    var first: String

    @Argument(help: ArgumentHelp("RUN, or RUN:ADDRESS[@n].", valueName: "b"))
    var second: String

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var store: StoreOption

    func run() async throws {
        let store = try store.openForReading()
        let a = try await NodeArgument(first, in: store)
        let b = try await NodeArgument(second, in: store)
        guard a.node.kind == b.node.kind else {
            throw UsageError(
                "\(first) is \(a.node.kind.inWords) and \(second) is \(b.node.kind.inWords): they cannot be compared")
        }
        let comparison = try RunComparison(of: a.node, and: b.node, in: store)
        let answers = (try answer(of: a.node, in: store), try answer(of: b.node, in: store))
        if json {
            return try JSONOutput.print(
                ComparisonJSON(a: a, b: b, comparison: comparison, answers: answers))
        }
        try ComparisonText(store: store).print(a: a, b: b, comparison: comparison, answers: answers)
    }

    /// What the node came to: an answer, a response, or what a block printed.
    private func answer(of node: Node, in store: TrajectoryStore) throws -> String? {
        if let block = try store.block(of: node) { return block.output.stdout }
        if case .call(let id) = node.id, node.address.attempt == nil { return try store.answer(of: id) }
        let completions = try store.completions(of: node.id)
        return (completions.first { $0.attempt == node.address.attempt } ?? completions.last)?.response
    }
}

extension Node.Kind {
    /// As a sentence names it.
    var inWords: String {
        switch self {
        case .rlm: "a call with iterations"
        case .llm: "a plain sub-call"
        case .iteration: "an iteration"
        case .block: "a code block"
        }
    }
}

/// A comparison as `diff --json` prints it.
private struct ComparisonJSON: Encodable {
    let a: NodeArgument
    let b: NodeArgument
    let comparison: RunComparison
    let answers: (String?, String?)

    private enum CodingKeys: String, CodingKey { case a, b, first_difference, nodes, answers, live_calls }

    private struct NodeJSON: Encodable {
        let address: String
        let change: NodeDifference.Change
        let fields: [NodeDifference.Field]
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(a.name, forKey: .a)
        try container.encode(b.name, forKey: .b)
        try container.encode(comparison.firstDifference?.description, forKey: .first_difference)
        try container.encode(
            comparison.nodes.map { NodeJSON(address: $0.address.description, change: $0.change, fields: $0.fields) },
            forKey: .nodes)
        try container.encode([answers.0, answers.1], forKey: .answers)
        // Comparing reads what is recorded, and asks no model.
        try container.encode(0, forKey: .live_calls)
    }
}

extension NodeArgument {
    /// The run's id, with the address where a part of it is meant.
    var name: String { node.address == .root ? run.id.rawValue : "\(run.id.rawValue):\(node.address)" }
}
