import Foundation
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// Turns that leave no text: which kind each is, and that what they cost and thought is kept.
@Suite struct TextlessTurnTests {
    private let request = CompletionRequest(model: "m-1", messages: [Message(role: .user, content: "Hi")])

    struct Turn: Sendable, CustomTestStringConvertible {
        var message: String
        var finish: String
        var code: CompletionError.Code
        var reasoning: String?
        var testDescription: String { "\(message) \(finish)" }

        init(_ message: String, _ finish: String, _ code: CompletionError.Code, reasoning: String? = nil) {
            self.message = message
            self.finish = finish
            self.code = code
            self.reasoning = reasoning
        }
    }

    static let turns: [Turn] = [
        Turn(
            #"{"content":null,"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}"#,
            "tool_calls", .toolCall),
        Turn(#"{"content":"","function_call":{"name":"f","arguments":"{}"}}"#, "function_call", .toolCall),
        Turn(#"{"content":null}"#, "tool_calls", .toolCall),
        Turn(#"{"content":"","reasoning_content":"hmm"}"#, "stop", .reasoningOnly, reasoning: "hmm"),
        Turn(#"{"content":null,"reasoning":"hmm"}"#, "length", .reasoningOnly, reasoning: "hmm"),
        Turn(#"{"content":"<think>hmm"}"#, "length", .reasoningOnly, reasoning: "hmm"),
        Turn(#"{"content":"<think>hmm</think>\n\n"}"#, "stop", .reasoningOnly, reasoning: "hmm"),
        Turn(
            #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hmm"}]}]}"#, "stop", .reasoningOnly,
            reasoning: "hmm"),
        Turn(#"{"content":""}"#, "length", .reasoningOnly),
        Turn(#"{"content":""}"#, "stop", .emptyAnswer),
        Turn(#"{"content":null}"#, "stop", .emptyAnswer),
        Turn(#"{}"#, "stop", .emptyAnswer),
        Turn(#"{"content":" \n\t "}"#, "stop", .emptyAnswer),
        Turn(#"{"content":[]}"#, "stop", .emptyAnswer),
        Turn(#"{"content":null,"refusal":"I will not."}"#, "stop", .modelRefused),
        Turn(#"{"content":[{"type":"refusal","refusal":"I will not."}]}"#, "stop", .modelRefused),
        Turn(#"{"content":""}"#, "content_filter", .contentFilter),
        Turn(#"{"content":null}"#, "SAFETY", .contentFilter),
    ]

    @Test(arguments: turns, [false, true])
    func eachIsAnErrorOfItsKind(turn: Turn, isStreaming: Bool) async throws {
        let server = try ScriptedServer { _ in
            isStreaming
                ? .events([
                    "data: {\"choices\":[{\"index\":0,\"delta\":\(turn.message),\"finish_reason\":null}]}\n\n",
                    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"\(turn.finish)\"}]}\n\n",
                    "data: {\"choices\":[],\"usage\":\(ScriptedReply.usage)}\n\n", "data: [DONE]\n\n",
                ])
                : .json(
                    #"{"choices":[{"index":0,"message":\#(turn.message),"finish_reason":"\#(turn.finish)"}],"usage":\#(ScriptedReply.usage)}"#
                )
        }
        defer { server.stop() }
        var request = request
        request.isStreaming = isStreaming
        let error = try #require(await failure { try await testClient(server).complete(request, onText: nil) })
        #expect(error.code == turn.code, "\(error)")
        #expect(error.code.isTextless)
        #expect(error.remedy == Remedy.none)
        #expect(error.usage == Usage(inputTokens: 10, outputTokens: 5))
        #expect(error.reasoning == turn.reasoning)
        #expect(error.finishReason == turn.finish)
    }

    @Test func aFilterThatCutsAnAnswerShortLeavesIt() async throws {
        let server = try ScriptedServer { _ in
            .json(#"{"choices":[{"message":{"content":"It is"},"finish_reason":"content_filter"}]}"#)
        }
        defer { server.stop() }
        let response = try await testClient(server).complete(request, onText: nil)
        #expect(response.text == "It is" && response.finishReason == "content_filter")
    }

    @Test(arguments: ["length", "max_tokens", "MAX_TOKENS", "model_length"])
    func aCutAnswerIsMarked(reason: String) async throws {
        let server = try ScriptedServer { _ in
            .json(#"{"choices":[{"message":{"content":"It is"},"finish_reason":"\#(reason)"}]}"#)
        }
        defer { server.stop() }
        #expect(try await testClient(server).complete(request, onText: nil).isCut)
    }
}

/// Reasoning beside the text and in it, streamed in pieces of any size.
@Suite struct ReasoningStreamTests {
    private let request = CompletionRequest(
        model: "m-1", messages: [Message(role: .user, content: "Hi")], isStreaming: true)

    private func event(_ delta: String) -> String { "data: {\"choices\":[{\"index\":0,\"delta\":\(delta)}]}\n\n" }

    @Test(arguments: [1, 2, 3, 5, 8, 1000])
    func isNeverShownAsAnswer(size: Int) async throws {
        let text = Array(
            "\n<think>\nPerhaps:\n```repl\nFINAL('draft')\n```\n</think>\n\nSo:\n```repl\nFINAL('meant')\n```")
        let pieces = stride(from: 0, to: text.count, by: size).map { String(text[$0..<min($0 + size, text.count)]) }
        let server = try ScriptedServer { _ in .stream(pieces) }
        defer { server.stop() }
        let shown = Mutex<[String]>([])
        let response = try await testClient(server).complete(request) { piece in shown.withLock { $0.append(piece) } }
        #expect(response.text == "So:\n```repl\nFINAL('meant')\n```")
        #expect(response.reasoning == "Perhaps:\n```repl\nFINAL('draft')\n```")
        #expect(shown.withLock { $0.joined() } == response.text)
    }

    /// A template that had opened the tag: what was shown until then is taken back.
    @Test func whatTurnsOutToBeReasoningIsTakenBack() async throws {
        let server = try ScriptedServer { _ in .stream(["Let me", " see.\n</th", "ink>\n", "It is 7."]) }
        defer { server.stop() }
        let shown = Mutex("")
        let response = try await testClient(server).complete(request) { piece in
            shown.withLock { shown in if piece.isEmpty { shown = "" } else { shown += piece } }
        }
        #expect(response.text == "It is 7." && response.reasoning == "Let me see.")
        #expect(shown.withLock { $0 } == "It is 7.")
    }

    static let beside: [[String]] = [
        [#"{"reasoning_content":"Let "}"#, #"{"reasoning_content":"me see."}"#, #"{"content":"It is 7."}"#],
        [
            #"{"reasoning":"Let "}"#, #"{"reasoning":"me see.","content":""}"#,
            #"{"content":"It is 7.","reasoning":null}"#,
        ],
        // The same twice, as OpenRouter sends it.
        [
            #"{"content":"","reasoning":"Let me see.","reasoning_details":[{"type":"reasoning.text","text":"Let me see."}]}"#,
            #"{"content":"It is 7."}"#,
        ],
        [
            #"{"reasoning_details":[{"type":"reasoning.summary","summary":"Let me "},{"type":"reasoning.encrypted","data":"x"}]}"#,
            #"{"reasoning_details":[{"type":"reasoning.text","text":"see."}]}"#, #"{"content":"It is 7."}"#,
        ],
        [
            #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Let me see."}]}]}"#,
            #"{"content":[{"type":"text","text":"It is "}]}"#, #"{"content":"7."}"#,
        ],
        [#"{"content":[{"type":"reasoning","text":"Let me see."},{"type":"output_text","text":"It is 7."}]}"#],
        [
            #"{"reasoning_content":"Let me see.","content":null}"#, #"{"content":"It"}"#,
            #"{"content":" is 7.","reasoning_content":""}"#,
        ],
        [#"{"thinking":"Let me see."}"#, #"{"content":"It is 7."}"#],
    ]

    @Test(arguments: beside)
    func besideTheTextItIsKeptApart(deltas: [String]) async throws {
        let events = deltas.map(event) + [ScriptedReply.finish, "data: [DONE]\n\n"]
        let server = try ScriptedServer { _ in .events(events) }
        defer { server.stop() }
        let shown = Mutex("")
        let response = try await testClient(server).complete(request) { piece in shown.withLock { $0 += piece } }
        #expect(response.text == "It is 7.")
        #expect(response.reasoning == "Let me see.")
        #expect(shown.withLock { $0 } == "It is 7.")
    }

    /// Cut at every byte on its way.
    @Test func mayBeCutAtAnyByte() async throws {
        let body = Array(
            (event(#"{"reasoning_content":"hm 漢"}"#) + event(#"{"content":"<thi"}"#)
                + event(#"{"content":"nk>é</thin"}"#)
                + event(#"{"content":"k>It is 7."}"#) + ScriptedReply.finish + "data: [DONE]\n\n").utf8)
        let server = try ScriptedServer { _ in .chunked(body.map { [$0] }, end: [.send(Array("0\r\n\r\n".utf8))]) }
        defer { server.stop() }
        let response = try await testClient(server).complete(request, onText: nil)
        #expect(response.text == "It is 7." && response.reasoning == "hm 漢\n\né")
    }
}
