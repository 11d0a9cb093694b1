import Trajectory

/// A completion as it is put together, from one whole body or from the chunks of a stream.
struct CompletionAssembly {
    private var splitter = ReasoningSplitter()
    /// Reasoning that came beside the text.
    private var separateReasoning = ""
    private(set) var refusal = ""
    private(set) var usage = Usage.unknown
    private(set) var finishReason: String?
    private(set) var error: ReportedError?
    private(set) var hasToolCalls = false
    /// Whether anything of a completion was there at all.
    private(set) var hasChoices = false
    /// Whether the model ended its answer, as against the connection ending it.
    var isComplete = false

    /// The answer so far, without reasoning.
    var text: String { splitter.text }

    /// What the model thought, beside the answer and in it; nil where it showed nothing.
    var reasoning: String? {
        let beside = separateReasoning.allSatisfy(\.isWhitespace) ? nil : separateReasoning
        let parts = [beside, splitter.reasoning].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
    }

    /// Takes a body in and returns what it adds to the answer.
    mutating func add(_ body: CompletionBody) -> ReasoningSplitter.Addition {
        let nothing = ReasoningSplitter.Addition()
        if let error = body.error { self.error = error }
        if let usage = body.usage { self.usage = usage }
        guard let choices = body.choices else { return nothing }
        // The chunk that reports usage has no choices; of several answers (`n`) only the first is read.
        guard let choice = choices.first(where: { ($0.index ?? 0) == 0 }) else { return nothing }
        hasChoices = true
        if let reason = choice.finishReason, !reason.isEmpty {
            finishReason = reason
            isComplete = true
        }
        guard let part = choice.part else { return nothing }
        if part.hasToolCalls { hasToolCalls = true }
        if let more = part.refusal { refusal += more }
        if let more = part.reasoning { separateReasoning += more }
        guard let more = part.text, !more.isEmpty else { return nothing }
        return splitter.read(more)
    }

    /// Takes in that nothing more comes, and returns what was held back until then.
    mutating func finish() -> ReasoningSplitter.Addition { splitter.finish() }

    /// Why the turn has no text; nil where it has one.
    var textless: CompletionError.Code? {
        guard text.allSatisfy(\.isWhitespace) else { return nil }
        let reason = finishReason?.lowercased() ?? ""
        if !refusal.isEmpty || reason == "refusal" { return .modelRefused }
        if hasToolCalls || ["tool_calls", "function_call", "tool_use"].contains(reason) { return .toolCall }
        if FinishReason.isFiltered(reason) { return .contentFilter }
        // Tokens that ran out before the first word went into reasoning, whether it was shown or not.
        return reasoning != nil || FinishReason.isCut(reason) ? .reasoningOnly : .emptyAnswer
    }
}
