import Foundation
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// What becomes of bad answers: typed errors with a remedy, and never a key.
@Suite struct OpenAIFailureTests {
    private let request = CompletionRequest(model: "m-1", messages: [Message(role: .user, content: "Hi")])
    private let key = "sk-test-0123456789abcdef"

    private func stream(_ request: CompletionRequest) -> CompletionRequest {
        var request = request
        request.isStreaming = true
        return request
    }

    @Test(arguments: BadAnswer.all, [false, true])
    func failsWithATypedErrorAndARemedy(example: BadAnswer, isStreaming: Bool) async throws {
        let server = try ScriptedServer { _ in example.reply }
        defer { server.stop() }
        let client = try testClient(server, key: key)
        let request = isStreaming ? stream(request) : request
        let error = try #require(await failure { try await client.complete(request, onText: nil) })
        #expect(error.code == example.code, "\(error)")
        #expect(error.httpStatus == example.status)
        #expect(error.model == "openai/m-1")
        #expect(error.remedy == example.remedy)
        #expect(server.requestCount == 1)
        for words in example.says { #expect(error.message.contains(words), "\(error)") }
        #expect(!error.message.contains("\n"))
        expectNoKey(error)
    }

    private func expectNoKey(_ value: some Any) {
        var dumped = ""
        dump(value, to: &dumped)
        #expect(!"\(value) \(String(reflecting: value)) \(dumped)".contains(key))
    }

    static let brokenStreams: [(String, ScriptedReply, CompletionError.Code, Remedy, String)] = [
        (
            "breaks off", .chunked([Array(ScriptedReply.chunk("a").utf8)], end: [.close]), .badResponse, .anotherTry,
            "broke off in the middle"
        ),
        ("ends early", .events([ScriptedReply.chunk("a")]), .badResponse, .anotherTry, "broke off in the middle"),
        (
            "ends in an event", .events([ScriptedReply.chunk("a"), "data: {\"choi"]), .badResponse, .anotherTry,
            "broke off"
        ),
        ("has nothing", .events([": nothing\n\n"]), .badResponse, .anotherTry, "nothing at all"),
        ("is no JSON", .events(["data: hello\n\n"]), .badResponse, .none, "hello"),
        (
            "has an error",
            .events([ScriptedReply.chunk("a"), "data: {\"error\":{\"message\":\"GPU fell off\"}}\n\n"]),
            .serverError, .anotherTry, "GPU fell off"
        ),
    ]

    @Test(arguments: brokenStreams)
    func aStreamThatBreaks(
        name: String,
        reply: ScriptedReply,
        code: CompletionError.Code,
        remedy: Remedy,
        says: String
    ) async throws {
        let server = try ScriptedServer { _ in reply }
        defer { server.stop() }
        let client = try testClient(server)
        let error = try #require(await failure { try await client.complete(stream(request), onText: nil) })
        #expect(error.code == code, "\(error)")
        #expect(error.message.contains(says), "\(error)")
        #expect(error.remedy == remedy)
        #expect(server.requestCount == 1)
    }

    @Test(arguments: [
        (["Retry-After: 3"], 3.0), (["Retry-After: 0.25"], 0.25), (["retry-after-ms: 150", "Retry-After: 9"], 0.15),
        (["Retry-After: 7200"], 7200), (["Retry-After: Sun, 06 Nov 1994 08:49:47 GMT"], 0),
        (["Retry-After: soon"], nil), (["Retry-After: -5"], nil),
        ([], nil),
    ])
    func readsRetryAfter(headers: [String], seconds: Double?) async throws {
        let server = try ScriptedServer { _ in .error(429, "slow", headers: headers) }
        defer { server.stop() }
        let error = try #require(await failure { try await testClient(server).complete(request, onText: nil) })
        #expect(error.code == .rateLimited && error.remedy == .anotherTry)
        #expect(error.retryAfter == seconds)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
        ("Sun Nov  6 08:49:47 1994", 10), ("Sun, 06 Nov 1994 08:49:30 GMT", 0),
    ])
    func aDateIsTimeFromNow(text: String, seconds: Double) {
        let head = HTTPHead(status: 429, retryAfter: text)
        #expect(head.retryAfterSeconds(now: Date(timeIntervalSince1970: 784_111_777)) == seconds)
    }

    @Test func timesOut() async throws {
        let server = try ScriptedServer { request in
            request.isStreaming ? .chunked([Array(ScriptedReply.chunk("a").utf8)], end: [.hang]) : .never
        }
        defer { server.stop() }
        let timeouts = Timeouts(firstByte: 0.05, idle: 0.08)
        let client = try testClient(server, timeouts: timeouts)
        let silent = await failure { try await client.complete(request, onText: nil) }
        #expect(silent?.code == .timeout)
        #expect(silent?.message.contains("sent nothing within 0.05 s") == true)
        #expect(silent?.remedy == .patientTry)
        let idle = await failure { try await client.complete(stream(request), onText: nil) }
        #expect(idle?.code == .timeout)
        #expect(idle?.message.contains("fell silent for 0.08 s") == true)
        #expect(idle?.remedy == .patientTry)
        #expect(server.requestCount == 2)
        #expect(await waitUntil { server.inFlight == 0 })
    }

    @Test func saysThatNothingListens() async throws {
        let server = try ScriptedServer { _ in .completion("ok") }
        server.stop()
        #expect(
            await waitUntil {
                let error = await failure { try await testClient(server).complete(request, onText: nil) }
                return error?.message.contains("nothing listens at \(server.baseURL)") == true
                    && error?.code == .connection && error?.remedy == .quickTry
            }
        )
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
