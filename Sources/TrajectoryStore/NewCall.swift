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
    /// In place of `completion`, the answer that was fetched ahead and is given to this call. Where it has come already,
    /// `finish(call:status:answer:failure:)` ends the call.
    package var ahead: CompletionID?
    /// What an `rlm` call on the path of a fork has in common with the original's.
    package var shared: SharedIterations?

    package init(
        iteration: IterationID,
        block: BlockID? = nil,
        kind: Call.Kind,
        depth: Int,
        model: String,
        prompt: [Message],
        batch: Int? = nil,
        completion: NewCompletion? = nil,
        origin: Origin = .live,
        ahead: CompletionID? = nil,
        shared: SharedIterations? = nil
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
        self.ahead = ahead
        self.shared = shared
    }
}

/// The first iterations of an original's call, which are also those of a fork's.
package struct SharedIterations: Sendable, Hashable {
    package var call: CallID
    package var iterations: Int

    package init(call: CallID, iterations: Int) {
        self.call = call
        self.iterations = iterations
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
