import Foundation
import TestSupport
import Testing

@testable import LMClients

/// Conversations that are too long, in the wordings of servers, with the numbers where they are told.
@Suite struct ContextOverflowTests {
    struct Saying: Sendable, CustomTestStringConvertible {
        var text: String
        var limit: Int?
        var prompt: Int?
        var status = 400
        var testDescription: String { text }

        init(_ text: String, _ limit: Int?, _ prompt: Int?, status: Int = 400) {
            self.text = text
            self.limit = limit
            self.prompt = prompt
            self.status = status
        }
    }

    static let overflows: [Saying] = [
        Saying(
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. "
                + "Please reduce the length of the messages.", 8192, 9000),
        Saying(
            "This model's maximum context length is 4097 tokens, however you requested 4116 tokens (3860 in your prompt; "
                + "256 for the completion). Please reduce your prompt; or completion length.", 4097, 3860),
        Saying(
            "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the "
                + "messages, 10000 in the completion). Please reduce the length of the messages or completion.", 16384,
            112_946),
        Saying(
            "This model's maximum context length is 8192 tokens. However, you requested 0 output tokens and your prompt "
                + "contains at least 8193 input tokens, for a total of at least 8193 tokens.", 8192, 8193),
        Saying(
            "Your input exceeds the context window of this model. Please adjust your input and try again.", nil, nil),
        Saying(
            "This endpoint's maximum context length is 8192 tokens. However, you requested about 10000 tokens (9000 of "
                + "text input, 1000 in the output).", 8192, 9000),
        Saying("prompt is too long: 205000 tokens > 200000 maximum", 200_000, 205_000),
        Saying(
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or "
                + "`max_tokens` and try again", 200_000, 190_000),
        Saying(
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1_048_576,
            1_200_000),
        Saying(
            "Unable to submit request because the input token count is 40000 but model only supports up to 32768. "
                + "Reduce the input token count and try again.", 32768, 40000),
        Saying(
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            32768, 40000),
        Saying(
            "the request exceeds the available context size. try increasing the context size or enable context shift",
            nil, nil),
        Saying("request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096, 9000),
        Saying("Requested tokens (516) exceed context window of 512", 512, 516, status: 500),
        Saying("Number of tokens (757) exceeded maximum context length (512).", 512, 757, status: 500),
        Saying(
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 8000 `inputs` tokens and "
                + "512 `max_new_tokens`", 8193, 8000, status: 422),
        Saying(
            "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500", 1024, 1500, status: 422),
        Saying(
            "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context "
                + "length of only 4096 tokens, which is not enough.", 4096, 5000),
        Saying(
            "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the "
                + "model with a larger context length", nil, nil),
        Saying("the input length exceeds the context length", nil, nil),
        Saying("ValidationException: Input is too long for requested model.", nil, nil),
        Saying(
            "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a "
                + "shorter prompt", 4081, 5000),
        Saying(
            "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 131_072, 537_812),
        Saying("The input (9000 tokens) is longer than the model's context length (8192 tokens).", 8192, 9000),
        Saying(
            "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of "
                + "9000 tokens: 8500 tokens from the input messages and 500 tokens for the completion.", 8192, 8500),
        Saying("The prompt is too long: 140000, model maximum context length: 131071", 131_071, 140_000),
        Saying(
            "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192", 8192,
            9000),
        Saying("Invalid request: Your request exceeded model token limit: 8192", 8192, nil),
        Saying("Prompt exceeds max length", nil, nil),
        Saying("Range of input length should be [1, 30720]", 30720, nil),
        Saying("Request body too large for gpt-4o model. Max size: 8000 tokens.", 8000, nil, status: 413),
        Saying("Payload Too Large", nil, nil, status: 413),
        Saying("Prompt length 9000 is greater than max_seq_len 8192", 8192, 9000),
        Saying(
            "This model's maximum context length is 128,000 tokens, but your prompt has 130,500 tokens.", 128_000,
            130_500),
        Saying("Prompt tokens (9000) exceeds context size (4096)", 4096, 9000),
        Saying(
            "You passed 8193 input tokens and requested 0 output tokens. However, the model's context length is only 8192 "
                + "tokens, resulting in a maximum input length of 8192 tokens.", 8192, 8193),
        Saying(
            "The decoder prompt (length 40000) is longer than the maximum model length of 32768. Make sure that "
                + "`max_model_len` is no smaller than the number of text tokens.", 32768, 40000),
        Saying(
            "The prompt (total length 40000) is too long to fit into the model (context length 32768).", 32768, 40000),
        Saying(
            "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
            272_000,
            300_000),
        Saying("prompt token count of 130000 exceeds the limit of 128000", 128_000, 130_000),
        Saying("Prompt is too long. Max is 16384, got 18000", 16384, 18000),
        Saying("the prompt (5000 tokens) exceeds the model's max context of 4096", 4096, 5000),
        Saying("number of input tokens (9000) has exceeded max_prefill_tokens (8192) limit", 8192, 9000),
        Saying(
            "Token indices sequence length is longer than the specified maximum sequence length for this model (9000 > 8192)",
            8192, 9000),
        Saying("Your prompt has 9000 tokens, which is more than the 8192 this model can handle", 8192, 9000),
        Saying("Total tokens of image and text exceed max message tokens", nil, nil),
        Saying("invalid params, context window exceeds limit", nil, nil),
        Saying("token limit exceeded", nil, nil),
        Saying("KV cache is full: 5000 tokens do not fit into 4096", 4096, 5000),
        Saying("Prompt 超长", nil, nil),
        Saying("输入长度超过模型最大上下文长度", nil, nil),
    ]

    @Test(arguments: overflows)
    func isSeenWithItsNumbers(saying: Saying) {
        let overflow = ContextOverflow(
            ReportedError(message: saying.text), status: saying.status, text: saying.text)
        #expect(overflow != nil)
        #expect(overflow?.limit == saying.limit)
        #expect(overflow?.prompt == saying.prompt)
    }

    static let others: [Saying] = [
        Saying(
            "Request too large for gpt-4 in organization org-1 on tokens per min (TPM): Limit 10000, Requested 12000. The "
                + "input or output tokens must be reduced in order to run successfully.", nil, nil, status: 429),
        Saying(
            "Request too large for model `llama` in organization `o` service tier `on_demand` on tokens per minute (TPM): "
                + "Limit 6000, Requested 9000, please reduce your message size and try again.", nil, nil, status: 413),
        Saying("Rate limit reached for m-1: too many tokens per day. Please try again in 6ms.", nil, nil),
        Saying("You exceeded your current quota; the maximum context length is not the problem", nil, nil),
        Saying(
            "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
            nil, nil),
        Saying("max_tokens is too large: 50000. This model supports at most 16384 completion tokens.", nil, nil),
        Saying("temperature is too large: 5", nil, nil),
        Saying("Unrecognized request argument supplied: seed", nil, nil),
        Saying("The message was too rude", nil, nil),
    ]

    @Test(arguments: others)
    func isNotSeenInOtherFailures(saying: Saying) {
        #expect(
            ContextOverflow(ReportedError(message: saying.text), status: saying.status, text: saying.text) == nil)
    }

    @Test func codesAndFieldsCountToo() throws {
        let body = #"""
            {"error":{"code":400,"message":"too much","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}
            """#
        let error = try #require(ErrorBody(Array(body.utf8))?.error)
        let overflow = try #require(ContextOverflow(error, status: 400, text: error.message ?? ""))
        #expect(overflow.limit == 4096 && overflow.prompt == 9000)
        let named = #"{"error":{"message":"no","code":"context_length_exceeded"}}"#
        let other = try #require(ErrorBody(Array(named.utf8))?.error)
        #expect(ContextOverflow(other, status: 400, text: "no") != nil)
    }

    /// A cap that the program chose by itself is lowered where it alone is too much.
    @Test func capsGiveWay() {
        func overflow(_ text: String) -> ContextOverflow? {
            ContextOverflow(ReportedError(message: text), status: 400, text: text)
        }
        let tight = overflow(
            "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 8192 tokens "
                + "and your request has 4000 input tokens (5000 > 8192 - 4000).")
        #expect(tight.flatMap { OutputCap.smaller(than: 5000, for: $0) } == 4176)
        let total = overflow(
            "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens for prompt and output tokens"
        )
        #expect(total.flatMap { OutputCap.smaller(than: 2000, for: $0) } == 1176)
        let mute = overflow("`max_tokens` and the prompt together exceed the context window")
        #expect(mute.flatMap { OutputCap.smaller(than: 2000, for: $0) } == 1000)
        // The conversation alone is too long: no cap helps.
        let long = overflow("prompt is too long: 205000 tokens > 200000 maximum")
        #expect(long.flatMap { OutputCap.smaller(than: 2000, for: $0) } == nil)
        #expect(
            OutputCap.smaller(
                than: 50_000,
                refusedWith:
                    "max_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas "
                    + "you provided 50000.") == 16384)
        #expect(
            OutputCap.smaller(
                than: 50_000,
                refusedWith: "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens`")
                == 8192)
        #expect(OutputCap.smaller(than: 100, refusedWith: "max_tokens must be at most 8192") == nil)
    }
}
