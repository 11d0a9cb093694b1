import Foundation
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// What is sent and what is made of good answers.
@Suite struct OpenAIClientTests {
    private let request = CompletionRequest(model: "m-1", messages: [Message(role: .user, content: "Hi")])

    private func stream(_ request: CompletionRequest) -> CompletionRequest {
        var request = request
        request.isStreaming = true
        return request
    }

    @Test func sendsWhatTheServerNeeds() async throws {
        let server = try ScriptedServer { _ in .completion("ok") }
        defer { server.stop() }
        let client = try testClient(server, key: "sk-test-123456")
        let hard = "quote \" slash \\ tab \t line \n bell \u{7} nul \u{0} é 漢 👩‍👩‍👧"
        _ = try await client.complete(
            CompletionRequest(
                model: "org/m",
                messages: [Message(role: .system, content: "S"), Message(role: .user, content: hard)],
                sampling: ["temperature": "0.2", "stop": #"["a"]"#, "user": "me", "big": "1e", "flag": "true"],
                seed: 7
            ),
            onText: nil
        )
        let seen = try #require(server.requests.first)
        #expect(seen.path == "/v1/chat/completions")
        #expect(seen.headers["authorization"] == "Bearer sk-test-123456")
        #expect(seen.headers["content-type"] == "application/json")
        #expect(seen.model == "org/m")
        #expect(seen.roles == ["system", "user"])
        #expect(seen.messages == ["S", hard])
        #expect(seen.json["temperature"] as? Double == 0.2)
        #expect(seen.json["stop"] as? [String] == ["a"])
        #expect(seen.json["user"] as? String == "me")
        #expect(seen.json["big"] as? String == "1e")
        #expect(seen.json["flag"] as? Bool == true)
        #expect(seen.json["seed"] as? Int == 7)
        #expect(seen.json["stream"] == nil)
    }

    @Test func sendsNoKeyWhereThereIsNone() async throws {
        let server = try ScriptedServer { _ in .completion("ok") }
        defer { server.stop() }
        _ = try await testClient(server, key: nil).complete(request, onText: nil)
        #expect(server.requests[0].headers["authorization"] == nil)
    }

    @Test func samplingCannotSetWhatTheProgramSets() async throws {
        let server = try ScriptedServer { _ in .completion("ok") }
        defer { server.stop() }
        var request = request
        request.sampling = ["messages": "[]"]
        let error = await failure { try await testClient(server).complete(request, onText: nil) }
        #expect(error?.code == .refused)
        #expect(server.requestCount == 0)
    }

    @Test func readsAnswerAndUsage() async throws {
        let usage = """
            {"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":64},\
            "completion_tokens_details":{"reasoning_tokens":12},"cost":0.0031}
            """
        let server = try ScriptedServer {
            $0.isStreaming ? .stream(["for", "ty"], usage: usage) : .completion("forty", usage: usage)
        }
        defer { server.stop() }
        for request in [request, stream(request)] {
            let response = try await testClient(server).complete(request, onText: nil)
            #expect(response.text == "forty")
            #expect(response.finishReason == "stop")
            #expect(response.retries == 0)
            #expect(response.secondsToFirstByte.map { $0 > 0 && $0 < 5 } == true)
            #expect(
                response.usage
                    == Usage(inputTokens: 100, outputTokens: 20, cachedTokens: 64, reasoningTokens: 12, cost: 0.0031)
            )
        }
        #expect((server.requests[1].json["stream_options"] as? [String: Bool]) == ["include_usage": true])
    }

    @Test(arguments: [
        nil, "null", "[]", #""x""#, "{}",
        #"{"prompt_tokens":"12","completion_tokens":-3,"cost":-1,"prompt_tokens_details":null}"#,
        #"{"prompt_tokens":1.5,"completion_tokens":null,"prompt_tokens_details":{"cached_tokens":"many"},"cost":"free"}"#,
        #"{"prompt_tokens":99999999999999999999999,"completion_tokens_details":7}"#,
    ])
    func usageThatIsMissingOrNonsenseIsUnknown(usage: String?) async throws {
        let server = try ScriptedServer {
            $0.isStreaming ? .stream(["a"], usage: usage) : .completion("a", usage: usage)
        }
        defer { server.stop() }
        for request in [request, stream(request)] {
            let response = try await testClient(server).complete(request, onText: nil)
            #expect(response.text == "a")
            #expect(response.usage == .unknown)
        }
    }

    @Test func zeroIsKnown() async throws {
        let server = try ScriptedServer { _ in .completion("a", usage: #"{"prompt_tokens":0,"cost":0}"#) }
        defer { server.stop() }
        #expect(
            try await testClient(server).complete(request, onText: nil).usage == Usage(inputTokens: 0, cost: 0)
        )
    }

    @Test func streamsPiecesInOrder() async throws {
        let words = (0..<200).map { "w\($0) " }
        let server = try ScriptedServer { _ in .stream(words) }
        defer { server.stop() }
        let pieces = Mutex<[String]>([])
        let response = try await testClient(server).complete(stream(request)) { piece in
            pieces.withLock { $0.append(piece) }
        }
        #expect(pieces.withLock { $0 } == words)
        #expect(response.text == words.joined())
    }

    /// A stream cut at every byte gives the same as one piece: line ends, comments, characters and JSON in half.
    @Test(arguments: ["\n", "\r\n", "\r"])
    func aStreamMayBeCutAnywhere(lineEnd: String) async throws {
        let body = """
            \u{FEFF}: hello

            event: message
            id: 1
            retry: 10
            data:{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"hmm"}}]}

            data: {"choices":[{"index":0,
            data: "delta":{"content":"é漢👩‍👩‍👧 "}}]}

            data: {"choices":[{"index":1,"delta":{"content":"other"}}]}
            data

            data: {"choices":[{"index":0,"delta":{"content":"ok","reasoning":"more"},"finish_reason":"stop"}],"usage":null}

            :

            data: {"choices":[],"usage":{"prompt_tokens":3}}

            data: [DONE]


            """.replacingOccurrences(of: "\n", with: lineEnd)
        let bytes = Array(body.utf8)
        let whole = readEvents([bytes])
        #expect(whole.text == "é漢👩‍👩‍👧 ok")
        #expect(whole.usage.inputTokens == 3)
        #expect(whole.isComplete)
        for cut in 1..<bytes.count {
            let parts = readEvents([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(parts.text == whole.text, "cut at \(cut)")
            #expect(parts.usage == whole.usage, "cut at \(cut)")
        }
        #expect(readEvents(bytes.map { [$0] }).text == whole.text)
        // And once over the wire, a byte a piece.
        let server = try ScriptedServer { _ in .chunked(bytes.map { [$0] }, end: [.send(Array("0\r\n\r\n".utf8))]) }
        defer { server.stop() }
        #expect(try await testClient(server).complete(stream(request), onText: nil).text == whole.text)
    }

    private func readEvents(_ pieces: [[UInt8]]) -> CompletionAssembly {
        var events = EventStream()
        var assembly = CompletionAssembly()
        for piece in pieces {
            let wantsMore = events.read(piece) { data in
                if data == Array("[DONE]".utf8) {
                    assembly.isComplete = true
                    return false
                }
                // Not JSON is a defect of the reader here.
                if let body = try? JSONDecoder().decode(CompletionBody.self, from: Data(data)) {
                    _ = assembly.add(body)
                } else if data.contains(UInt8(ascii: "{")), !data.contains(0x31) {
                    Issue.record("event in pieces: \(String(decoding: data, as: UTF8.self))")
                }
                return true
            }
            if !wantsMore { break }
        }
        return assembly
    }

    @Test func copesWithServersThatIgnoreStream() async throws {
        let server = try ScriptedServer { $0.isStreaming ? .completion("plain") : .stream(["str", "eam"]) }
        defer { server.stop() }
        let client = try testClient(server)
        let pieces = Mutex<[String]>([])
        let plain = try await client.complete(stream(request)) { piece in pieces.withLock { $0.append(piece) } }
        #expect(plain.text == "plain")
        #expect(pieces.withLock { $0 } == ["plain"])
        let streamed = try await client.complete(request, onText: nil)
        #expect(streamed.text == "stream")
        #expect(streamed.usage.inputTokens == 10)
    }

    @Test func doneMayBeMissingAfterAFinishReason() async throws {
        let server = try ScriptedServer { request in
            switch request.lastMessage {
            case "no done": .stream(["a"], isDone: false)
            case "no blank line": .events([ScriptedReply.chunk("a"), String(ScriptedReply.finish.dropLast())])
            default: .chunked([Array((ScriptedReply.chunk("a") + ScriptedReply.finish).utf8)], end: [.close])
            }
        }
        defer { server.stop() }
        for word in ["no done", "no blank line", "breaks off"] {
            var request = stream(request)
            request.messages[0].content = word
            let response = try await testClient(server).complete(request, onText: nil)
            #expect(response.text == "a")
            #expect(response.retries == 0)
        }
    }

    @Test func contentMayBeAListOfParts() async throws {
        let server = try ScriptedServer { _ in
            .json(
                #"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}]},"#
                    + #""finish_reason":"stop"}]}"#
            )
        }
        defer { server.stop() }
        #expect(try await testClient(server).complete(request, onText: nil).text == "ab")
    }

    @Test func listsModels() async throws {
        let server = try ScriptedServer { request in
            request.path == "/v1/models" && request.method == "GET"
                ? .json(#"{"object":"list","data":[{"id":"b"},{"id":"a","owned_by":"x"}]}"#) : .error(404, "no")
        }
        defer { server.stop() }
        #expect(try await testClient(server).modelNames() == ["b", "a"])
        let silent = try ScriptedServer { _ in .never }
        defer { silent.stop() }
        let error = await failure { try await testClient(silent).modelNames(seconds: 0.05) }
        #expect(error?.code == .timeout)
    }

    @Test func reusesConnectionsAcrossManyRequests() async throws {
        let server = try ScriptedServer(isRecording: false) { _ in .completion("ok") }
        defer { server.stop() }
        let client = try testClient(server)
        let request = request
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                if index >= 8 { _ = await group.next() }
                group.addTask { (try? await client.complete(request, onText: nil).text) == "ok" }
            }
            for await isGood in group { #expect(isGood) }
        }
        #expect(server.requestCount == 200)
        #expect(server.connectionCount <= 9)
    }

    @Test func cancellingAStreamLeavesNothingRunning() async throws {
        let server = try ScriptedServer { _ in .chunked([Array(ScriptedReply.chunk("a").utf8)], end: [.hang]) }
        defer { server.stop() }
        let client = try testClient(server)
        let gotPiece = Mutex(false)
        let request = stream(request)
        let task = Task { try await client.complete(request) { _ in gotPiece.withLock { $0 = true } } }
        #expect(await waitUntil { gotPiece.withLock { $0 } })
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(await waitUntil { server.inFlight == 0 && server.openConnectionCount == 0 })
        #expect(server.requestCount == 1)
    }
}

/// A client of the scripted server.
func testClient(
    _ server: ScriptedServer,
    key: String? = "sk-test-0123456789abcdef",
    timeouts: Timeouts = Timeouts(),
    maxResponseBytes: Int = 64 << 20,
    transport: Transport = Transport(maxConnections: 32)
) throws -> OpenAIClient {
    try OpenAIClient(
        baseURL: server.baseURL,
        apiKey: key,
        keyVariable: "OPENAI_API_KEY",
        timeouts: timeouts,
        maxResponseBytes: maxResponseBytes,
        transport: transport
    )
}

/// The error that an operation throws; nil and an issue where it throws none.
func failure<Value: Sendable>(_ operation: () async throws -> Value) async -> CompletionError? {
    await #expect(throws: CompletionError.self) { _ = try await operation() }
}
