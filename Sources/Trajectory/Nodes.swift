package import Foundation

/// A node of the recursive tree: one question to a model. Kind `rlm` has iterations and a REPL of its own; kind `llm` is
/// one plain completion.
package struct Call: Sendable {
    package enum Kind: String, Sendable, Codable {
        case rlm, llm
    }
}

/// One turn of an `rlm` call: a completion, then the code blocks in it.
package struct Iteration: Sendable {}

/// One fenced block of Python and what came of running it.
package struct CodeBlock: Sendable {
    package var id: BlockID
    /// From 1, in its iteration.
    package var ordinal: Int
    package var attempt: Int
    package var code: String
    package var status: Status
    package var output: Output
    package var failure: Failure?
    package var variables: [Variable]
    /// Wall time; nil while it runs and where it is unknown.
    package var seconds: Double?
    /// The part of `seconds` spent waiting for sub-calls.
    package var waitingSeconds: Double?
    package var origin: Origin
    package var freshness: Freshness
    /// SHA-256 of what it printed, whole, 32 bytes each; nil where nobody took it.
    package var stdoutHash: Data?
    package var stderrHash: Data?
    /// The final answer it gave; nil for most.
    package var answer: String?

    package init(
        id: BlockID, ordinal: Int, attempt: Int, code: String, status: Status, output: Output, failure: Failure?,
        variables: [Variable], seconds: Double?, waitingSeconds: Double?, origin: Origin, freshness: Freshness
    ) {
        self.id = id
        self.ordinal = ordinal
        self.attempt = attempt
        self.code = code
        self.status = status
        self.output = output
        self.failure = failure
        self.variables = variables
        self.seconds = seconds
        self.waitingSeconds = waitingSeconds
        self.origin = origin
        self.freshness = freshness
    }
}

/// What a block printed: whole as far as the host keeps it. Where it was cut, the cut stands in the text itself, as a line
/// that says how much is missing.
package struct Output: Hashable, Sendable {
    package var stdout: String
    package var stderr: String
    /// Bytes that were printed and not kept.
    package var cutByteCount: Int

    package init(stdout: String = "", stderr: String = "", cutByteCount: Int = 0) {
        self.stdout = stdout
        self.stderr = stderr
        self.cutByteCount = cutByteCount
    }
}

/// One request to a model and its answer.
package struct Completion: Sendable {
    package var id: CompletionID
    /// From 1; the first is what happened.
    package var attempt: Int
    package var model: String
    /// Sampling parameters as a JSON object.
    package var parameters: String
    package var messages: [Message]
    /// Nil until there is one.
    package var response: String?
    /// What the model thought before it answered, where it said so; no part of the response.
    package var reasoning: String?
    package var status: Status
    package var origin: Origin
    package var failure: Failure?
    package var usage: Usage
    package var finishReason: String?
    /// Whether the answer ends where the token limit cut it.
    package var isCut: Bool { FinishReason.isCut(finishReason) }
    /// Tries of the request beyond the first.
    package var retries: Int
    package var startedAt: Date?
    package var firstByteAt: Date?
    package var endedAt: Date?

    package init(
        id: CompletionID, attempt: Int, model: String, parameters: String, messages: [Message], response: String?,
        status: Status, origin: Origin, failure: Failure?, usage: Usage, finishReason: String?, retries: Int,
        startedAt: Date?, firstByteAt: Date?, endedAt: Date?
    ) {
        self.id = id
        self.attempt = attempt
        self.model = model
        self.parameters = parameters
        self.messages = messages
        self.response = response
        self.status = status
        self.origin = origin
        self.failure = failure
        self.usage = usage
        self.finishReason = finishReason
        self.retries = retries
        self.startedAt = startedAt
        self.firstByteAt = firstByteAt
        self.endedAt = endedAt
    }
}

/// Why a model stopped writing, in the words servers have for it.
package enum FinishReason {
    /// Whether the token limit stopped it.
    package static func isCut(_ reason: String?) -> Bool {
        [
            "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "max_length", "model_length",
            "context_length", "model_context_window_exceeded", "token_limit",
        ].contains(reason?.lowercased())
    }

    /// Whether the provider held the rest back.
    package static func isFiltered(_ reason: String?) -> Bool {
        ["content_filter", "safety", "recitation", "prohibited_content", "blocklist", "spii", "guardrail_intervened"]
            .contains(reason?.lowercased())
    }
}
