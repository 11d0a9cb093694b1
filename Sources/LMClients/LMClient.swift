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

    /// Sends one request and waits for the whole answer, retrying what deserves it. Cancelling the task ends the
    /// request at once and leaves nothing running. `onText` gets each piece of the answer as it arrives, in order,
    /// when the request streams; after a retry it starts anew with an empty piece.
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
    /// Asks the server to send the answer piece by piece.
    package var isStreaming: Bool
    /// The longest answer to ask the server for; nil leaves it to the model.
    package var maxOutputTokens: Int?

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
        self.isStreaming = isStreaming
        self.maxOutputTokens = maxOutputTokens
    }
}

/// A model's whole answer.
package struct CompletionResponse: Hashable, Sendable {
    package var text: String
    /// What the model thought aloud before it answered; never part of `text`.
    package var reasoning: String?
    package var usage: Usage
    /// The provider's own word: `stop`, `length`, `content_filter`; nil where it gave none.
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
}

extension CompletionResponse {
    /// Whether the token limit ended it in the middle.
    package var isCut: Bool { FinishReason.isCut(finishReason) }

    /// The same with what the model thought aloud in its text taken out of it.
    package var withoutReasoning: CompletionResponse {
        let split = ReasoningSplit(text)
        guard let more = split.reasoning ?? (split.answer == text ? nil : "") else { return self }
        var response = self
        response.text = split.answer
        let parts = [reasoning ?? "", more].filter { !$0.isEmpty }
        response.reasoning = parts.isEmpty ? nil : parts.joined(separator: "\n\n")
        return response
    }
}
