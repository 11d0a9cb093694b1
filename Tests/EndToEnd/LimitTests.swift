import Foundation
import TestSupport
import Testing

/// Each limit that a flag sets ends a run with status 3, a sentence that says how to raise it, and the best answer there
/// is; and it holds, as the server counts.
@Suite struct LimitTests {
    private func limited(
        _ responses: [String],
        usage: String? = PlayedModel.usage,
        _ flags: String...
    ) throws -> (ended: Program.Ended, object: [String: Any], requests: [ScriptedRequest]) {
        let server = try PlayedModel.serve(responses, usage: usage) {
            PlayedModel.answer("fine", to: $0, usage: usage)
        }
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(at: server.baseURL, flags + ["--json"])).end()
        #expect(ended.status == 3, "\(ended.stderr)")
        #expect(ended.stderr.contains(flags[0]), "\(ended.stderr)")
        let shown = try program.run("show", "latest", "--json").object()
        #expect(shown["status"] as? String == "limited")
        #expect((shown["failure"] as? [String: Any])?["kind"] as? String == "limit")
        let object = try ended.object()
        #expect(object["status"] as? String == "limited")
        return (ended, object, server.requests)
    }

    private static let looksOn = PlayedModel.code("print('still looking')\nanswer['content'] = 'maybe seven'")
    private static let asksOn = PlayedModel.code(
        "answer['content'] = 'so far'\nfor n in range(50):\n    llm_query(f'number {n}')"
    )

    @Test func iterations() throws {
        // The last request, for the best answer, is one more and is answered in prose.
        let (_, object, requests) = try limited(
            [Self.looksOn, Self.looksOn, "Seven, as far as I can see."],
            "--max-iterations",
            "2"
        )
        #expect(object["stop_reason"] as? String == "max_iterations")
        #expect(object["answer"] as? String == "Seven, as far as I can see.")
        #expect(requests.count == 3)
    }

    @Test func iterationsWithTheAnswerAloneOnStdout() throws {
        let server = try PlayedModel.serve([Self.looksOn, "Seven."])
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server, "--max-iterations", "1")).end()
        #expect(ended.status == 3)
        #expect(ended.stdout == "Seven.\n")
        #expect(ended.stderr.contains("--max-iterations"))
    }

    @Test func subcalls() throws {
        let (_, object, requests) = try limited([Self.asksOn, "So far."], "--max-subcalls", "7")
        #expect(object["stop_reason"] as? String == "max_subcalls")
        #expect(requests.filter { !PlayedModel.isRoot($0) }.count == 7)
        #expect(object["calls"] as? Int == 8)
    }

    @Test func budget() throws {
        // A quarter dollar each.
        let (_, object, requests) = try limited([Self.asksOn], "--max-budget", "1.1")
        #expect(object["stop_reason"] as? String == "max_budget")
        #expect(requests.count == 4)
        #expect(object["answer"] as? String == "so far")
        #expect((object["usage"] as? [String: Any])?["cost_usd"] as? Double == 1)
    }

    @Test func tokens() throws {
        // Told by the server: what is sent is estimated beforehand, so the limit is met but never passed.
        let usage = #"{"prompt_tokens":900,"completion_tokens":100,"total_tokens":1000}"#
        let (_, object, requests) = try limited([Self.asksOn], usage: usage, "--max-tokens", "5500")
        #expect(object["stop_reason"] as? String == "max_tokens")
        #expect(requests.count <= 5)
        #expect(requests.count >= 3)
        #expect(object["answer"] as? String == "so far")
    }

    @Test func tokensOfAServerThatDoesNotCount() throws {
        let (_, object, requests) = try limited([Self.asksOn], usage: nil, "--max-tokens", "3000")
        #expect(object["stop_reason"] as? String == "max_tokens")
        // Then what is sent is counted: four characters a token.
        let sent = requests.flatMap(\.messages).reduce(0) { $0 + $1.utf8.count } / 4
        #expect(sent <= 3000 && sent > 2000, "\(sent)")
    }

    /// Thirty-two at once of a model that has answered in few tokens so far: as root, which is the same model.
    @Test(arguments: ["--max-tokens", "--max-budget"])
    func aBatchTogether(_ flag: String) throws {
        let code = "answer['content'] = 'so far'\nllm_query_batched([f'number {n}' for n in range(32)])"
        let large = #"{"prompt_tokens":250,"completion_tokens":250,"total_tokens":500,"cost":0.01}"#
        let server = try PlayedModel.serve(
            [PlayedModel.code(code)],
            usage: #"{"prompt_tokens":20,"completion_tokens":5,"total_tokens":25,"cost":0.0005}"#
        ) { PlayedModel.answer("fine", to: $0, usage: large).after(milliseconds: 20) }
        defer { server.stop() }
        let program = try Program()
        let limit = flag == "--max-tokens" ? "1100" : "0.025"
        let ended = try program.start(program.arguments(at: server.baseURL, [flag, limit, "--json"])).end()
        #expect(ended.status == 3, "\(ended.stderr)")
        let object = try ended.object()
        let usage = try #require(object["usage"] as? [String: Any])
        let tokens = (usage["input_tokens"] as? Int ?? 0) + (usage["output_tokens"] as? Int ?? 0)
        #expect(tokens <= 1100 && tokens > 500, "\(tokens)")
        #expect((usage["cost_usd"] as? Double ?? 1) <= 0.025)
        #expect(object["answer"] as? String == "so far")
    }

    @Test func aSwallowedLimit() throws {
        let code = "try:\n    while True: llm_query('x')\nexcept BaseException:\n    pass\nFINAL('kept')"
        let (_, object, _) = try limited([PlayedModel.code(code)], "--max-subcalls", "3")
        #expect(object["answer"] as? String == "kept")
        #expect(object["stop_reason"] as? String == "max_subcalls")
    }

    @Test func time() throws {
        let started = Date()
        let (_, object, _) = try limited(
            [PlayedModel.code("answer['content'] = 'so far'\nimport time\ntime.sleep(60)")],
            "--max-timeout",
            "1"
        )
        #expect(Date().timeIntervalSince(started) < 10)
        #expect(object["stop_reason"] as? String == "max_timeout")
        #expect((object["wall_seconds"] as? Double ?? 0) >= 1)
    }

    @Test func errors() throws {
        let (_, object, requests) = try limited(
            [PlayedModel.code("1/0"), PlayedModel.code("2/0"), "I do not know."],
            "--max-errors",
            "2"
        )
        #expect(object["stop_reason"] as? String == "max_errors")
        #expect(object["answer"] as? String == "I do not know.")
        #expect(requests.count == 3)
    }

    @Test func concurrency() throws {
        let code = "FINAL(str(len(llm_query_batched([str(n) for n in range(12)]))))"
        let server = try PlayedModel.serve([PlayedModel.code(code)]) {
            PlayedModel.answer("fine", to: $0).after(milliseconds: 30)
        }
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server, "--max-concurrent-subcalls", "3")).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stdout == "12\n")
        #expect(server.maxInFlight == 3)
    }

    /// Beyond the depth there is no recursion, so the child is a plain call.
    @Test func depth() throws {
        let server = try PlayedModel.serve([PlayedModel.code("FINAL(rlm_query('what is below?'))")])
        defer { server.stop() }
        let program = try Program()
        #expect(try program.start(program.arguments(server)).end().stdout == "read: what is below?\n")
        #expect(try program.nodes(of: "latest").compactMap { $0["depth"] as? Int }.max() == 1)
    }
}
