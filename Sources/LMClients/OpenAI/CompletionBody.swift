import Trajectory

/// What OpenAI-compatible servers answer: a whole completion, one chunk of a stream, or an error. Fields that are
/// missing or of the wrong type read as nil, since servers differ and usage must never be made up.
struct CompletionBody: Decodable {
    var choices: [Choice]?
    var usage: Usage?
    var error: ReportedError?

    struct Choice: Decodable {
        var index: Int?
        /// `message` of a whole completion, `delta` of a chunk.
        var part: Part?
        var finishReason: String?

        private enum CodingKeys: String, CodingKey {
            case index, message, delta, text
            case finishReason = "finish_reason"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            index = fields.lenient(Int.self, .index)
            part = fields.lenient(Part.self, .delta) ?? fields.lenient(Part.self, .message)
            if part == nil, let text = fields.lenient(String.self, .text) { part = Part(text: text) }
            finishReason = fields.lenient(String.self, .finishReason)
        }
    }

    struct Part: Decodable {
        /// Nil where the content is null or left out.
        var text: String?
        /// Reasoning beside the answer, under the names that servers give it.
        var reasoning: String?
        var refusal: String?
        var hasToolCalls = false

        private enum CodingKeys: String, CodingKey {
            case content, refusal, reasoning
            case reasoningContent = "reasoning_content"
            case reasoningDetails = "reasoning_details"
            case toolCalls = "tool_calls"
            case functionCall = "function_call"
        }

        /// A part of a content that is a list: text, or what the model thought.
        private struct Piece: Decodable {
            var type: String?
            var text: String?
            var thinking: String?
            var reasoning: String?

            private enum CodingKeys: String, CodingKey { case type, text, thinking, reasoning, summary }

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                type = fields.lenient(String.self, .type)
                text = fields.lenient(String.self, .text)
                thinking =
                    fields.lenient(String.self, .thinking)
                    ?? fields.lenient([Piece].self, .thinking)?.compactMap(\.text).joined()
                reasoning = fields.lenient(String.self, .reasoning) ?? fields.lenient(String.self, .summary)
            }

            var isReasoning: Bool {
                thinking != nil || reasoning != nil
                    || ["thinking", "reasoning"].contains { type?.contains($0) == true }
            }

            var thought: String? { thinking ?? reasoning ?? (isReasoning ? text : nil) }
        }
        private struct Anything: Decodable {}

        init(text: String?) { self.text = text }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            if let plain = fields.lenient(String.self, .content) {
                text = plain
            } else if let pieces = fields.lenient([Piece].self, .content) {
                text = pieces.filter { !$0.isReasoning }.compactMap(\.text).joined()
                let thought = pieces.compactMap(\.thought).joined()
                if !thought.isEmpty { reasoning = thought }
            }
            let beside =
                fields.lenient(String.self, .reasoningContent) ?? fields.lenient(String.self, .reasoning)
                ?? fields.lenient([Piece].self, .reasoningDetails)?.compactMap(\.thought).joined()
            if let beside, !beside.isEmpty { reasoning = (reasoning ?? "") + beside }
            refusal = fields.lenient(String.self, .refusal)
            hasToolCalls =
                fields.lenient([Anything].self, .toolCalls).map { !$0.isEmpty }
                ?? (fields.lenient(Anything.self, .functionCall) != nil)
        }
    }

    private enum CodingKeys: String, CodingKey { case choices, usage, error }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        choices = fields.lenient([Choice].self, .choices)
        usage = fields.lenient(ReportedUsage.self, .usage)?.usage
        error = fields.lenient(ReportedError.self, .error)
    }
}

/// The `usage` object, nonsense left out.
struct ReportedUsage: Decodable {
    let usage: Usage

    private enum CodingKeys: String, CodingKey {
        case prompt = "prompt_tokens"
        case completion = "completion_tokens"
        case promptDetails = "prompt_tokens_details"
        case completionDetails = "completion_tokens_details"
        case cached = "cached_tokens"
        case reasoning = "reasoning_tokens"
        case cost
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let prompt = try? fields.nestedContainer(keyedBy: CodingKeys.self, forKey: .promptDetails)
        let completion = try? fields.nestedContainer(keyedBy: CodingKeys.self, forKey: .completionDetails)
        usage = Usage(
            inputTokens: fields.count(.prompt),
            outputTokens: fields.count(.completion),
            cachedTokens: prompt?.count(.cached),
            reasoningTokens: completion?.count(.reasoning),
            cost: fields.lenient(Double.self, .cost).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        )
    }
}

/// An error as servers word it: an object with a message, or a plain string.
struct ReportedError: Decodable {
    var message: String?
    var code: String?
    var type: String?
    /// Some put the HTTP status here, in a stream that began with 200.
    var status: Int?

    private enum CodingKeys: String, CodingKey { case message, code, type, status }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            message = text
            return
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        message = fields.lenient(String.self, .message)
        code = fields.lenient(String.self, .code)
        type = fields.lenient(String.self, .type)
        status = fields.lenient(Int.self, .status) ?? fields.lenient(Int.self, .code) ?? code.flatMap { Int($0) }
    }
}

extension KeyedDecodingContainer {
    /// The value, or nil where it is missing, null or of another type.
    fileprivate func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        guard contains(key) else { return nil }
        return try? decodeIfPresent(type, forKey: key)
    }

    /// A count that may be believed: a whole number, not negative.
    fileprivate func count(_ key: Key) -> Int? { lenient(Int.self, key).flatMap { $0 >= 0 ? $0 : nil } }
}
