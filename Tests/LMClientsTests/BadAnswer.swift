import TestSupport
import Testing

@testable import LMClients

/// An answer of a server that is no completion, and what the client makes of it.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    var name: String
    var reply: ScriptedReply
    var code: CompletionError.Code
    var status: Int?
    var remedy: Remedy
    var says: [String]
    var testDescription: String { name }

    static let html = "<!DOCTYPE html><html><body>Welcome</body></html>"

    static let all: [BadAnswer] = [
        BadAnswer(
            name: "401",
            reply: .error(401, "Incorrect API key: sk-test-0123456789abcdef"),
            code: .unauthorized,
            status: 401,
            remedy: .none,
            says: ["OPENAI_API_KEY", "[key]", "401"]
        ),
        BadAnswer(
            name: "404",
            reply: .error(404, "model does not exist"),
            code: .modelNotFound,
            status: 404,
            remedy: .none,
            says: ["m-1", "rlm-tui models"]
        ),
        BadAnswer(
            name: "400",
            reply: .error(400, "maximum context length is 8192 tokens"),
            code: .contextOverflow,
            status: 400,
            remedy: .none,
            says: ["maximum context length is 8192"]
        ),
        BadAnswer(
            name: "422 with detail",
            reply: .json(#"{"detail":"bad field"}"#, status: 422),
            code: .refused,
            status: 422,
            remedy: .none,
            says: ["bad field"]
        ),
        BadAnswer(
            name: "429 for ever",
            reply: .error(429, "slow down"),
            code: .rateLimited,
            status: 429,
            remedy: .anotherTry,
            says: ["slow down", "--max-concurrent-subcalls"]
        ),
        BadAnswer(
            name: "429 without credit",
            reply: .json(#"{"error":{"message":"quota","code":"insufficient_quota"}}"#, status: 429),
            code: .rateLimited,
            status: 429,
            remedy: .none,
            says: ["credit"]
        ),
        BadAnswer(
            name: "408", reply: .error(408, "t"), code: .serverError, status: 408, remedy: .anotherTry, says: ["408"]),
        BadAnswer(
            name: "409", reply: .error(409, "t"), code: .serverError, status: 409, remedy: .anotherTry, says: ["409"]),
        BadAnswer(
            name: "503 in HTML",
            reply: .body(Array(html.utf8), type: "text/html", status: 503),
            code: .serverError,
            status: 503,
            remedy: .anotherTry,
            says: ["503", "HTML"]
        ),
        BadAnswer(
            name: "HTML",
            reply: .body(Array(html.utf8), type: "text/html"),
            code: .badResponse,
            status: nil,
            remedy: .none,
            says: ["answered HTML, not JSON: is the base URL right? it usually ends in /v1"]
        ),
        BadAnswer(
            name: "HTML called JSON",
            reply: .json("\n <html></html>"),
            code: .badResponse,
            status: nil,
            remedy: .none,
            says: ["HTML, not JSON"]
        ),
        BadAnswer(
            name: "wrong JSON",
            reply: .json(#"{"hello":"world"}"#),
            code: .badResponse,
            status: nil,
            remedy: .none,
            says: ["not with a completion", "hello"]
        ),
        BadAnswer(name: "a JSON list", reply: .json("[1,2]"), code: .badResponse, remedy: .none, says: ["[1,2]"]),
        BadAnswer(
            name: "no choices",
            reply: .json(#"{"choices":[]}"#),
            code: .badResponse,
            remedy: .none,
            says: ["not with a completion"]
        ),
        BadAnswer(
            name: "half JSON", reply: .json(#"{"choices":[{"mess"#), code: .badResponse, remedy: .anotherTry, says: []),
        BadAnswer(
            name: "nothing",
            reply: .json(""),
            code: .badResponse,
            remedy: .anotherTry,
            says: ["nothing at all"]
        ),
        BadAnswer(name: "hanging up", reply: .hangUp, code: .connection, remedy: .anotherTry, says: ["broke"]),
        BadAnswer(
            name: "not HTTP",
            reply: .raw("SSH-2.0-OpenSSH\r\n\r\n"),
            code: .badResponse,
            remedy: .none,
            says: ["does not speak HTTP"]
        ),
        BadAnswer(
            name: "shorter than promised",
            reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\""),
            code: .badResponse,
            remedy: .anotherTry,
            says: ["broke off"]
        ),
        BadAnswer(
            name: "a redirect",
            reply: .json("", status: 302, headers: ["Location: http://evil.example/v1"]),
            code: .badResponse,
            status: 302,
            remedy: .none,
            says: ["redirects to http://evil.example/v1", "not followed"]
        ),
        BadAnswer(
            name: "an error in a 200",
            reply: .json(#"{"error":{"message":"overloaded","code":503}}"#),
            code: .serverError,
            status: 503,
            remedy: .anotherTry,
            says: ["overloaded"]
        ),
        BadAnswer(
            name: "a refusal",
            reply: .json(#"{"choices":[{"message":{"content":null,"refusal":"I will not"},"finish_reason":"stop"}]}"#),
            code: .modelRefused,
            remedy: .none,
            says: ["I will not"]
        ),
        BadAnswer(
            name: "a filtered answer",
            reply: .json(#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#),
            code: .contentFilter,
            remedy: .none,
            says: ["filter"]
        ),
        BadAnswer(
            name: "only reasoning",
            reply: .json(#"{"choices":[{"message":{"content":"","reasoning":"…"},"finish_reason":"length"}]}"#),
            code: .reasoningOnly,
            remedy: .none,
            says: ["max_tokens"]
        ),
        BadAnswer(
            name: "a tool call",
            reply: .json(#"{"choices":[{"message":{"content":null,"tool_calls":[{}]},"finish_reason":"tool_calls"}]}"#),
            code: .toolCall,
            remedy: .none,
            says: ["tool"]
        ),
        BadAnswer(
            name: "nothing but null",
            reply: .json(#"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#),
            code: .emptyAnswer,
            remedy: .none,
            says: ["without a text"]
        ),
        BadAnswer(
            name: "nothing but thoughts in the text",
            reply: .json(#"{"choices":[{"message":{"content":"<think>Hm."},"finish_reason":"length"}]}"#),
            code: .reasoningOnly,
            remedy: .none,
            says: ["max_tokens"]
        ),
    ]
}
