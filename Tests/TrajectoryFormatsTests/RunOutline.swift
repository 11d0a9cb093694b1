// A run as far as the format `rlms` can tell it, for comparing two.
import Foundation
import Trajectory
import TrajectoryStore

struct RunOutline: Equatable {
    struct Entry: Equatable, CustomStringConvertible {
        var address: String
        var kind: Node.Kind
        var depth: Int
        var status: Status
        var model: String?
        /// The block that made a sub-call.
        var block: Int?
        var prompt: [Message] = []
        /// The response of an iteration, the answer of a call.
        var answer: String?
        /// Of `llm` calls, input, output and cost.
        var usage: [Double?] = []
        var failure: Failure?
        var code: String?
        var stdout: String?
        var stderr: String?
        var seconds: Double?

        /// Every field.
        var dumped: String {
            Mirror(reflecting: self).children.map { "\($0.label ?? ""): \($0.value)" }.joined(separator: ", ")
        }

        var description: String { "\(address) \(status) \(failure?.description ?? "") \(answer ?? "") \(usage)" }
    }

    var question: String
    var model: String?
    var environment: String?
    var maxIterations: Int?
    var status: Status
    var stopReason: StopReason?
    var answer: String?
    /// Name and text of each.
    var contexts: [[String]]
    var entries: [Entry] = []

    init(_ id: RunID, in store: TrajectoryStore) throws {
        let run = try store.run(id)
        (question, model, environment) = (run.question, run.model, run.environment)
        (status, stopReason, answer) = (run.status, run.stopReason, run.answer)
        maxIterations = run.settings.maxIterations
        contexts = try store.contexts(of: id).map {
            [$0.name, try String(contentsOfFile: store.contextPath($0.hash), encoding: .utf8)]
        }
        var blocks: [CodeBlock] = []
        try store.walk(run: id) { node in
            var entry = Entry(
                address: node.address.description, kind: node.kind, depth: node.depth, status: node.status,
                model: node.model, block: node.block)
            switch node.id {
            case .call(let call):
                if node.address != .root { entry.prompt = try store.prompt(of: call) }
                entry.answer = try store.answer(of: call)
                entry.failure = node.failure
                entry.seconds = node.address == .root ? nil : node.seconds
                if node.kind == .llm {
                    let known = node.own.known
                    entry.usage = [known.inputTokens.map(Double.init), known.outputTokens.map(Double.init), known.cost]
                }
            case .iteration(let iteration):
                let detail = try store.iterationDetail(iteration)
                blocks = detail.blocks
                entry.answer = detail.completion?.response
                entry.prompt = try store.completions(of: node.id).last?.messages ?? []
            case .block(let id):
                let block = blocks.first { $0.id == id }
                entry.failure = block?.failure
                (entry.code, entry.stdout, entry.stderr) = (block?.code, block?.output.stdout, block?.output.stderr)
                entry.seconds = block?.seconds
            }
            entries.append(entry)
        }
    }

    subscript(address: String) -> Entry? { entries.first { $0.address == address } }
}

extension RunOutline {
    /// What differs, for a test's message.
    func differences(from other: RunOutline) -> String {
        var differences: [String] = []
        for (one, two) in zip(entries, other.entries) where one != two {
            differences.append("\(one.dumped)\n  ≠ \(two.dumped)")
        }
        if entries.count != other.entries.count {
            differences.append("\(entries.map(\.address)) ≠ \(other.entries.map(\.address))")
        }
        if question != other.question { differences.append("\(question) ≠ \(other.question)") }
        if status != other.status { differences.append("\(status) ≠ \(other.status)") }
        for (one, two) in [
            (answer, other.answer), (model, other.model), (environment, other.environment),
            (stopReason?.rawValue, other.stopReason?.rawValue),
        ] where one != two { differences.append("\(one ?? "nil") ≠ \(two ?? "nil")") }
        if contexts != other.contexts { differences.append("the contexts differ") }
        // The test runner's messages end at a NUL.
        let shown = differences.prefix(4).joined(separator: "\n").unicodeScalars.map { $0.value < 0x20 ? "·" : "\($0)" }
        return shown.joined()
    }
}
