// A run as a log of `rlms`: a metadata line, and a line for each iteration of the root call.
internal import Foundation
internal import Trajectory
internal import TrajectoryStore

/// Writes what the format has a place for. Of attempts the current one; of usage what is known. An iteration that came
/// to nothing is left out, as `rlms` leaves it out: one whose answer never came, or that has not ended.
///
/// Every iteration shows the history it was sent, the context stands once (see `RLMSLocals`).
final class RLMSWriter {
    private let store: TrajectoryStore
    private let run: Run
    private let json: JSONWriter
    private let names: RLMSModelNames
    private var locals: RLMSLocals

    private static let page = 200

    /// Throws `StoreError`.
    init(
        store: TrajectoryStore,
        run: RunID,
        sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        self.store = store
        self.run = try store.run(run)
        json = JSONWriter(sink)
        names = try RLMSModelNames(of: self.run, in: store)
        locals = try RLMSLocals(contexts: store.contexts(of: run), of: store)
    }

    /// How a call ended, as its last iteration tells it.
    private struct CallEnd {
        var status: Status
        var answer: String?
    }

    func write() throws {
        let root = try store.root(of: run.id)
        try json.object {
            try json.field("type", text: "metadata")
            try json.field("timestamp", text: PythonText.text(of: run.createdAt))
            try writeConfiguration(model: run.model)
        }
        try json.endLine()
        var usage: [String: UsageTotal] = [:]
        try eachIteration(of: root) { number, node in
            let ending = CallEnd(status: run.status, answer: run.answer)
            if try write(node, number, isLast: number == root.childCount, ending, &usage) { try json.endLine() }
        }
        try json.finish()
    }

    private func writeConfiguration(model: String?) throws {
        let name = names.name(model)
        try json.field("root_model", text: name)
        try json.field("max_depth", count: run.settings.maxDepth)
        try json.field("max_iterations", count: run.settings.maxIterations)
        try json.field("backend", text: names.backend)
        try json.field("backend_kwargs") {
            try json.object {
                if let name { try json.field("model_name", text: name) }
                if let url = run.settings.baseURL.flatMap(PythonText.withoutSecrets) {
                    try json.field("base_url", text: url)
                }
            }
        }
        try json.field("environment_type", text: run.environment)
        try json.field("environment_kwargs") { try json.object {} }
        try json.field("other_backends", text: nil)
    }

    // MARK: Iterations

    private func eachIteration(of call: Node, _ body: (Int, Node) throws -> Void) throws {
        var number = 0
        while number < call.childCount {
            let page = try store.children(of: call, offset: number, limit: Self.page)
            if page.isEmpty { return }
            for node in page {
                number += 1
                try body(number, node)
            }
        }
    }

    /// Says whether there was anything to write.
    private func write(
        _ node: Node,
        _ number: Int,
        isLast: Bool,
        _ ending: CallEnd,
        _ usage: inout [String: UsageTotal]
    ) throws -> Bool {
        guard node.status.isFinal, case .iteration(let id) = node.id else { return false }
        let detail = try store.iterationDetail(id)
        let response = detail.completion?.response
        guard detail.completion?.status == .succeeded || !detail.blocks.isEmpty else { return false }
        usage[node.model ?? "", default: UsageTotal()] += node.own

        // What is asked for when the iterations are used up has no code, and `rlms` gives it no time.
        let isLastResort =
            isLast && ending.status == .limited && detail.blocks.isEmpty && response != nil
            && response == ending.answer
        let answer = isLastResort || (isLast && ending.status == .succeeded) ? ending.answer : nil
        try json.object {
            try json.field("type", text: "iteration")
            try json.field("iteration", count: number)
            try json.field("timestamp", text: node.endedAt.map(PythonText.text(of:)))
            try json.field("prompt") { try write(try prompt(of: node, attempt: detail.completion?.attempt)) }
            try json.field("response", text: response)
            try json.field("code_blocks") {
                try json.array {
                    let calls = SubcallPages(of: node, after: detail.blocks.count, in: store, limit: Self.page)
                    for block in detail.blocks {
                        let isLastBlock = block.ordinal == detail.blocks.last?.ordinal
                        try write(block, calls, isLast: isLastBlock, answer: isLastBlock ? answer : nil, &usage)
                    }
                }
            }
            try json.field("final_answer", text: answer)
            try json.field("iteration_time", number: isLastResort ? nil : node.seconds)
        }
        return true
    }

    private func prompt(of node: Node, attempt: Int?) throws -> [Message] {
        try store.completions(of: node.id).first { $0.attempt == attempt }?.messages ?? []
    }

    private func write(_ messages: [Message]) throws {
        try json.array {
            for message in messages {
                try json.object {
                    try json.field("role", text: message.role.rawValue)
                    try json.field("content", text: message.content)
                }
            }
        }
    }

    private func write(
        _ block: CodeBlock,
        _ calls: SubcallPages,
        isLast: Bool,
        answer: String?,
        _ usage: inout [String: UsageTotal]
    ) throws {
        try json.object {
            try json.field("code", text: block.code)
            try json.field("result") {
                try json.object {
                    try json.field("stdout", text: block.output.stdout)
                    try json.field("stderr", text: RLMSFailure.stderr(of: block))
                    try json.field("locals") { try locals.write(block.variables, to: json) }
                    try json.field("execution_time", number: block.seconds)
                    try json.field("rlm_calls") {
                        try json.array {
                            while let call = try calls.next(ofBlock: isLast ? nil : block.ordinal) {
                                try write(call, &usage)
                            }
                        }
                    }
                    try json.field("final_answer", text: answer)
                }
            }
        }
    }

    // MARK: Calls

    private func write(_ node: Node, _ usage: inout [String: UsageTotal]) throws {
        guard case .call(let id) = node.id else { return }
        let answer = try store.answer(of: id)
        let failure = RLMSFailure.failure(of: node, answer: answer)
        var own: [String: UsageTotal] = [:]
        try json.object {
            try json.field("root_model", text: names.name(node.model))
            let prompt = try store.prompt(of: id)
            try json.field("prompt") {
                if prompt.count == 1, prompt[0].role == .user {
                    try json.value(text: prompt[0].content)
                } else {
                    try write(prompt)
                }
            }
            try json.field("response", text: answer ?? (failure == nil ? nil : ""))
            try json.field("execution_time", number: node.seconds)
            if node.kind == .rlm {
                try json.field("metadata") { try writeChild(node, answer: answer, &own) }
            } else if failure == nil || node.own.known != .unknown {
                own[node.model ?? ""] = node.own
            }
            try json.field("usage_summary") { try writeUsage(own) }
            if let failure { try json.field("error", text: RLMSFailure.error(failure)) }
        }
        usage.merge(own, uniquingKeysWith: +)
    }

    private func writeChild(_ node: Node, answer: String?, _ usage: inout [String: UsageTotal]) throws {
        let ending = CallEnd(status: node.status, answer: answer)
        try json.object {
            try json.field("run_metadata") { try json.object { try writeConfiguration(model: node.model) } }
            try json.field("iterations") {
                try json.array {
                    try eachIteration(of: node) { number, iteration in
                        _ = try write(iteration, number, isLast: number == node.childCount, ending, &usage)
                    }
                }
            }
        }
    }

    /// A sum that lacks what some completion did not report is no sum, and is left out.
    private func writeUsage(_ usage: [String: UsageTotal]) throws {
        try json.object {
            try json.field("model_usage_summaries") {
                try json.object {
                    for (model, total) in usage.sorted(by: { $0.key < $1.key }) {
                        try json.field(names.name(model) ?? "") { try writeUsage(total) }
                    }
                }
            }
            let costs = usage.values.map { $0.completionsOfUnknownCost == 0 ? $0.known.cost : nil }
            let known = costs.compactMap { $0 }
            if !known.isEmpty, known.count == costs.count {
                try json.field("total_cost", number: known.reduce(0, +))
            }
        }
    }

    private func writeUsage(_ total: UsageTotal) throws {
        try json.object {
            try json.field("total_calls", count: total.completions)
            if total.completionsOfUnknownTokens == 0 {
                if let count = total.known.inputTokens { try json.field("total_input_tokens", count: count) }
                if let count = total.known.outputTokens { try json.field("total_output_tokens", count: count) }
            }
            if total.completionsOfUnknownCost == 0, let cost = total.known.cost {
                try json.field("total_cost", number: cost)
            }
        }
    }
}
