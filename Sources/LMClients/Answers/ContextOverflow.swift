import Foundation

/// What a server said when a conversation was longer than its model takes, in any of the wordings that servers have.
struct ContextOverflow: Equatable {
    /// Tokens that the model takes.
    var limit: Int?
    /// Tokens that the conversation has.
    var prompt: Int?
    /// Tokens of the conversation and the room asked for its answer together.
    var total: Int?
    /// Whether it is the room asked for the answer that makes it too much.
    var isAboutOutput = false

    /// Nil where an error is about something else.
    init?(_ error: ReportedError, status: Int, text: String) {
        let words = text.lowercased()
        if Self.isAboutRates(words, code: error.code ?? error.type) { return nil }
        let codes = [error.code, error.type].compactMap { $0?.lowercased() }
        let isNamed = codes.contains { Self.codes.contains($0) }
        guard isNamed || status == 413 || Self.mentions.contains(where: { $0.isIn(words) }) else { return nil }
        limit = error.limitTokens ?? Self.number(Self.limits, in: words)
        prompt = error.promptTokens ?? Self.number(Self.prompts, in: words)
        total = Self.requested.number(in: words)
        if prompt == nil, !Self.output.isIn(words) { prompt = total }
        isAboutOutput = Self.output.isIn(words)
    }

    /// Whether an error is about how much may be sent in a time, which waiting or paying mends and shortening does not.
    static func isAboutRates(_ words: String, code: String?) -> Bool {
        if let code, ["rate_limit_exceeded", "insufficient_quota", "rate_limit_error"].contains(code.lowercased()) {
            return true
        }
        return rates.isIn(words.lowercased())
    }

    private static let codes: Set<String> = [
        "context_length_exceeded", "exceed_context_size_error", "context_window_exceeded", "prompt_too_long",
        "tokens_limit_reached", "max_tokens_exceeded", "context_overflow", "contextlengthexceeded",
        "model_context_window_exceeded", "request_too_large", "string_above_max_length", "context_exceeded",
        "model_max_prompt_tokens_exceeded", "context_window_overflow", "input_too_long",
    ]

    private static let rates = WordPattern(
        #"tokens? per (minute|min|day|hour|second)|\btp[md]\b|requests? per|rate.?limit|\bquota\b"#)

    private static let mentions = [
        #"context (length|window|size|limit)"#, #"context_length"#,
        #"max(imum)? (model )?(prompt|input|sequence) length"#,
        #"(prompt|input|conversation|message|request|text|query)s? (is|are|was|were) (way |far )?too (long|large|many tokens)"#,
        #"(prompt|input|conversation) too (long|large)"#, #"too many (input |prompt )?tokens"#, #"too large for model"#,
        #"(input|prompt)( token)? (count|length|tokens)\b.{0,60}\b(exceed|greater|longer|larger|but model only|more than|above)"#,
        #"exceeds? (the )?(model'?s? )?(maximum|max) (allowed |number of )*(input |context |sequence )?(tokens|length|context)"#,
        #"(maximum|max) number of (input )?tokens"#, #"exceed(s|ed)? (the )?(model )?token limit"#,
        #"reduce (the length|your prompt|the (number|size) of (the )?(messages|prompt|input))"#,
        #"inputs`? (tokens )?(\+|must have)"#, #"max_seq_len|max_model_len|max_total_tokens|max_input_length"#,
        #"(prompt|input) exceeds? max"#, #"range of input length"#, #"length is \d+ while limit"#,
        #"token limit (exceeded|reached)|exceed(s|ed|ing)? (the )?max(imum)? (message |input |prompt )?tokens|max(imum)? tokens exceeded"#,
        #"max_prompt_tokens|prompt tokens? too (long|many)|\bn_ctx\b|max_position_embeddings|max_prefill_tokens"#,
        #"context (is )?(full|too long)|context overflow|tokens? do(es)? not fit|request (is )?too large"#,
        #"tokens?,? (which )?(is|are) (more than|over)\b|tokens \(\d+\) (is|are) over|sequence length (of )?\d+ (exceeds|is longer)"#,
        #"(model'?s? |the )token limit|超长|超过.{0,16}(长度|token)|(长度|token).{0,8}超"#,
        #"max size: \d+ tokens"#, #"longer than the (model|context|maximum)"#, #"body too large for .{1,60} model"#,
    ].map { WordPattern($0) }

    private static let n = #"(\d[\d,_]*)"#

    private static let limits = [
        #"\+ \d+ > N"#, #"max_seq_len\D{0,6}N"#, #"max_model_len\D{0,6}N"#, #"n_ctx\D{1,6}N"#, #"\[1, ?N\]"#,
        #"(?:context (?:length|window|size|limit)|max(?:imum)?(?: \w+)? length)(?: of the model| of this model)? ?(?:is|of|:|=)?\s*(?:only |just )?\(?N"#,
        #"N maximum context"#, #"> N\b"#, #"<= ?N"#, #"must have less than N"#, #"cannot exceed N"#,
        #"maximum (?:allowed )?(?:number of )?(?:input )?tokens(?: allowed)?\s*(?:is|of|:)?\s*\(?N"#,
        #"(?:supports?|up to|at most|maximum of|max(?:imum)?(?: of)?|limit(?: is|:| of)?) (?:up to |at most |only )?N\b"#,
        #"max(?:imum)? size: N"#, #"max(?:imum)? is N"#, #"max(?:imum)? context of N"#, #"max_\w+ \(N"#,
        #"(?:more than|over the limit of|fit into) (?:the )?N"#, #"exceeds N"#, #"\d/N"#,
    ].map { WordPattern($0.replacingOccurrences(of: "N", with: n)) }

    private static let prompts = [
        #"\(N (?:tokens )?(?:in|of|from) (?:the|your) (?:messages|prompt|input)"#, #"\(N of text input"#,
        #"N tokens (?:in|from|of) the (?:input|messages|prompt)"#, #"prompt contains (?:at least )?N"#,
        #"N input tokens"#, #"resulted in (?:over |about |at least )?N"#, #"too long: N"#, #"limit: N \+"#,
        #"given: N"#, #"(?:request|input|prompt|messages) \(N tokens\)"#, #"tokens \(N\) exceed"#,
        #"(?<!maximum )(?<!max )(?:input|prompt)(?: token)? (?:count|length)\s*(?:is |of )?\(?N"#,
        #"request contains N"#, #"length is N while"#, #"n_prompt_tokens\D{1,6}N"#, #"received N"#, #"first N tokens"#,
        #"(?:has|have|with|got) N tokens"#, #"tokens? \(N\) (?:has|have|is|are)"#, #"\((?:total )?length N\b"#,
        #"\bgot N\b"#, #"N tokens do(?:es)? not fit"#, #"too large: N"#, #"sequence length (?:of )?N"#, #"N tokens >"#,
        #"your (?:prompt|input|request) (?:is|was|of) N"#, #"(?<!\+ )\bN > \d"#, #"\bN/\d"#,
    ].map { WordPattern($0.replacingOccurrences(of: "N", with: n)) }

    private static let requested = WordPattern(#"requested (?:about |a total of |at least )?(\d[\d,_]*)"#)

    private static let output = WordPattern(
        #"max_tokens|max_completion_tokens|max_new_tokens|in the completion|for the completion|in the output|output tokens"#
    )

    private static func number(_ patterns: [WordPattern], in words: String) -> Int? {
        patterns.lazy.compactMap { $0.number(in: words) }.first
    }
}
