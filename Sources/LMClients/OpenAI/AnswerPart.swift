/// A message or a piece of one: text, reasoning beside it, refusal, tool calls.
struct AnswerPart: Decodable {
    /// Nil where the content is null or left out.
    var text: String?
    /// From `reasoning_content`, `reasoning`, `thinking` or `reasoning_details`, whichever says something, and from the
    /// content's own parts.
    var reasoning: String?
    var refusal: String?
    var hasToolCalls = false

    private enum CodingKeys: String, CodingKey {
        case content, refusal, reasoning, thinking
        case reasoningContent = "reasoning_content"
        case reasoningText = "reasoning_text"
        case reasoningDetails = "reasoning_details"
        case toolCalls = "tool_calls"
        case functionCall = "function_call"
    }

    private struct Anything: Decodable {}

    init(text: String?) { self.text = text }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let content = fields.lenient(ContentPieces.self, .content)
        text = content?.text
        // Several of these may say the same.
        let keys: [CodingKeys] = [.reasoningContent, .reasoning, .reasoningText, .thinking, .reasoningDetails]
        for key in keys where reasoning == nil {
            reasoning = fields.lenient(ContentPieces.self, key)?.all
        }
        if let within = content?.reasoning { reasoning = (reasoning ?? "") + within }
        refusal = fields.lenient(String.self, .refusal) ?? content?.refusal
        hasToolCalls =
            fields.lenient([Anything].self, .toolCalls).map { !$0.isEmpty } ?? false
            || fields.lenient(Anything.self, .functionCall) != nil
    }
}

/// Text as servers wrap it: a string, an object with a string in it, or a list of both.
private struct ContentPieces: Decodable {
    var text: String?
    var reasoning: String?
    var refusal: String?

    /// All that is text in here, nil where it is none.
    var all: String? {
        let all = (reasoning ?? "") + (text ?? "")
        return all.isEmpty ? nil : all
    }

    private enum CodingKeys: String, CodingKey {
        case type, text, content, thinking, reasoning, summary, refusal
    }

    init(from decoder: any Decoder) throws {
        if let plain = try? decoder.singleValueContainer().decode(String.self) {
            text = plain
        } else if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd {
                guard let piece = try? list.decode(ContentPieces.self) else {
                    guard (try? list.decode(Skipped.self)) != nil else { break }
                    continue
                }
                text = Self.joined(text, piece.text)
                reasoning = Self.joined(reasoning, piece.reasoning)
                refusal = Self.joined(refusal, piece.refusal)
            }
        } else {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let type = fields.lenient(String.self, .type)?.lowercased() ?? "text"
            let inner = [CodingKeys.thinking, .reasoning, .text, .content, .summary].lazy
                .compactMap { fields.lenient(ContentPieces.self, $0)?.all }.first
            if type.contains("think") || type.contains("reason") || type.contains("thought") {
                reasoning = inner
            } else if type == "refusal" {
                refusal = fields.lenient(String.self, .refusal) ?? inner
            } else {
                text = inner
            }
        }
    }

    /// Steps over what is none of the above.
    private struct Skipped: Decodable { init(from decoder: any Decoder) throws {} }

    private static func joined(_ one: String?, _ other: String?) -> String? {
        guard let one, let other else { return one ?? other }
        return one + other
    }
}
