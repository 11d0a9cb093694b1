// A call: what it was asked, what it answered, and on what terms.

import Foundation
import Terminal
package import Trajectory

extension NodeDocuments {
    /// A sub-call of one completion.
    package func subcall(
        _ node: Node, completion: Completion?, prompt: [Message], slices: [[PromptSlice]] = [], attempts: Int
    ) -> Document {
        var passages = failure(completion?.failure ?? node.failure)
        let response = completion?.response ?? ""
        let messages = prompt.isEmpty ? completion?.messages ?? [] : prompt
        var answer = section("Response", response, role: .response, empty: noAnswer(node))
        answer.insert(contentsOf: cut(completion), at: 1)
        passages += answer
        passages += reasoning(completion)
        passages += self.prompt(messages, slices)
        passages += usage(of: node)
        if let completion { passages += completionFields(completion) }
        if attempts > 1 {
            passages += [.lines([DocumentLine([Span("\(attempts) attempts; this is the current one.", .dim)])])]
        }
        return Document(passages)
    }

    /// The root of a run.
    package func root(_ node: Node, header: RunHeader, contexts: [Context]) -> Document {
        let run = header.run
        var passages: [Passage] = []
        if let explanation = header.explanation(at: pen.now) {
            let isInterrupted = header.isInterrupted(at: pen.now)
            let role: Role =
                switch run.status {
                case .limited: .statusHeld
                case .cancelled where !isInterrupted: .dim
                default: .statusFailed
                }
            passages += [.text(TextLines(explanation), role), .blank]
        }
        let answer = run.answer ?? ""
        let noAnswer = run.status.isFinal ? "The run ended without an answer." : "No answer yet."
        passages += section(
            run.status == .limited ? "Best-effort answer" : "Answer",
            answer,
            role: .response,
            empty: noAnswer
        )
        passages += section("Question", run.question, role: .prompt, trailing: "", empty: "No question was recorded.")
        passages += self.contexts(contexts)
        passages += usage(of: node)
        passages += terms(header)
        return Document(passages)
    }

    /// A sub-call with a REPL of its own.
    package func recursiveCall(
        _ node: Node, prompt: [Message], slices: [[PromptSlice]] = [], answer: String?
    ) -> Document {
        var passages = failure(node.failure)
        passages += section("Answer", answer ?? "", role: .response, empty: noAnswer(node))
        passages += self.prompt(prompt, slices)
        passages += usage(of: node)
        return Document(passages)
    }

    private func noAnswer(_ node: Node) -> String {
        switch node.status {
        case .queued: "Waits for its turn."
        case .held: "Held before it is sent."
        case .running: "No answer yet."
        case .cancelled: "Cancelled before it answered."
        default: node.failure == nil ? "An empty answer." : "No answer: it failed."
        }
    }

    /// - Parameter slices: of each message, in order; none where it is not known what is out of a context.
    private func prompt(_ messages: [Message], _ slices: [[PromptSlice]]) -> [Passage] {
        let own = slices.count == messages.count ? slices : messages.map { _ in [] }
        guard messages.count > 1 else {
            return message("Prompt", messages.first?.content ?? "", own.first ?? [], empty: "No prompt was recorded.")
        }
        return messages.enumerated().flatMap { place, message in
            self.message(
                "Prompt \(place + 1)\(figures.separator)\(message.role.rawValue)", message.content, own[place],
                empty: "An empty message.")
        }
    }

    /// A message with its slices set off from the words around them, each under the place it is from.
    private func message(_ title: String, _ text: String, _ slices: [PromptSlice], empty: String) -> [Passage] {
        guard !slices.isEmpty else { return section(title, text, role: .prompt, empty: empty) }
        var passages: [Passage] = [.heading(title, trailing: size(of: text))]
        let bytes = Array(text.utf8)
        func words(_ range: Range<Int>) {
            let text = String(decoding: bytes[range], as: UTF8.self).trimmingCharacters(in: .newlines)
            if !text.isEmpty {
                passages += folding(text, .prompt, id: "\(title) \(range.lowerBound)", head: 80, tail: 20)
            }
        }
        var place = 0
        for slice in slices where slice.range.lowerBound >= place && slice.range.upperBound <= bytes.count {
            words(place..<slice.range.lowerBound)
            passages.append(.lines([DocumentLine([Span(slice.label, .notice)], gutter: [Span("┌ ", .notice)])]))
            let text = String(decoding: bytes[slice.range], as: UTF8.self)
            passages += folding(text, .output, id: "\(title) slice \(slice.range.lowerBound)", head: 12, tail: 6)
            passages.append(.lines([DocumentLine([], gutter: [Span("└", .notice)])]))
            place = slice.range.upperBound
        }
        words(place..<bytes.count)
        return passages + [.blank]
    }

    private func contexts(_ contexts: [Context]) -> [Passage] {
        guard !contexts.isEmpty else { return [] }
        let width = contexts.map { TextWidth.columns(of: $0.name) }.max() ?? 0
        let lines = contexts.map { context in
            let files = context.parts.isEmpty ? "" : "\(figures.separator)\(context.parts.count) files"
            return DocumentLine(
                [
                    Span("\(context.type.rawValue)\(figures.separator)\(figures.bytes(context.byteCount))\(files)  "),
                    Span(context.source, .dim),
                ],
                gutter: [Span(TextWidth.padded(context.name, columns: width + 2), .dim)]
            )
        }
        return [.heading("Contexts"), .lines(lines), .blank]
    }

    private func terms(_ header: RunHeader) -> [Passage] {
        let run = header.run
        let settings = run.settings
        let limits: [String] = [
            settings.maxIterations.map { "\($0) iterations" }, settings.maxDepth.map { "depth \($0)" },
            settings.maxSubcalls.map { "\(figures.count($0)) sub-calls" },
            settings.maxBudget.map { figures.cost($0) }, settings.maxTokens.map { "\(figures.count($0)) tokens" },
            settings.maxTimeout.map { figures.duration($0) }, settings.maxErrors.map { "\($0) errors in a row" },
        ].compactMap { $0 }
        return fields(
            "Run",
            [
                ("id", run.id.rawValue), ("state", header.state(at: pen.now)),
                ("began", pen.date(run.createdAt).seconds), ("took", figures.duration(header.elapsed(at: pen.now))),
                ("model", run.model ?? figures.unknown), ("sub-calls", run.subModel), ("environment", run.environment),
                ("mode", run.mode.isEmpty ? nil : run.mode),
                ("limits", limits.isEmpty ? nil : limits.joined(separator: ", ")),
                ("turn", run.turn > 1 ? "\(run.turn) of session \(run.session.short)" : nil),
                ("fork of", run.forkedFrom.map { "\($0.short)" + (run.forkedAt.map { " at \($0)" } ?? "") }),
                ("from", run.source), ("format", run.sourceFormat),
            ]
        )
    }
}
