import LMClients
import Trajectory

/// What one request asks of the limits.
struct Demand: Sendable {
    /// Requests that can be expected to use about the same: of one model, by who asks, and of prompts whose sizes are
    /// within a factor of four.
    struct Kind: Hashable, Sendable {
        let model: Model
        let isIteration: Bool
        let magnitude: Int
    }

    let kind: Kind
    /// Tokens of the prompt by `TokenEstimate`.
    let likelyPrompt: Int
    let mostPrompt: Int
    /// The most output tokens that the request itself asks for, where a person set that.
    let outputSet: Int?

    var model: Model { kind.model }

    init(model: Model, request: CompletionRequest, isIteration: Bool) {
        likelyPrompt = TokenEstimate.likely(request.messages)
        mostPrompt = TokenEstimate.most(request.messages)
        outputSet = ["max_tokens", "max_completion_tokens"].compactMap { request.sampling[$0].flatMap { Int($0) } }
            .min()
        kind = Kind(
            model: model,
            isIteration: isIteration,
            magnitude: (Int.bitWidth - mostPrompt.leadingZeroBitCount) / 2
        )
    }
}
