package import Trajectory

/// Why a completion failed, with what a reader needs to act on it. Never holds a key.
package struct CompletionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case noKey = "no_key"
        case unauthorized
        case modelNotFound = "model_not_found"
        case rateLimited = "rate_limited"
        /// The provider refused the request as it is: malformed, or not allowed.
        case refused
        /// The conversation is longer than the model takes.
        case contextOverflow = "context_overflow"
        case serverError = "server_error"
        /// What came was no completion: HTML, wrong JSON, half a stream.
        case badResponse = "bad_response"
        case connection
        case timeout
        case cancelled
        /// The model called a tool instead of answering.
        case toolCall = "tool_call"
        /// There was reasoning and no answer after it.
        case reasoningOnly = "reasoning_only"
        case emptyAnswer = "empty_answer"
        /// The model said that it will not answer.
        case modelRefused = "model_refused"
        /// The provider held the answer back.
        case contentFilter = "content_filter"

        /// Whether the model took its turn and left no text: it worked, and it is paid for.
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
    /// Whether another try may help, and how patiently.
    package var remedy: Remedy
    /// Tries beyond the first.
    package var retries: Int
    /// What the provider says it has cost all the same; nil when it said nothing.
    package var usage: Usage?
    /// What the model thought before it left no text.
    package var reasoning: String?
    /// The provider's own word for how a turn without text ended: `length`, `tool_calls`; nil where it gave none.
    package var finishReason: String?
    /// Tokens that the model takes, where a server that found the conversation too long said so.
    package var limitTokens: Int?
    /// Tokens that the conversation has, by the same server's count.
    package var promptTokens: Int?
    /// The cap to ask again with, where the one that was sent leaves no room for the conversation.
    package var adaptedOutputTokens: Int?
    /// What of the request the server does not know, as a word of `Omissions`.
    var unknownPart: String?
    /// What happened and what to do, in a sentence or two.
    package var message: String

    package init(
        code: Code,
        model: String,
        httpStatus: Int? = nil,
        retryAfter: Double? = nil,
        remedy: Remedy = .none,
        retries: Int = 0,
        usage: Usage? = nil,
        reasoning: String? = nil,
        finishReason: String? = nil,
        limitTokens: Int? = nil,
        promptTokens: Int? = nil,
        message: String
    ) {
        self.code = code
        self.model = model
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.remedy = remedy
        self.retries = retries
        self.usage = usage
        self.reasoning = reasoning
        self.finishReason = finishReason
        self.limitTokens = limitTokens
        self.promptTokens = promptTokens
        self.message = message
    }

    package var description: String { message }

    /// The same as the store and the REPL's exceptions carry it.
    package var failure: Failure { Failure(kind: code.rawValue, message: message) }
}

/// What may help after a failed try.
package enum Remedy: Hashable, Sendable {
    case none
    case anotherTry
    /// A few tries, soon one after the other: nothing listens there yet.
    case quickTry
    /// Few tries, since each may take minutes.
    case patientTry
    /// At once and as often as it is said: the client has learned what the server does not know and leaves it out.
    case adaptedTry
}
