// A prompt that is longer than the model's window, in the wordings that servers have for it.
import Foundation

/// What a server says of a prompt that is too long.
///
/// Known wordings: OpenAI and vLLM ("maximum context length is 8192 tokens. However, your messages resulted in 9000
/// tokens"), llama.cpp ("the request exceeds the available context size", `exceed_context_size_error`), Anthropic ("prompt is
/// too long: 205000 tokens > 200000 maximum"), Gemini ("input token count (9000) exceeds the maximum number of tokens allowed
/// (8192)"), TGI ("`inputs` tokens + `max_new_tokens` must be <= 4096"), Ollama and LM Studio ("greater than the context
/// length").
struct ContextOverflow: Hashable {
    var limitTokens: Int?
    var promptTokens: Int?

    private static let codes = [
        "context_length_exceeded", "exceed_context_size_error", "context_window_exceeded", "string_above_max_length",
    ]

    private static let wordings = [
        #"context[ _-]?(length|window|size|limit)"#, #"maximum (prompt|input|sequence) length"#,
        #"(prompt|input|request|conversation|messages?)( \w+){0,4} (is|are) too (long|large)"#,
        #"(input )?token count.{0,40}exceeds"#,
        #"exceeds? (the )?(max(imum)?|model'?s?|available).{0,40}(context|tokens|length)"#,
        #"max_new_tokens.{0,20}must be <="#, #"too many (input )?tokens"#,
        #"reduce the length of the (messages|prompt|input)"#,
        #"prompt.{0,30}exceeds.{0,30}(limit|length|window)"#, #"greater than the context"#,
    ]

    /// Nil where the error is about something else, such as the rate of tokens.
    init?(status: Int, code: String?, message: String) {
        let text = message.prefix(4000).lowercased()
        let isRate = [#"per (minute|min|day|hour)"#, #"\b(tpm|rpm)\b"#, "rate limit", "quota"].contains {
            text.range(of: $0, options: .regularExpression) != nil
        }
        guard !isRate, status != 429 else { return nil }
        let isNamed = code.map { code in Self.codes.contains { code.lowercased().contains($0) } } ?? false
        let isWorded = Self.wordings.contains { text.range(of: $0, options: .regularExpression) != nil }
        guard isNamed || (isWorded && (400..<600).contains(status)) || status == 413 else { return nil }
        let limit = [
            #"maximum context length (?:is|of) (\d[\d,]*)"#, #"> (\d[\d,]*) maximum"#, #"allowed \((\d[\d,]*)\)"#,
            #"must be <= (\d[\d,]*)"#, #""?n_ctx"?\D{1,4}(\d[\d,]*)"#,
            #"context (?:length|size|window)(?: is| of|:)?(?: only)? \(?(\d[\d,]*)"#,
            #"limit (?:is|of) (\d[\d,]*)"#, #"maximum (?:is|of) (\d[\d,]*)"#, #"max(?:imum)?\D{0,20}(\d[\d,]*) tokens"#,
        ]
        let prompt = [
            #"resulted in (\d[\d,]*)"#, #"requested (\d[\d,]*)"#, #"too long: (\d[\d,]*)"#,
            #"token count \((\d[\d,]*)\)"#,
            #""?n_prompt_tokens"?\D{1,4}(\d[\d,]*)"#, #"given: (\d[\d,]*)"#, #"request \((\d[\d,]*) tokens?\)"#,
            #"(?:prompt|input|message)s?(?: has| contains| of|:) (\d[\d,]*)"#, #"has (\d[\d,]*) (?:input )?tokens"#,
        ]
        limitTokens = Self.number(limit, in: text)
        promptTokens = Self.number(prompt, in: text)
    }

    private static func number(_ patterns: [String], in text: String) -> Int? {
        for pattern in patterns {
            guard let expression = try? NSRegularExpression(pattern: pattern),
                let match = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)),
                let range = Range(match.range(at: 1), in: text)
            else { continue }
            if let number = Int(text[range].filter { $0 != "," }) { return number }
        }
        return nil
    }

    /// The numbers in a sentence; empty where none was told.
    var inWords: String {
        switch (promptTokens, limitTokens) {
        case (let prompt?, let limit?): " (\(prompt) tokens where \(limit) fit)"
        case (let prompt?, nil): " (\(prompt) tokens)"
        case (nil, let limit?): " (\(limit) tokens fit)"
        case (nil, nil): ""
        }
    }
}
