import Trajectory

/// A completion as it is put together, from one whole body or from the chunks of a stream.
struct CompletionAssembly {
    private(set) var text = ""
    private(set) var refusal = ""
    private(set) var reasoning = ""
    private(set) var usage = Usage.unknown
    private(set) var finishReason: String?
    private(set) var error: ReportedError?
    private(set) var hasToolCalls = false
    /// Whether anything of a completion was there at all.
    private(set) var hasChoices = false
    /// Whether the model ended its answer, as against the connection ending it.
    var isComplete = false

    /// Takes a body in and returns what it adds to the text, nil where it adds nothing.
    mutating func add(_ body: CompletionBody) -> String? {
        if let error = body.error { self.error = error }
        if let usage = body.usage { self.usage = usage }
        guard let choices = body.choices else { return nil }
        // The chunk that reports usage has no choices; of several answers (`n`) only the first is read.
        guard let choice = choices.first(where: { ($0.index ?? 0) == 0 }) else { return nil }
        hasChoices = true
        if let reason = choice.finishReason, !reason.isEmpty {
            finishReason = reason
            isComplete = true
        }
        guard let part = choice.part else { return nil }
        if part.hasToolCalls { hasToolCalls = true }
        if let more = part.refusal { refusal += more }
        if let more = part.reasoning { reasoning += more }
        guard let more = part.text, !more.isEmpty else { return nil }
        text += more
        return more
    }
}
