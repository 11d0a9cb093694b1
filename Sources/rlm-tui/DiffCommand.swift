import ArgumentParser
import Comparison
import Engine
import LMClients
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
              rlm-tui diff 7f3a 91bc --explain       which difference led to the other answer

            --explain tries the differences on forks of the first run, named 'explain', that are answered from the store \
            alone: no model is asked.
            """
    )

    @Argument(help: ArgumentHelp("RUN, or RUN:ADDRESS[@n].", valueName: "a"))
    var first: String

    @Argument(help: ArgumentHelp("RUN, or RUN:ADDRESS[@n].", valueName: "b"))
    var second: String

    @Flag(help: "Find the first difference that leads from a's answer to b's.")
    var explain = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var store: StoreOption

    func run() async throws {
        let store = explain ? try store.open() : try store.openForReading()
        let a = try await NodeArgument(first, in: store)
        let b = try await NodeArgument(second, in: store)
        guard a.node.kind == b.node.kind else {
            throw UsageError(
                "\(first) is \(a.node.kind.inWords) and \(second) is \(b.node.kind.inWords): they cannot be compared")
        }
        let comparison = try RunComparison(of: a.node, and: b.node, in: store)
        let answers = (try answer(of: a.node, in: store), try answer(of: b.node, in: store))
        let explanation = explain ? try await explanation(of: comparison, a, b, in: store) : nil
        if json {
            return try JSONOutput.print(
                ComparisonJSON(a: a, b: b, comparison: comparison, answers: answers, explanation: explanation))
        }
        try ComparisonText(store: store).print(a: a, b: b, comparison: comparison, answers: answers)
        if let explanation { say(explanation, answers) }
    }

    /// Tries which of the differences leads to the other answer.
    private func explanation(
        of comparison: RunComparison, _ a: NodeArgument, _ b: NodeArgument, in store: TrajectoryStore
    ) async throws -> Explanation {
        guard a.node.address == .root, b.node.address == .root else {
            throw UsageError("--explain compares whole runs: name them without an address")
        }
        guard a.run.question == b.run.question else {
            throw UsageError("--explain compares runs over the same question, and these two were asked different ones")
        }
        let differences = try comparison.nodes.filter(Self.isCause).sorted { Self.precedes($0.address, $1.address) }
            .compactMap { difference in
                try store.completion(of: difference.b ?? a.node)?.response.map {
                    (address: difference.address, text: $0)
                }
                    ?? Self.answer(of: difference, in: store)
            }
        let travel = TimeTravel(store: store, clients: ClientRegistry(environment: [:], baseURL: nil))
        return try await travel.explain(a.run, becoming: b.run, by: differences)
    }

    /// A recursive call has no completion of its own.
    private static func answer(
        of difference: NodeDifference, in store: TrajectoryStore
    ) throws -> (address: Address, text: String)? {
        guard case .call(let id)? = difference.b?.id else { return nil }
        return try store.answer(of: id).map { (address: difference.address, text: $0) }
    }

    /// Whether the answer of a model itself differs, in the root's iterations or in the calls they make, and in both runs
    /// at the same place.
    private static func isCause(_ difference: NodeDifference) -> Bool {
        guard difference.change == .changed, difference.a?.address == difference.b?.address,
            1...2 ~= difference.address.steps.count, difference.b?.kind != .block
        else { return false }
        return difference.fields.contains(.answer) || difference.fields.contains(.response)
    }

    /// An iteration's response comes before the calls that its blocks make.
    private static func precedes(_ one: Address, _ other: Address) -> Bool {
        one.steps.map(\.number).lexicographicallyPrecedes(other.steps.map(\.number))
    }

    private func say(_ explanation: Explanation, _ answers: (String?, String?)) {
        let tries = "\(explanation.forks.count.counted("fork")) tried, no model asked"
        StandardOutput.say("")
        if let address = explanation.address {
            StandardOutput.say(
                "\(address) explains it: with the differences up to there, a answers as b does (\(tries))")
        } else if answers.0 == answers.1 {
            StandardOutput.say("both have the same answer: there is nothing to explain")
        } else {
            StandardOutput.say("none of the recorded differences alone leads from a's answer to b's (\(tries))")
        }
        if explanation.unfinished > 0 {
            StandardOutput.say(
                "\(explanation.unfinished.counted("fork")) came to where a model would have had to be asked")
        }
    }

    /// What the node came to: an answer, a response, or what a block printed.
    private func answer(of node: Node, in store: TrajectoryStore) throws -> String? {
        if let block = try store.block(of: node) { return block.output.stdout }
        if case .call(let id) = node.id, node.address.attempt == nil { return try store.answer(of: id) }
        return try store.completion(of: node)?.response
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
    let explanation: Explanation?

    private enum CodingKeys: String, CodingKey {
        case a, b, first_difference, nodes, answers, live_calls, explanation
    }

    private struct ExplanationJSON: Encodable {
        let address: String?
        let forks: [String]
        let unfinished: Int

        private enum CodingKeys: String, CodingKey { case address, forks, unfinished }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(address, forKey: .address)
            try container.encode(forks, forKey: .forks)
            try container.encode(unfinished, forKey: .unfinished)
        }
    }

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
        if let explanation {
            try container.encode(
                ExplanationJSON(
                    address: explanation.address?.description, forks: explanation.forks.map(\.rawValue),
                    unfinished: explanation.unfinished),
                forKey: .explanation)
        }
        // Comparing reads what is recorded, and asks no model.
        try container.encode(0, forKey: .live_calls)
    }
}

extension NodeArgument {
    /// The run's id, with the address where a part of it is meant.
    var name: String { node.address == .root ? run.id.rawValue : "\(run.id.rawValue):\(node.address)" }
}
