package import Trajectory

/// What a code block asked for by `llm_query`, `llm_query_batched`, `rlm_query` or `rlm_query_batched`.
package struct SubcallRequest: Sendable {
    package var kind: Call.Kind
    /// A prompt each, in the order of the list that the code gave. A plain string is one user message.
    package var prompts: [[Message]]
    /// As the code wrote it; nil for the run's sub-model.
    package var model: String?
    package var isBatch: Bool
    /// Which block asked: 1, 2, 3 … in the order of `REPL.run`. A thread belongs to the block that started it, also once
    /// that block has ended.
    package var block: Int

    package init(kind: Call.Kind, prompts: [[Message]], model: String?, isBatch: Bool, block: Int) {
        self.kind = kind
        self.prompts = prompts
        self.model = model
        self.isBatch = isBatch
        self.block = block
    }
}

/// The result of one prompt.
package enum SubcallOutcome: Sendable {
    case answer(String)
    /// Raises `SubcallError` (alone) or counts towards `BatchError` (in a batch).
    case failure(Failure)
    /// Raises `LimitReached`.
    case limit(String)
}

/// The host's end of a REPL's sub-calls. May be called several times at once, since user threads may ask too.
package protocol SubcallHandler: Sendable {
    /// Answers all prompts, in their order.
    func answer(_ request: SubcallRequest) async -> [SubcallOutcome]
}
