import Foundation
import Terminal
import Trajectory
import TrajectoryStore
import Views

/// A run as plain text for `show`, with the figures of every screen. Every line passes the terminal's cleaning.
struct RunText {
    let store: TrajectoryStore
    let run: RunID
    /// Whether what models thought is written out, and not only counted.
    var isFull = false
    private let figures = Figures()

    init(store: TrajectoryStore, run: RunID, isFull: Bool = false) {
        self.store = store
        self.run = run
        self.isFull = isFull
    }

    /// - Parameter coverage: lines for each context on how much of it was read.
    func header(_ run: Run, contexts: [Context], coverage: [[String]] = []) {
        let reason = run.stopReason.flatMap { $0 == .interrupted ? nil : " (\($0.sentence))" }
        line("run       \(run.id)  \(run.statusWord)\(reason ?? "")")
        if let name = run.name { line("name      \(name)") }
        if let original = run.forkedFrom {
            line("fork      of \(original)\(run.forkedAt.map { ", from \($0) on" } ?? "")")
        }
        if let change = run.change { line("change    \(change)") }
        if let note = run.note { lines("note      \(note)") }
        line("question  \(run.question)")
        line("model     \(run.model ?? "?")\(run.subModel.map { $0 == run.model ? "" : ", sub-calls \($0)" } ?? "")")
        for (index, context) in contexts.enumerated() {
            let size = figures.bytes(context.byteCount)
            line("context   \(context.name)  \(size), \(context.type.rawValue), \(context.source)")
            if coverage.indices.contains(index) { coverage[index].forEach { line("        \($0)") } }
        }
        for notice in run.notices { line("notice    \(notice)") }
        line("usage     \(usage(run.usage))")
        let failed = run.calls.failed > 0 ? ", \(run.calls.failed.grouped) failed" : ""
        line("calls     \(run.calls.total.grouped)\(failed); \(run.iterations.counted("iteration"))")
        if let answer = run.answer { lines("answer    \(answer)") }
        if let failure = run.failure { line("failure   \(failure)") }
        line("")
    }

    func tree(_ node: Node, indentation: Int = 0) throws {
        let own = node.kind == .rlm || node.kind == .llm ? node.subtree : node.own
        let tokens = node.kind == .block ? "" : "\(figures.tokens(own)) tok"
        let text = node.failure.map(\.description) ?? node.title
        let columns = [
            "\(mark(node.status)) \(node.address.lastStep)", text, tokens,
            node.seconds.map { figures.duration($0) } ?? "", node.isCut ? Self.cutMark : "",
        ]
        line(
            String(repeating: "  ", count: indentation)
                + columns.filter { !$0.isEmpty }.joined(separator: "  "))
        for child in try store.children(of: node) { try tree(child, indentation: indentation + 1) }
    }

    func node(_ node: Node) throws {
        line("\(node.address)  \(node.kind.rawValue)  \(node.status.rawValue)  \(node.model ?? "")")
        switch node.id {
        case .call(let id):
            if let failure = node.failure { line("failure: \(failure)") }
            let completion = try store.completion(of: node)
            for message in try completion?.messages ?? store.prompt(of: id) {
                section(message.role.rawValue, message.content)
            }
            reasoning(completion)
            let isNamed = node.address.attempt != nil
            section("answer\(cutMark(completion))", isNamed ? completion?.response : try store.answer(of: id))
        case .iteration where node.address.attempt != nil:
            let completion = try store.completion(of: node)
            if let failure = completion?.failure { line("failure: \(failure)") }
            reasoning(completion)
            section("response\(cutMark(completion))", completion?.response)
        case .iteration(let id):
            let detail = try store.iterationDetail(id)
            // What a block ended in stands below its own traceback, and is not said twice.
            if let failure = detail.completion?.failure ?? (detail.blocks.isEmpty ? node.failure : nil) {
                line("failure: \(failure)")
            }
            reasoning(detail.completion)
            section("response\(cutMark(detail.completion))", detail.completion?.response)
            for block in detail.blocks { show(block) }
        case .block: if let block = try store.block(of: node) { show(block) }
        }
    }

    // MARK: -

    private static let cutMark = "[cut by the token limit]"
    /// Characters of a thought that are shown where it is folded.
    private static let thoughtLength = 200

    private func show(_ block: CodeBlock) {
        section("code \(block.ordinal)", block.code)
        section("output \(block.ordinal)", block.output.stdout)
        if !block.output.stderr.isEmpty { section("errors \(block.ordinal)", block.output.stderr) }
        // A traceback ends in the error's own line; only what has none needs it said.
        if let failure = block.failure, !isSaid(failure, in: block.output.stderr) { line("failure: \(failure)") }
    }

    private func isSaid(_ failure: Failure, in stderr: String) -> Bool {
        let end = stderr.suffix(failure.description.utf8.count + 4_096)
        return end.contains(failure.description) || (end.contains(failure.kind) && end.contains(failure.message))
    }

    private func cutMark(_ completion: Completion?) -> String {
        completion?.isCut == true ? ", cut by the token limit" : ""
    }

    /// Thoughts are folded: they are long, and no part of the answer.
    private func reasoning(_ completion: Completion?) {
        guard let reasoning = completion?.reasoning, !reasoning.isEmpty else { return }
        let title = "reasoning, no part of the answer"
        guard !isFull, reasoning.count > Self.thoughtLength else { return section(title, reasoning) }
        let rest = (reasoning.count - Self.thoughtLength).counted("character")
        section(title, "\(reasoning.prefix(Self.thoughtLength))… (\(rest) more with --full)")
    }

    private func section(_ title: String, _ text: String?) {
        line("--- \(title)")
        lines(text ?? "(none)")
    }

    private func usage(_ total: UsageTotal) -> String {
        let unknown = total.completionsOfUnknownTokens
        let rest =
            unknown > 0 ? "; \(unknown.grouped) of \(total.completions.counted("completion")) did not say" : ""
        return "in \(figures.tokens(total, \.inputTokens)), out \(figures.tokens(total, \.outputTokens)), "
            + "cost \(figures.cost(total))\(rest)"
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
