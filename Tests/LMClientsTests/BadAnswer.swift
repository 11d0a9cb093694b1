import TestSupport
import Testing

@testable import LMClients

/// An answer of a server that is no completion, and what the client makes of it.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    var name: String
    var reply: ScriptedReply
    var code: CompletionError.Code
    var status: Int?
    var tries: Int
    var says: [String]
    var testDescription: String { name }

    static let html = "<!DOCTYPE html><html><body>Welcome</body></html>"

    static let all: [BadAnswer] = [
        BadAnswer(
            name: "401",
            reply: .error(401, "Incorrect API key: sk-test-0123456789abcdef"),
            code: .unauthorized,
            status: 401,
            tries: 1,
            says: ["OPENAI_API_KEY", "[key]", "401"]
        ),
        BadAnswer(
            name: "404",
            reply: .error(404, "model does not exist"),
            code: .modelNotFound,
            status: 404,
            tries: 1,
            says: ["m-1", "rlm-tui models"]
        ),
        BadAnswer(
            name: "400",
            reply: .error(400, "maximum context length is 8192 tokens"),
            code: .contextOverflow,
            status: 400,
            tries: 1,
            says: ["maximum context length is 8192"]
        ),
        BadAnswer(
            name: "422 with detail",
            reply: .json(#"{"detail":"bad field"}"#, status: 422),
            code: .refused,
            status: 422,
            tries: 1,
            says: ["bad field"]
        ),
        BadAnswer(
            name: "429 for ever",
            reply: .error(429, "slow down"),
            code: .rateLimited,
            status: 429,
            tries: 5,
            says: ["slow down", "5 tries", "--max-concurrent-subcalls"]
        ),
        BadAnswer(
            name: "429 without credit",
            reply: .json(#"{"error":{"message":"quota","code":"insufficient_quota"}}"#, status: 429),
            code: .rateLimited,
            status: 429,
            tries: 1,
            says: ["credit"]
        ),
        BadAnswer(name: "408", reply: .error(408, "t"), code: .serverError, status: 408, tries: 5, says: ["408"]),
        BadAnswer(name: "409", reply: .error(409, "t"), code: .serverError, status: 409, tries: 5, says: ["409"]),
        BadAnswer(
            name: "503 in HTML",
            reply: .body(Array(html.utf8), type: "text/html", status: 503),
            code: .serverError,
            status: 503,
            tries: 5,
            says: ["503", "HTML"]
        ),
        BadAnswer(
            name: "HTML",
            reply: .body(Array(html.utf8), type: "text/html"),
            code: .badResponse,
            status: nil,
            tries: 1,
            says: ["answered HTML, not JSON: is the base URL right? it usually ends in /v1"]
        ),
        BadAnswer(
            name: "HTML called JSON",
            reply: .json("\n <html></html>"),
            code: .badResponse,
            status: nil,
            tries: 1,
            says: ["HTML, not JSON"]
        ),
        BadAnswer(
            name: "wrong JSON",
            reply: .json(#"{"hello":"world"}"#),
            code: .badResponse,
            status: nil,
            tries: 1,
            says: ["not with a completion", "hello"]
        ),
        BadAnswer(name: "a JSON list", reply: .json("[1,2]"), code: .badResponse, tries: 1, says: ["[1,2]"]),
        BadAnswer(
            name: "no choices",
            reply: .json(#"{"choices":[]}"#),
            code: .badResponse,
            tries: 1,
            says: ["not with a completion"]
        ),
        BadAnswer(name: "half JSON", reply: .json(#"{"choices":[{"mess"#), code: .badResponse, tries: 1, says: []),
        BadAnswer(
            name: "nothing",
            reply: .json(""),
            code: .badResponse,
            tries: 5,
            says: ["nothing at all", "5 tries"]
        ),
        BadAnswer(name: "hanging up", reply: .hangUp, code: .connection, tries: 5, says: ["broke", "5 tries"]),
        BadAnswer(
            name: "not HTTP",
            reply: .raw("SSH-2.0-OpenSSH\r\n\r\n"),
            code: .badResponse,
            tries: 1,
            says: ["does not speak HTTP"]
        ),
        BadAnswer(
            name: "shorter than promised",
            reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\""),
            code: .badResponse,
            tries: 5,
            says: ["broke off"]
        ),
        BadAnswer(
            name: "a redirect",
            reply: .json("", status: 302, headers: ["Location: http://evil.example/v1"]),
            code: .badResponse,
            status: 302,
            tries: 1,
            says: ["redirects to http://evil.example/v1", "not followed"]
        ),
        BadAnswer(
            name: "an error in a 200",
            reply: .json(#"{"error":{"message":"overloaded","code":503}}"#),
            code: .serverError,
            status: 503,
            tries: 5,
            says: ["overloaded"]
        ),
        BadAnswer(
            name: "a refusal",
            reply: .json(#"{"choices":[{"message":{"content":null,"refusal":"I will not"},"finish_reason":"stop"}]}"#),
            code: .modelRefused,
            tries: 1,
            says: ["I will not"]
        ),
        BadAnswer(
            name: "a filtered answer",
            reply: .json(#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#),
            code: .contentFilter,
            tries: 1,
            says: ["filter"]
        ),
        BadAnswer(
            name: "only reasoning",
            reply: .json(#"{"choices":[{"message":{"content":"","reasoning":"…"},"finish_reason":"length"}]}"#),
            code: .reasoningOnly,
            tries: 1,
            says: ["max_tokens"]
        ),
        BadAnswer(
            name: "a tool call",
            reply: .json(#"{"choices":[{"message":{"content":null,"tool_calls":[{}]},"finish_reason":"tool_calls"}]}"#),
            code: .toolCall,
            tries: 1,
            says: ["tool"]
        ),
        BadAnswer(
            name: "nothing but null",
            reply: .json(#"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#),
            code: .emptyAnswer,
            tries: 1,
            says: ["without a text"]
        ),
        BadAnswer(
            name: "nothing but thoughts in the text",
            reply: .json(#"{"choices":[{"message":{"content":"<think>Hm."},"finish_reason":"length"}]}"#),
            code: .reasoningOnly,
            tries: 1,
            says: ["max_tokens"]
        ),
    ]
}
