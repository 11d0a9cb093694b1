package import Trajectory

/// Why a completion failed, with what a reader needs to act on it. Never holds a key.
package struct CompletionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case noKey = "no_key"
        case unauthorized
        case modelNotFound = "model_not_found"
        case rateLimited = "rate_limited"
        /// The provider refused the request as it is: too long, malformed, filtered.
        case refused
        case serverError = "server_error"
        /// What came was no completion: HTML, wrong JSON, half a stream.
        case badResponse = "bad_response"
        case connection
        case timeout
        case cancelled
        /// The conversation is longer than the model takes.
        case contextOverflow = "context_overflow"
        /// The model called a tool, which nobody offered.
        case toolCall = "tool_call"
        /// All that came was reasoning.
        case reasoningOnly = "reasoning_only"
        case emptyAnswer = "empty_answer"
        /// The model said that it will not, in the field that servers have for that.
        case modelRefused = "model_refused"
        case contentFilter = "content_filter"

        /// Whether the model had its turn and gave no text.
        package var isTextless: Bool {
            switch self {
            case .toolCall, .reasoningOnly, .emptyAnswer, .modelRefused, .contentFilter: true
            default: false
            }
        }
    }

    package var code: Code
    /// `PROVIDER/NAME`.
    package var model: String
    package var httpStatus: Int?
    /// Seconds the provider asked to wait.
    package var retryAfter: Double?
    /// Tries beyond the first.
    package var retries: Int
    /// What the provider says it has cost all the same; nil when it said nothing.
    package var usage: Usage?
    /// What the model reasoned before it gave no text.
    package var reasoning: String?
    /// Of a conversation that is too long: tokens the model takes, and tokens the prompt has; nil where nobody said.
    package var limitTokens: Int?
    package var promptTokens: Int?
    /// What happened and what to do, in a sentence or two.
    package var message: String

    package init(
        code: Code,
        model: String,
        httpStatus: Int? = nil,
        retryAfter: Double? = nil,
        retries: Int = 0,
        usage: Usage? = nil,
        reasoning: String? = nil,
        limitTokens: Int? = nil,
        promptTokens: Int? = nil,
        message: String
    ) {
        self.code = code
        self.model = model
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.retries = retries
        self.usage = usage
        self.reasoning = reasoning
        self.limitTokens = limitTokens
        self.promptTokens = promptTokens
        self.message = message
    }

    package var description: String { message }

    /// The same as the store and the REPL's exceptions carry it.
    package var failure: Failure { Failure(kind: code.rawValue, message: message) }
}
