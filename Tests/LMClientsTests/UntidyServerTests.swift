import Foundation
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// Servers that refuse what they do not know, and conversations that are too long for them.
@Suite struct UntidyServerTests {
    private var request: CompletionRequest {
        CompletionRequest(
            model: "m-1",
            messages: [Message(role: .system, content: "Be short."), Message(role: .user, content: "Hi")],
            sampling: ["temperature": "0.2", "max_tokens": "64"],
            seed: 7,
            isStreaming: true
        )
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let words: String
        /// Whether a body is still not what the server takes.
        let refuses: @Sendable (String) -> Bool
        var status = 400
        var testDescription: String { words }
    }

    static let refusals = [
        Refusal(words: "Unrecognized request argument supplied: seed", refuses: { $0.contains("\"seed\"") }),
        Refusal(
            words:
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            refuses: { !$0.contains("\"max_completion_tokens\":64") }),
        Refusal(
            words:
                "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
            refuses: { $0.contains("temperature") }),
        Refusal(
            words: "body -> stream_options: Extra inputs are not permitted", refuses: { $0.contains("stream_options") },
            status: 422),
        Refusal(
            words: "Streaming is not supported by this server", refuses: { $0.contains("\"stream\":true") }, status: 501
        ),
        Refusal(words: "System role not supported", refuses: { $0.contains("\"system\"") }, status: 500),
    ]

    @Test func theOutputCapIsSentAsTheServerKnowsIt() async throws {
        let server = try ScriptedServer { request in
            request.json["max_tokens"] != nil
                ? .error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
                : .completion("ok")
        }
        defer { server.stop() }
        let client = try testClient(server)
        var request = CompletionRequest(model: "m-1", messages: [Message(role: .user, content: "Hi")])
        _ = try await adapting(client, request)
        #expect(server.requests.last?.json["max_completion_tokens"] == nil)
        request.maxOutputTokens = 99
        _ = try await adapting(client, request)
        #expect(server.requests.last?.json["max_completion_tokens"] as? Int == 99)
        // What a person asked for stays where it is less, and is capped where it is more.
        request.sampling["max_tokens"] = "50"
        _ = try await adapting(client, request)
        #expect(server.requests.last?.json["max_completion_tokens"] as? Int == 50)
        request.sampling["max_tokens"] = "500"
        _ = try await adapting(client, request)
        #expect(server.requests.last?.json["max_completion_tokens"] as? Int == 99)
    }

    @Test func aCapThatIsTooLargeForTheModelIsLowered() async throws {
        let server = try ScriptedServer { request in
            (request.json["max_tokens"] as? Int ?? 0) > 4096
                ? .error(400, "max_tokens is too large: 99999. This model supports at most 4096 completion tokens.")
                : .completion("ok")
        }
        defer { server.stop() }
        var request = CompletionRequest(model: "m-1", messages: [Message(role: .user, content: "Hi")])
        request.maxOutputTokens = 99_999
        #expect(try await adapting(try testClient(server), request).text == "ok")
    }

    @Test(arguments: refusals) func isAskedAgainWithoutIt(refusal: Refusal) async throws {
        let server = try ScriptedServer { request in
            refusal.refuses(String(decoding: request.body, as: UTF8.self))
                ? .error(refusal.status, refusal.words) : .completion("ok")
        }
        defer { server.stop() }
        let client = try testClient(server)
        let response = try await adapting(client, request)
        #expect(response.text == "ok")
        // It is remembered: the next request is right at once.
        let before = server.requestCount
        _ = try await client.complete(request, onText: nil)
        #expect(server.requestCount == before + 1)
    }

    /// Many requests that are refused at the same time, of which only one is the first to find out.
    @Test func allOfABatchAreAskedAgain() async throws {
        let server = try ScriptedServer { request in
            let isRefused = String(decoding: request.body, as: UTF8.self).contains("\"seed\"")
            return (isRefused ? ScriptedReply.error(400, "Unknown parameter: seed") : .completion("ok"))
                .after(milliseconds: isRefused ? 50 : 0)
        }
        defer { server.stop() }
        let client = try testClient(server)
        let request = request
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 { group.addTask { try await adapting(client, request).text } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "ok", count: 16))
    }

    @Test func theSystemTextIsNotLost() async throws {
        let server = try ScriptedServer { request in
            let body = String(decoding: request.body, as: UTF8.self)
            if body.contains("\"system\"") { return .error(400, "This model does not support the system role") }
            return .completion(body.contains(#"Be short.\n\nHi"#) ? "both" : "lost")
        }
        defer { server.stop() }
        #expect(try await adapting(try testClient(server), request).text == "both")
    }

    @Test func whatCannotBeLeftOutIsRefusedOnce() async throws {
        let server = try ScriptedServer { _ in .error(400, "Unsupported parameter: seed") }
        defer { server.stop() }
        let client = try testClient(server)
        let error = await failure { try await adapting(client, request) }
        #expect(error?.code == .refused && error?.remedy == Remedy.none)
        #expect(server.requestCount == 2)
    }

    static let overflows: [(String, Int?, Int?)] = [
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the "
                + "length of the messages.", 8192, 9000
        ),
        ("prompt is too long: 205000 tokens > 200000 maximum", 200_000, 205_000),
        ("The input token count (9000) exceeds the maximum number of tokens allowed (8192).", 8192, 9000),
        ("the request exceeds the available context size. try increasing the context size", nil, nil),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens", 4096, 5000),
        (
            "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096",
            4096, 5000
        ),
    ]

    @Test(arguments: overflows) func aPromptThatIsTooLongIsATypedError(words: String, limit: Int?, prompt: Int?)
        async throws
    {
        let server = try ScriptedServer { _ in .error(400, words) }
        defer { server.stop() }
        let error = try #require(await failure { try await testClient(server).complete(request, onText: nil) })
        #expect(error.code == .contextOverflow, "\(error)")
        #expect(error.limitTokens == limit)
        #expect(error.promptTokens == prompt)
        #expect(server.requestCount == 1)
    }

    @Test func aRateOfTokensIsNoOverflow() async throws {
        let words =
            "Request too large for m-1: Limit 30000, Requested 40000 tokens per min (TPM). Reduce the length of the messages."
        let server = try ScriptedServer { _ in .error(400, words) }
        defer { server.stop() }
        #expect(await failure { try await testClient(server).complete(request, onText: nil) }?.code == .refused)
    }

    static let beside = [
        #"{"content":"It is 7.","reasoning_content":"Look."}"#, #"{"content":"It is 7.","reasoning":"Look."}"#,
        #"{"content":[{"type":"thinking","thinking":"Look."},{"type":"text","text":"It is 7."}]}"#,
        #"{"content":"<think>Look.</think>\n\nIt is 7."}"#,
        #"{"content":"It is 7.","reasoning_details":[{"type":"reasoning.text","text":"Look."}]}"#,
    ]

    @Test(arguments: beside, [false, true]) func reasoningIsNoAnswer(message: String, isStreaming: Bool) async throws {
        let server = try ScriptedServer { _ in
            isStreaming
                ? .events([
                    "data: {\"choices\":[{\"index\":0,\"delta\":\(message)}]}\n\n", ScriptedReply.finish,
                    "data: [DONE]\n\n",
                ]) : .json(#"{"choices":[{"message":\#(message),"finish_reason":"stop"}]}"#)
        }
        defer { server.stop() }
        var request = request
        request.isStreaming = isStreaming
        let response = try await testClient(server).complete(request, onText: nil)
        #expect(response.text == "It is 7.")
        #expect(response.reasoning == "Look.")
    }
}

/// Asks as often as the client says that it has learned something, as the dispatcher does.
func adapting(_ client: OpenAIClient, _ request: CompletionRequest) async throws(CompletionError) -> CompletionResponse
{
    var request = request
    for _ in 0..<20 {
        do throws(CompletionError) {
            return try await client.complete(request, onText: nil)
        } catch {
            guard error.remedy == .adaptedTry else { throw error }
            request.maxOutputTokens = error.adaptedOutputTokens ?? request.maxOutputTokens
        }
    }
    return try await client.complete(request, onText: nil)
}
