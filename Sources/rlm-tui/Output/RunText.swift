import Foundation
import LMClients
import Terminal
import Trajectory
import TrajectoryStore

/// A run as plain text for `show`. Every line passes the terminal's cleaning.
struct RunText {
    let store: TrajectoryStore
    let run: RunID

    func header(_ run: Run, contexts: [Context]) {
        line("run       \(run.id)  \(run.status.rawValue)\(run.stopReason.map { " (\($0.sentence))" } ?? "")")
        line("question  \(run.question)")
        line("model     \(run.model ?? "?")\(run.subModel.map { $0 == run.model ? "" : ", sub-calls \($0)" } ?? "")")
        for context in contexts {
            line("context   \(context.name)  \(context.byteCount) bytes, \(context.type.rawValue), \(context.source)")
        }
        line("usage     \(usage(run.usage))")
        line("calls     \(run.calls.total), \(run.calls.failed) failed; \(run.iterations) iterations")
        if let answer = run.answer { lines("answer    \(answer)") }
        if let failure = run.failure { line("failure   \(failure.message)") }
        line("")
    }

    func tree(_ node: Node, indentation: Int = 0) throws {
        let own = node.kind == .rlm || node.kind == .llm ? node.subtree : node.own
        let tokens = own.known.totalTokens.map { "\($0) tok" } ?? (node.kind == .block ? "" : "? tok")
        let isCut =
            try (node.kind == .llm || node.kind == .iteration)
            && FinishReason.isCut(store.finishReason(of: node))
        let cut = isCut ? " [cut by the token limit]" : ""
        let seconds = node.seconds.map { $0.formatted(.number.precision(.fractionLength(1))) + "s" } ?? ""
        line(
            String(repeating: "  ", count: indentation)
                + "\(mark(node.status)) \(node.address.lastStep)  \(node.failure?.message ?? node.title)\(cut)  \(tokens) \(seconds)"
        )
        for child in try store.children(of: node) { try tree(child, indentation: indentation + 1) }
    }

    func node(_ node: Node) throws {
        line("\(node.address)  \(node.kind.rawValue)  \(node.status.rawValue)  \(node.model ?? "")")
        if let failure = node.failure { line("failure: \(failure)") }
        switch node.id {
        case .call(let id):
            for message in try store.prompt(of: id) { section(message.role.rawValue, message.content) }
            let completion = try store.completions(of: node.id).last
            reasoning(completion)
            section("answer\(cutMark(completion))", try store.answer(of: id))
        case .iteration(let id):
            let detail = try store.iterationDetail(id)
            reasoning(detail.completion)
            section("response\(cutMark(detail.completion))", detail.completion?.response)
            for block in detail.blocks { show(block) }
        case .block(let id):
            guard let parent = node.address.parent else { return }
            let iteration = try store.node(at: parent, in: run)
            guard case .iteration(let iterationID) = iteration.id else { return }
            if let block = try store.iterationDetail(iterationID).blocks.first(where: { $0.id == id }) { show(block) }
        }
    }

    private func show(_ block: CodeBlock) {
        section("code \(block.ordinal)", block.code)
        section("output \(block.ordinal)", block.output.stdout)
        if !block.output.stderr.isEmpty { section("errors \(block.ordinal)", block.output.stderr) }
    }

    private func reasoning(_ completion: Completion?) {
        if let reasoning = completion?.reasoning { section("reasoning, no part of the answer", reasoning) }
    }

    private func cutMark(_ completion: Completion?) -> String {
        FinishReason.isCut(completion?.finishReason) ? ", cut by the token limit" : ""
    }

    private func section(_ title: String, _ text: String?) {
        line("--- \(title)")
        lines(text ?? "(none)")
    }

    private func usage(_ total: UsageTotal) -> String {
        let known = total.known
        func number(_ value: Int?) -> String { value.map(String.init) ?? "?" }
        let cost = known.cost.map { "$" + $0.formatted(.number.precision(.fractionLength(4))) } ?? "?"
        let rest =
            total.completionsOfUnknownTokens > 0
            ? "; \(total.completionsOfUnknownTokens) of \(total.completions) completions did not say" : ""
        return "in \(number(known.inputTokens)), out \(number(known.outputTokens)), cost \(cost)\(rest)"
    }

    private func mark(_ status: Status) -> String {
        switch status {
        case .queued: "○"
        case .running: "●"
        case .held: "◆"
        case .succeeded: "✓"
        case .failed: "✗"
        case .cancelled: "∅"
        case .limited: "▲"
        }
    }

    private func line(_ text: String) { StandardOutput.say(text) }
    private func lines(_ text: String) { StandardOutput.print(TerminalText.plain(text, keepingLines: true)) }
}
