package import Foundation
package import Trajectory

/// A request about to be sent to a model.
package struct NewCompletion: Sendable {
    /// SHA-256 over model, parameters and messages; nil where no recorded answer is to be found by it.
    package var requestKey: Data?
    package var model: String
    /// Sampling parameters as a JSON object.
    package var parameters: String
    package var messages: [Message]
    package var origin: Origin

    package init(
        requestKey: Data? = nil,
        model: String,
        parameters: String = "{}",
        messages: [Message],
        origin: Origin = .live
    ) {
        self.requestKey = requestKey
        self.model = model
        self.parameters = parameters
        self.messages = messages
        self.origin = origin
    }
}

/// How a request ended.
package struct CompletionResult: Sendable {
    package var response: String?
    /// What the model thought before it answered; kept apart from the response.
    package var reasoning: String?
    package var status: Status
    package var failure: Failure?
    package var usage: Usage
    package var finishReason: String?
    /// Tries beyond the first.
    package var retries: Int
    package var secondsToFirstByte: Double?
    /// Where the answer came from, where that is not what was said when the request was written down.
    package var origin: Origin?

    package init(
        response: String?,
        reasoning: String? = nil,
        status: Status,
        failure: Failure? = nil,
        usage: Usage = .unknown,
        finishReason: String? = nil,
        retries: Int = 0,
        secondsToFirstByte: Double? = nil,
        origin: Origin? = nil
    ) {
        self.response = response
        self.reasoning = reasoning
        self.status = status
        self.failure = failure
        self.usage = usage
        self.finishReason = finishReason
        self.retries = retries
        self.secondsToFirstByte = secondsToFirstByte
        self.origin = origin
    }
}
