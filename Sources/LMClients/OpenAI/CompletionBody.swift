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
        var part: AnswerPart?
        var finishReason: String?

        private enum CodingKeys: String, CodingKey {
            case index, message, delta, text
            case finishReason = "finish_reason"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            index = fields.lenient(Int.self, .index)
            part = fields.lenient(AnswerPart.self, .delta) ?? fields.lenient(AnswerPart.self, .message)
            if part == nil, let text = fields.lenient(String.self, .text) { part = AnswerPart(text: text) }
            finishReason = fields.lenient(String.self, .finishReason)
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

extension KeyedDecodingContainer {
    /// The value, or nil where it is missing, null or of another type.
    func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        guard contains(key) else { return nil }
        return try? decodeIfPresent(type, forKey: key)
    }

    /// A count that may be believed: a whole number, not negative.
    func count(_ key: Key) -> Int? { lenient(Int.self, key).flatMap { $0 >= 0 ? $0 : nil } }
}
