package import Trajectory

/// What talks to one provider of models.
///
/// For example:
///
///     let response = try await client.complete(CompletionRequest(model: "gpt-5", messages: messages))
///     response.text
package protocol LMClient: Sendable {
    /// The word before the slash in a model's name: `openai`, `offline`, `scripted`.
    var provider: String { get }

    /// Sends one request, once, and waits for the whole answer. Whether to try again after an error is the caller's
    /// business; the error's `remedy` says whether that may help. Cancelling the task ends the request at once and
    /// leaves nothing running. `onText` gets each piece of the answer as it arrives, in order, when the request streams;
    /// reasoning is no part of it.
    ///
    /// Throws `CompletionError`.
    func complete(
        _ request: CompletionRequest,
        onText: (@Sendable (String) -> Void)?
    ) async throws(CompletionError) -> CompletionResponse
}

/// One request to a model.
package struct CompletionRequest: Hashable, Sendable {
    /// The name without the provider.
    package var model: String
    package var messages: [Message]
    /// Sampling parameters, as people write them (`temperature`: `0.2`); values that parse as JSON are sent as JSON.
    package var sampling: [String: String]
    package var seed: Int?
    /// The most tokens the model may answer with; nil leaves it to the model.
    package var maxOutputTokens: Int?
    /// Asks the server to send the answer piece by piece.
    package var isStreaming: Bool

    package init(
        model: String,
        messages: [Message],
        sampling: [String: String] = [:],
        seed: Int? = nil,
        isStreaming: Bool = false,
        maxOutputTokens: Int? = nil
    ) {
        self.model = model
        self.messages = messages
        self.sampling = sampling
        self.seed = seed
        self.maxOutputTokens = maxOutputTokens
        self.isStreaming = isStreaming
    }
}

/// A model's whole answer.
package struct CompletionResponse: Hashable, Sendable {
    package var text: String
    /// What the model thought before and between; never part of the text. Nil where it showed nothing.
    package var reasoning: String?
    package var usage: Usage
    /// The provider's own word: `stop`, `length`; nil where it gave none.
    package var finishReason: String?
    /// Tries beyond the first.
    package var retries: Int
    /// Seconds from sending the successful try to its first byte.
    package var secondsToFirstByte: Double?

    package init(
        text: String,
        reasoning: String? = nil,
        usage: Usage,
        finishReason: String? = nil,
        retries: Int = 0,
        secondsToFirstByte: Double? = nil
    ) {
        self.text = text
        self.reasoning = reasoning
        self.usage = usage
        self.finishReason = finishReason
        self.retries = retries
        self.secondsToFirstByte = secondsToFirstByte
    }

    /// Whether the model was stopped in the middle, since it had no tokens left to answer with.
    package var isCut: Bool { FinishReason.isCut(finishReason) }

    /// The same with what the model thought aloud in its text taken out of it.
    package var withoutReasoning: CompletionResponse {
        let split = ReasoningSplitter.split(text)
        var response = self
        response.text = split.text
        let parts = [reasoning, split.reasoning].compactMap(\.self)
        response.reasoning = parts.isEmpty ? nil : parts.joined(separator: "\n\n")
        return response
    }
}
