package import Trajectory

/// A sub-call that a code block asks for.
package struct NewCall: Sendable {
    package var iteration: IterationID
    /// The block that makes it, where that is known.
    package var block: BlockID?
    package var kind: Call.Kind
    package var depth: Int
    package var model: String
    package var prompt: [Message]
    /// Sub-calls of one batch share this number, unique in the iteration; nil for a single call.
    package var batch: Int?
    /// The request of an `llm` call (its messages are the prompt); nil for an `rlm` call.
    package var completion: NewCompletion?
    package var origin: Origin

    package init(
        iteration: IterationID,
        block: BlockID? = nil,
        kind: Call.Kind,
        depth: Int,
        model: String,
        prompt: [Message],
        batch: Int? = nil,
        completion: NewCompletion? = nil,
        origin: Origin = .live
    ) {
        self.iteration = iteration
        self.block = block
        self.kind = kind
        self.depth = depth
        self.model = model
        self.prompt = prompt
        self.batch = batch
        self.completion = completion
        self.origin = origin
    }
}

/// A sub-call that has its row: queued, at its place in the iteration.
package struct StartedCall: Sendable, Hashable {
    package var call: CallID
    package var completion: CompletionID?
    /// From 1, in its iteration.
    package var ordinal: Int

    package init(call: CallID, completion: CompletionID?, ordinal: Int) {
        self.call = call
        self.completion = completion
        self.ordinal = ordinal
    }
}
