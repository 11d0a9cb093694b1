import Foundation
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// What becomes of bad answers: typed errors with a remedy, retries where they help, and never a key.
@Suite struct OpenAIFailureTests {
    private let request = CompletionRequest(model: "m-1", messages: [Message(role: .user, content: "Hi")])
    private let key = "sk-test-0123456789abcdef"

    private func stream(_ request: CompletionRequest) -> CompletionRequest {
        var request = request
        request.isStreaming = true
        return request
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var reply: ScriptedReply
        var code: CompletionError.Code
        var status: Int?
        var tries: Int
        var says: [String]
        var testDescription: String { name }
    }

    static let html = "<!DOCTYPE html><html><body>Welcome</body></html>"

    static let cases: [Case] = [
        Case(
            name: "401",
            reply: .error(401, "Incorrect API key: sk-test-0123456789abcdef"),
            code: .unauthorized,
            status: 401,
            tries: 1,
            says: ["OPENAI_API_KEY", "[key]", "401"]
        ),
        Case(
            name: "404",
            reply: .error(404, "model does not exist"),
            code: .modelNotFound,
            status: 404,
            tries: 1,
            says: ["m-1", "rlm-tui models"]
        ),
        Case(
            name: "400",
            reply: .error(400, "maximum context length is 8192 tokens"),
            code: .refused,
            status: 400,
            tries: 1,
            says: ["maximum context length is 8192"]
        ),
        Case(
            name: "422 with detail",
            reply: .json(#"{"detail":"bad field"}"#, status: 422),
            code: .refused,
            status: 422,
            tries: 1,
            says: ["bad field"]
        ),
        Case(
            name: "429 for ever",
            reply: .error(429, "slow down"),
            code: .rateLimited,
            status: 429,
            tries: 5,
            says: ["slow down", "5 tries", "--max-concurrent-subcalls"]
        ),
        Case(
            name: "429 without credit",
            reply: .json(#"{"error":{"message":"quota","code":"insufficient_quota"}}"#, status: 429),
            code: .rateLimited,
            status: 429,
            tries: 1,
            says: ["credit"]
        ),
        Case(name: "408", reply: .error(408, "t"), code: .serverError, status: 408, tries: 5, says: ["408"]),
        Case(name: "409", reply: .error(409, "t"), code: .serverError, status: 409, tries: 5, says: ["409"]),
        Case(
            name: "503 in HTML",
            reply: .body(Array(html.utf8), type: "text/html", status: 503),
            code: .serverError,
            status: 503,
            tries: 5,
            says: ["503", "HTML"]
        ),
        Case(
            name: "HTML",
            reply: .body(Array(html.utf8), type: "text/html"),
            code: .badResponse,
            status: nil,
            tries: 1,
            says: ["answered HTML, not JSON: is the base URL right? it usually ends in /v1"]
        ),
        Case(
            name: "HTML called JSON",
            reply: .json("\n <html></html>"),
            code: .badResponse,
            status: nil,
            tries: 1,
            says: ["HTML, not JSON"]
        ),
        Case(
            name: "wrong JSON",
            reply: .json(#"{"hello":"world"}"#),
            code: .badResponse,
            status: nil,
            tries: 1,
            says: ["not with a completion", "hello"]
        ),
        Case(name: "a JSON list", reply: .json("[1,2]"), code: .badResponse, tries: 1, says: ["[1,2]"]),
        Case(
            name: "no choices",
            reply: .json(#"{"choices":[]}"#),
            code: .badResponse,
            tries: 1,
            says: ["not with a completion"]
        ),
        Case(name: "half JSON", reply: .json(#"{"choices":[{"mess"#), code: .badResponse, tries: 1, says: []),
        Case(name: "nothing", reply: .json(""), code: .badResponse, tries: 5, says: ["nothing at all", "5 tries"]),
        Case(name: "hanging up", reply: .hangUp, code: .connection, tries: 5, says: ["broke", "5 tries"]),
        Case(
            name: "not HTTP",
            reply: .raw("SSH-2.0-OpenSSH\r\n\r\n"),
            code: .badResponse,
            tries: 1,
            says: ["does not speak HTTP"]
        ),
        Case(
            name: "shorter than promised",
            reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\""),
            code: .badResponse,
            tries: 5,
            says: ["broke off"]
        ),
        Case(
            name: "a redirect",
            reply: .json("", status: 302, headers: ["Location: http://evil.example/v1"]),
            code: .badResponse,
            status: 302,
            tries: 1,
            says: ["redirects to http://evil.example/v1", "not followed"]
        ),
        Case(
            name: "an error in a 200",
            reply: .json(#"{"error":{"message":"overloaded","code":503}}"#),
            code: .serverError,
            status: 503,
            tries: 5,
            says: ["overloaded"]
        ),
        Case(
            name: "a refusal",
            reply: .json(#"{"choices":[{"message":{"content":null,"refusal":"I will not"},"finish_reason":"stop"}]}"#),
            code: .refused,
            tries: 1,
            says: ["I will not"]
        ),
        Case(
            name: "a filtered answer",
            reply: .json(#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#),
            code: .refused,
            tries: 1,
            says: ["filter"]
        ),
        Case(
            name: "only reasoning",
            reply: .json(#"{"choices":[{"message":{"content":"","reasoning":"…"},"finish_reason":"length"}]}"#),
            code: .badResponse,
            tries: 1,
            says: ["max_tokens"]
        ),
        Case(
            name: "a tool call",
            reply: .json(#"{"choices":[{"message":{"content":null,"tool_calls":[{}]},"finish_reason":"tool_calls"}]}"#),
            code: .badResponse,
            tries: 1,
            says: ["tool"]
        ),
    ]

    @Test(arguments: cases, [false, true])
    func failsWithATypedErrorAndARemedy(example: Case, isStreaming: Bool) async throws {
        let server = try ScriptedServer { _ in example.reply }
        defer { server.stop() }
        let client = try testClient(server, key: key)
        let request = isStreaming ? stream(request) : request
        let error = try #require(await failure { try await client.complete(request, onText: nil) })
        #expect(error.code == example.code, "\(error)")
        #expect(error.httpStatus == example.status)
        #expect(error.model == "openai/m-1")
        #expect(error.retries == example.tries - 1)
        #expect(server.requestCount == example.tries)
        for words in example.says { #expect(error.message.contains(words), "\(error)") }
        #expect(!error.message.contains("\n"))
        expectNoKey(error)
    }

    private func expectNoKey(_ value: some Any) {
        var dumped = ""
        dump(value, to: &dumped)
        #expect(!"\(value) \(String(reflecting: value)) \(dumped)".contains(key))
    }

    static let brokenStreams: [(String, ScriptedReply, CompletionError.Code, Int, String)] = [
        (
            "breaks off", .chunked([Array(ScriptedReply.chunk("a").utf8)], end: [.close]), .badResponse, 5,
            "broke off in the middle"
        ),
        ("ends early", .events([ScriptedReply.chunk("a")]), .badResponse, 5, "broke off in the middle"),
        (
            "ends in an event", .events([ScriptedReply.chunk("a"), "data: {\"choi"]), .badResponse, 1, "completion"
        ),
        ("has nothing", .events([": nothing\n\n"]), .badResponse, 5, "nothing at all"),
        ("is no JSON", .events(["data: hello\n\n"]), .badResponse, 1, "hello"),
        (
            "has an error",
            .events([ScriptedReply.chunk("a"), "data: {\"error\":{\"message\":\"GPU fell off\"}}\n\n"]),
            .serverError, 5, "GPU fell off"
        ),
    ]

    @Test(arguments: brokenStreams)
    func aStreamThatBreaks(
        name: String,
        reply: ScriptedReply,
        code: CompletionError.Code,
        tries: Int,
        says: String
    ) async throws {
        let server = try ScriptedServer { _ in reply }
        defer { server.stop() }
        let client = try testClient(server)
        let error = try #require(await failure { try await client.complete(stream(request), onText: nil) })
        #expect(error.code == code, "\(error)")
        #expect(error.message.contains(says), "\(error)")
        #expect(server.requestCount == tries)
    }

    @Test func aRetriedStreamStartsAnew() async throws {
        let count = Mutex(0)
        let server = try ScriptedServer { _ in
            count.withLock { $0 += 1 } == () && count.withLock { $0 } < 3
                ? .chunked([Array(ScriptedReply.chunk("half").utf8)], end: [.close]) : .stream(["who", "le"])
        }
        defer { server.stop() }
        let pieces = Mutex<[String]>([])
        let response = try await testClient(server).complete(stream(request)) { piece in
            pieces.withLock { $0.append(piece) }
        }
        #expect(response.text == "whole")
        #expect(response.retries == 2)
        #expect(pieces.withLock { $0 } == ["half", "", "half", "", "who", "le"])
    }

    @Test(arguments: [
        (["Retry-After: 3"], 3.0), (["Retry-After: 0.25"], 0.25), (["retry-after-ms: 150", "Retry-After: 9"], 0.15),
        (["Retry-After: 7200"], 60), (["Retry-After: Sun, 06 Nov 1994 08:49:47 GMT"], 10),
        (["Retry-After: Sun, 06 Nov 1994 08:49:30 GMT"], 0), (["Retry-After: soon"], nil), (["Retry-After: -5"], nil),
        ([], nil),
    ])
    func honoursRetryAfter(headers: [String], seconds: Double?) async throws {
        let isFirst = Mutex(true)
        let server = try ScriptedServer { _ in
            isFirst.withLock { first in
                defer { first = false }
                return first ? .error(429, "slow", headers: headers) : .completion("ok")
            }
        }
        defer { server.stop() }
        let sleeps = Mutex<[Double]>([])
        let policy = RetryPolicy(
            jitter: { 0.5 },
            sleep: { seconds in sleeps.withLock { $0.append(seconds) } },
            now: { Date(timeIntervalSince1970: 784_111_777) }
        )
        let response = try await testClient(server, policy: policy).complete(request, onText: nil)
        #expect(response.retries == 1)
        // Without a word from the server: half a second, of which half is jitter.
        #expect(sleeps.withLock { $0 } == [seconds ?? 0.375])
    }

    @Test func backsOffExponentiallyWithJitter() {
        var policy = RetryPolicy(jitter: { 0 })
        #expect((1...4).map { policy.delay(retries: $0, retryAfter: nil, isRefused: false) } == [0.25, 0.5, 1, 2])
        policy.jitter = { 0.999 }
        #expect(policy.delay(retries: 3, retryAfter: nil, isRefused: false) > 1.99)
        #expect(policy.delay(retries: 60, retryAfter: nil, isRefused: false) <= policy.maxDelay)
    }

    @Test func givesUpWhenTheTimeInAllWouldPass() async throws {
        let server = try ScriptedServer { _ in .error(429, "slow", headers: ["Retry-After: 30"]) }
        defer { server.stop() }
        let policy = RetryPolicy(totalTime: 10, sleep: { _ in Issue.record("no time to sleep") })
        let error = await failure { try await testClient(server, policy: policy).complete(request, onText: nil) }
        #expect(error?.code == .rateLimited)
        #expect(error?.retryAfter == 30)
        #expect(server.requestCount == 1)
    }

    @Test func timesOut() async throws {
        let server = try ScriptedServer { request in
            request.isStreaming ? .chunked([Array(ScriptedReply.chunk("a").utf8)], end: [.hang]) : .never
        }
        defer { server.stop() }
        let timeouts = Timeouts(firstByte: 0.05, firstByteStreaming: 5, idle: 0.08)
        let client = try testClient(server, timeouts: timeouts)
        let silent = await failure { try await client.complete(request, onText: nil) }
        #expect(silent?.code == .timeout)
        #expect(silent?.message.contains("sent nothing within 0.05 s") == true)
        #expect(server.requestCount == 2)
        let idle = await failure { try await client.complete(stream(request), onText: nil) }
        #expect(idle?.code == .timeout)
        #expect(idle?.message.contains("fell silent for 0.08 s") == true)
        #expect(server.requestCount == 4)
        #expect(await waitUntil { server.inFlight == 0 })
    }

    @Test func saysThatNothingListens() async throws {
        let server = try ScriptedServer { _ in .completion("ok") }
        server.stop()
        let sleeps = Mutex<[Double]>([])
        let policy = RetryPolicy(jitter: { 0 }, sleep: { seconds in sleeps.withLock { $0.append(seconds) } })
        #expect(
            await waitUntil {
                let error = await failure {
                    try await testClient(server, policy: policy).complete(request, onText: nil)
                }
                return error?.message.contains("nothing listens at \(server.baseURL)") == true
                    && error?.code == .connection && error?.retries == 2
            }
        )
        #expect(sleeps.withLock { $0.suffix(2) } == [0.05, 0.1])
    }

    @Test func cancellingBetweenTries() async throws {
        let server = try ScriptedServer { _ in .error(500, "no") }
        defer { server.stop() }
        let client = try testClient(
            server,
            policy: RetryPolicy(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        )
        let request = request
        let task = Task { try await client.complete(request, onText: nil) }
        #expect(await waitUntil { server.requestCount == 1 })
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(server.requestCount == 1)
    }

    @Test func aHostileHugeAnswerIsGivenUp() async throws {
        let server = try ScriptedServer { request in
            let piece = Array(#"data: {"choices":[{"delta":{"content":""#.utf8) + [UInt8](repeating: 65, count: 1 << 16)
            return .chunked(Array(repeating: piece, count: 200), end: [.hang])
        }
        defer { server.stop() }
        let client = try testClient(server, maxResponseBytes: 2 << 20)
        for request in [request, stream(request)] {
            let error = await failure { try await client.complete(request, onText: nil) }
            #expect(error?.code == .badResponse)
            #expect(error?.message.contains("more than 2 MB") == true)
        }
        #expect(server.requestCount == 2)
    }

    @Test func hostileJSONIsNoCompletion() async throws {
        let deep = String(repeating: "[", count: 200_000)
        let server = try ScriptedServer { _ in .json(#"{"choices":"# + deep) }
        defer { server.stop() }
        let error = await failure { try await testClient(server).complete(request, onText: nil) }
        #expect(error?.code == .badResponse)
        #expect(error.map { $0.message.count < 600 } == true)
    }

    @Test func quotesTheServerShortAndClean() async throws {
        let long = "\u{1b}[31mred\u{7}\n\n" + key + " Bearer abcdefghijkl " + String(repeating: "x", count: 5000)
        let server = try ScriptedServer { _ in .error(400, long) }
        defer { server.stop() }
        let error = try #require(
            await failure { try await testClient(server, key: key).complete(request, onText: nil) }
        )
        #expect(error.message.count < 520)
        #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        #expect(!error.message.contains("abcdefghijkl"))
        expectNoKey(error)
    }

    @Test func aClientDoesNotShowItsKey() throws {
        let client = try OpenAIClient(
            baseURL: "https://user:\(key)@example.org/v1",
            apiKey: key,
            headers: ["X-Key": key],
            transport: Transport()
        )
        expectNoKey(client)
        expectNoKey(ClientRegistry(environment: ["OPENAI_API_KEY": key]))
        expectNoKey(HTTPRequest(url: "http://x", headers: ["Authorization: Bearer \(key)"]))
    }

    @Test func aKeyThatIsNoneIsRefused() throws {
        let error = #expect(throws: CompletionError.self) {
            try OpenAIClient(
                baseURL: "http://127.0.0.1:1",
                apiKey: "sk-a\r\nX-Evil: 1",
                keyVariable: "OPENAI_API_KEY",
                transport: Transport()
            )
        }
        #expect(error?.code == .noKey)
        #expect(error?.message.contains("OPENAI_API_KEY") == true)
    }
}

@Suite struct ClientRegistryTests {
    private func client(_ model: String, _ environment: [String: String] = [:], baseURL: String? = nil) throws
        -> OpenAIClient
    {
        try ClientRegistry(environment: environment, baseURL: baseURL)
            .openAIClient(for: #require(Model(model)))
    }

    @Test func saysWhichKeyIsMissing() throws {
        let error = #expect(throws: CompletionError.self) { try client("openai/gpt-5", ["OPENAI_API_KEY": "  "]) }
        #expect(error?.code == .noKey)
        #expect(error?.message == "no key: set OPENAI_API_KEY, or use --model offline/lexical")
        let router = #expect(throws: CompletionError.self) { try client("openrouter/a/b") }
        #expect(router?.message.contains("OPENROUTER_API_KEY") == true)
    }

    @Test func findsAddresses() throws {
        #expect(try client("ollama/llama3").endpoint.description == "http://127.0.0.1:11434/v1")
        #expect(try client("openai/x", ["OPENAI_API_KEY": "sk-1"]).endpoint.description == "https://api.openai.com/v1")
        #expect(
            try client("openai/x", ["OPENAI_BASE_URL": "http://10.0.0.1/v1"]).endpoint.description
                == "http://10.0.0.1/v1"
        )
        #expect(
            try client("openai/x", ["OPENAI_BASE_URL": "http://10.0.0.1/v1"], baseURL: "http://127.0.0.1:9/v1/")
                .endpoint.description == "http://127.0.0.1:9/v1"
        )
        let only = ClientRegistry(
            environment: [:],
            baseURL: "http://127.0.0.1:9/v1",
            baseURLProvider: "openai"
        )
        #expect(try only.openAIClient(for: Model(provider: "vllm", name: "x")).endpoint.description.contains(":8000"))
    }

    @Test func refusesWhatItDoesNotKnow() throws {
        let unknown = #expect(throws: CompletionError.self) { try client("nobody/x") }
        #expect(unknown?.message.contains("ollama") == true)
        let clients = ClientRegistry(environment: [:])
        #expect(throws: CompletionError.self) { try clients.client(for: Model(provider: "offline", name: "x")) }
        #expect(try clients.client(for: Model(provider: "offline", name: "lexical")) is OfflineClient)
        #expect(throws: CompletionError.self) { try client("openai/x", baseURL: "not a url") }
    }

    @Test func knowsWhetherAKeyIsThere() {
        let clients = ClientRegistry(environment: ["OPENAI_API_KEY": "sk-1"])
        #expect(ClientRegistry.providers.filter { clients.hasKey($0) }.map(\.word) == ["openai"])
        #expect(
            ClientRegistry.providers.filter(\.isLocalServer).map(\.word) == ["ollama", "llamacpp", "vllm", "lmstudio"]
        )
    }
}
