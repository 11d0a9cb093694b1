import Foundation
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// Which part of a request a refusal names, in the wordings of servers, and which refusals name none.
@Suite struct UnknownPartTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var body: String
        var word: String?
        var status = 400
        var testDescription: String { body }

        init(_ body: String, _ word: String?, status: Int = 400) {
            self.body = body
            self.word = word
            self.status = status
        }
    }

    static func error(_ message: String, param: String? = nil, code: String? = nil) -> String {
        let quoted = { (text: String?) in text.map { ScriptedReply.quoted($0) } ?? "null" }
        return #"{"error":{"message":\#(quoted(message)),"type":"invalid_request_error","param":\#(quoted(param)),"#
            + #""code":\#(quoted(code))}}"#
    }

    static let named: [Refusal] =
        [
            // OpenAI and those that word it so.
            Refusal(error("Unrecognized request argument supplied: seed"), "seed"),
            Refusal(error("Unrecognized request arguments supplied: top_p, seed"), "top_p"),
            Refusal(error("Unknown parameter: 'seed'.", param: "seed", code: "unknown_parameter"), "seed"),
            Refusal(
                error(
                    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                    param: "max_tokens", code: "unsupported_parameter"), "max_tokens"),
            Refusal(
                error(
                    "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
                    param: "temperature", code: "unsupported_value"), "temperature"),
            Refusal(
                error(
                    "Your organization must be verified to stream this model. Please go to: https://x and click on Verify.",
                    param: "stream", code: "unsupported_value"), "stream"),
            Refusal(
                error(
                    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                    param: "messages[0].role", code: "unsupported_value"), "system"),
            Refusal(error("Invalid parameter: 'top_p' is not supported for this model"), "top_p"),
            // Groq, Together, Fireworks, Cerebras, DeepSeek.
            Refusal(error("property 'seed' is unsupported, did you mean 'stop'?"), "seed"),
            Refusal(error("'stream_options' : property 'stream_options' is unsupported"), "stream_options"),
            Refusal(error("Extra inputs are not permitted, field: 'stream_options'"), "stream_options"),
            Refusal(error("Additional properties are not allowed ('seed' was unexpected)"), "seed"),
            Refusal(error("deepseek-reasoner does not support the parameter top_p"), "top_p"),
            // Pydantic: FastAPI, vLLM, Mistral, Azure.
            Refusal(
                #"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":7}]}"#,
                "seed", status: 422),
            Refusal(
                #"{"detail":[{"loc":["body","top_p"],"msg":"extra fields not permitted","type":"value_error.extra"}]}"#,
                "top_p", status: 422),
            Refusal(
                #"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]","type":"BadRequestError","param":null,"code":400}"#,
                "stream_options"),
            Refusal(
                #"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted","input":true}]},"type":"invalid_request_error","param":null,"code":null}"#,
                "stream_options", status: 422),
            Refusal(
                #"{"object":"Error","message":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}],"code":3001}"#,
                "seed", status: 422),
            Refusal(error("Validation error at #/stream_options: Extra inputs are not permitted"), "stream_options"),
            // Streaming.
            Refusal(error("Streaming is not supported by this server"), "stream", status: 501),
            Refusal(error("stream=true is not implemented"), "stream", status: 501),
            Refusal(#"{"error":"streaming not supported"}"#, "stream", status: 404),
            Refusal("This endpoint does not support streaming.", "stream", status: 405),
            Refusal(
                error("Stream options can only be defined when `stream=True` and are not supported here"),
                "stream_options"),
            Refusal(error("TypeError: create() got an unexpected keyword argument 'seed'"), "seed", status: 500),
            // The system role.
            Refusal(error("System role not supported"), "system"),
            Refusal(error("System role not supported"), "system", status: 500),
            Refusal(#"{"object":"error","message":"System role not supported","code":400}"#, "system"),
            Refusal(error("Jinja Exception: System role not supported"), "system", status: 500),
            Refusal(error("Only user and assistant roles are supported!"), "system"),
            Refusal(error("Developer instruction is not enabled for models/gemma-3-27b-it"), "system"),
            Refusal(
                error(#"messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter"#),
                "system"),
            Refusal(error("invalid role: system, must be one of user, assistant"), "system"),
            Refusal(
                #"{"detail":[{"type":"literal_error","loc":["body","messages",0,"role"],"msg":"Input should be 'user' or 'assistant'"}]}"#,
                "system", status: 422),
            Refusal(error("This model does not support system messages"), "system"),
            Refusal(error("System prompts are not allowed for this model."), "system"),
            // Roles in a row.
            Refusal(
                error("Conversation roles must alternate user/assistant/user/assistant/..."), "consecutive_roles"),
            Refusal(
                error("After the optional system message, conversation roles must alternate user/assistant"),
                "consecutive_roles", status: 500),
            Refusal(
                error("Please ensure that multiturn requests alternate between user and model."), "consecutive_roles"),
            Refusal(error("messages: roles must alternate between \"user\" and \"assistant\""), "consecutive_roles"),
            Refusal(error("consecutive user messages are not allowed"), "consecutive_roles"),
            Refusal(error("two messages with the same role follow each other"), "consecutive_roles"),
            Refusal(error("Expected role assistant but got user"), "consecutive_roles"),
            Refusal(error("user messages must be followed by assistant messages"), "consecutive_roles"),
        ] + moreNamed

    /// Other servers, and words that only say what to do.
    static let moreNamed: [Refusal] = [
        Refusal(
            #"{"detail":"Extra parameters ['stream_options'] are not allowed when extra-parameters is not set or set to be 'error'."}"#,
            "stream_options"),
        Refusal(#"{"error":"invalid_request","error_description":"unsupported parameter: seed"}"#, "seed"),
        Refusal(#"{"title":"Bad Request","detail":"Unknown field: seed","status":400}"#, "seed"),
        Refusal(#"{"errors":[{"message":"seed is not supported"}]}"#, "seed"),
        Refusal(error(#"json: unknown field "stream_options""#), "stream_options"),
        Refusal(
            "Failed to deserialize the JSON body into the target type: unknown field `seed`, expected one of `model`, `temperature`",
            "seed", status: 422),
        Refusal(error(#"Unrecognized field "seed" (class x.Request), not marked as ignorable"#), "seed"),
        Refusal(error(#"Invalid JSON payload received. Unknown name "seed": Cannot find field."#), "seed"),
        Refusal(error("Invalid parameter: seed"), "seed"),
        Refusal(error("Parameter 'seed' is not part of the schema"), "seed"),
        Refusal(error("Remove 'seed' from the request and try again."), "seed"),
        Refusal(error("Model m does not have parameter top_p"), "top_p"),
        Refusal(error("Please use max_completion_tokens instead of max_tokens"), "max_tokens"),
        Refusal(
            error("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
            "temperature"),
        Refusal(error("invalid temperature: only 1 is allowed for this model"), "temperature"),
        Refusal(error("`temperature` may only be set to 1 when thinking is enabled."), "temperature"),
        Refusal(error("SSE is not supported"), "stream"),
        Refusal(error("`stream` should be false"), "stream"),
        Refusal(error("This server cannot stream."), "stream"),
        Refusal(error("roles other than user and assistant are not allowed"), "system"),
        Refusal(error("First message must be from user"), "system"),
        Refusal(error("messages[0].role should be user"), "system"),
        Refusal(error("This model has no system role"), "system"),
        Refusal(error("unknown variant `system`, expected `user` or `assistant`: role"), "system", status: 422),
        Refusal(
            error(
                "Invalid value: 'system'. Supported values are: 'user', 'assistant'.", param: "messages[0].role",
                code: "invalid_value"), "system"),
    ]

    static let other: [Refusal] = [
        Refusal(error("temperature must be between 0 and 2"), nil),
        Refusal(
            error(
                "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 5 instead.",
                param: "temperature", code: "decimal_above_max_value"), nil),
        Refusal(
            error("max_tokens is too large: 99999. This model supports at most 4096 completion tokens."), nil),
        Refusal(
            #"{"detail":[{"type":"int_parsing","loc":["body","seed"],"msg":"Input should be a valid integer"}]}"#, nil,
            status: 422),
        Refusal(error("The model `seed-oss-stream` is not supported."), nil),
        Refusal(error("The model `m-1` does not exist or you do not have access to it."), nil, status: 404),
        Refusal(error("Invalid API key: streaming not allowed"), nil, status: 401),
        Refusal(error("Rate limit reached: seed not available"), nil, status: 429),
        Refusal(error("We could not parse the JSON body of your request."), nil),
        Refusal(error("Unsupported parameter: 'tools' is not supported with this model."), nil),
        Refusal(error("The server had an error while streaming; the system is not available"), nil, status: 500),
        Refusal(error("overloaded_error: the operating system is unavailable"), nil, status: 500),
        Refusal(error("Invalid value for max_tokens: 0"), nil),
        Refusal(error("Invalid parameter: temperature must be <= 1"), nil),
        Refusal(error("max_tokens is invalid"), nil),
        Refusal(error("An error occurred in the stream"), nil),
        Refusal(error("seed: expected a number"), nil, status: 422),
        Refusal("Bad Request", nil),
        Refusal("", nil),
    ]

    @Test(arguments: named + other)
    func findsWhatIsNamed(refusal: Refusal) {
        let sent: Set<String> = [
            "stream", "stream_options", "seed", "temperature", "top_p", "max_tokens", "system", "consecutive_roles",
        ]
        let part = UnknownPart(sent: sent, model: "seed-oss-stream")
        let body = Array(refusal.body.utf8)
        let error = ErrorBody(body)?.error
        let text = error?.message ?? refusal.body
        #expect(
            part.word(in: error ?? ReportedError(message: text), status: refusal.status, text: text) == refusal.word)
    }

    /// What was not sent is never looked for, so that no request is sent again for it.
    @Test(arguments: named)
    func findsOnlyWhatWasSent(refusal: Refusal) {
        let part = UnknownPart(sent: ["frequency_penalty"], model: "m-1")
        let error = ErrorBody(Array(refusal.body.utf8))?.error
        let text = error?.message ?? refusal.body
        #expect(part.word(in: error ?? ReportedError(message: text), status: refusal.status, text: text) == nil)
    }
}
