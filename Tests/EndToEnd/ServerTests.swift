import Foundation
import TestSupport
import Testing

/// Runs over HTTP: what `--json` says of a good one, and how each kind of bad server ends.
@Suite struct ServerTests {
    private static let looksAndAsks = [
        PlayedModel.code("parts = context.split('\\n')\nprint(len(parts))"),
        PlayedModel.code(
            """
            read = llm_query_batched([f'part {n}' for n in range(3)])
            for n in range(2):
                read.append(llm_query(f'again {n}'))
            print(read)
            """
        ),
        PlayedModel.code("answer['content'] = ' / '.join(read)\nanswer['ready'] = True"),
    ]

    @Test func aGoodRunIsTold() throws {
        let server = try PlayedModel.serve(Self.looksAndAsks)
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server, "--json")).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        let object = try ended.object()
        let names: Set = [
            "run", "status", "stop_reason", "answer", "iterations", "calls", "live_calls", "recorded_calls", "ahead",
            "diverged", "usage", "wall_seconds",
        ]
        #expect(names.isSubset(of: Set(object.keys)), "\(object.keys)")
        #expect(object["status"] as? String == "succeeded")
        #expect(object["stop_reason"] as? String == "answered")
        let answer = "read: part 0 / read: part 1 / read: part 2 / read: again 0 / read: again 1"
        #expect(object["answer"] as? String == answer)
        #expect(object["iterations"] as? Int == 3)
        #expect(object["calls"] as? Int == 6, "the root and five sub-calls")
        #expect(object["live_calls"] as? Int == 6)
        #expect(object["recorded_calls"] as? Int == 0)
        #expect(object["ahead"] as? [String: Int] == ["used": 0, "unused": 0])
        #expect((object["diverged"] as? [String])?.isEmpty == true)
        let usage = try #require(object["usage"] as? [String: Any])
        #expect(Set(usage.keys) == Program.usageFields)
        #expect(usage["input_tokens"] as? Int == 80, "eight completions of ten")
        #expect(usage["output_tokens"] as? Int == 40)
        #expect(usage["cached_tokens"] as? Int == 32)
        #expect(usage["reasoning_tokens"] as? Int == 16)
        #expect(usage["cost_usd"] as? Double == 2)
        let seconds = try #require(object["wall_seconds"] as? Double)
        #expect(seconds > 0 && seconds < 30)
        #expect(server.requestCount == 8)
        #expect(server.requests.allSatisfy { $0.model == "played" })

        // The same run from the store, and the answer alone where no object is asked for.
        let run = try #require(object["run"] as? String)
        let shown = try program.run("show", run, "--json").object()
        #expect(shown["run"] as? String == run)
        #expect(shown["answer"] as? String == answer)
        let plain = try program.start(program.arguments(server)).end()
        #expect(plain.stdout == answer + "\n")
    }

    @Test func unknownUsageIsNull() throws {
        let server = try PlayedModel.serve([PlayedModel.code("FINAL(llm_query('x'))")], usage: nil) {
            PlayedModel.answer("y", to: $0, usage: nil)
        }
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server, "--json")).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        let usage = try #require(try ended.object()["usage"] as? [String: Any])
        #expect(Set(usage.keys) == Program.usageFields)
        #expect(usage.values.allSatisfy { $0 is NSNull }, "\(usage)")
        for node in try program.nodes(of: "latest") {
            let usage = try #require(node["usage"] as? [String: Any])
            #expect(usage.values.allSatisfy { $0 is NSNull }, "\(node)")
        }
    }

    /// A server that is no good, and what is said of it.
    private struct Bad {
        var name: String
        var status: Int32 = 5
        var says: [String]
        var most: Int? = 1
        var reply: @Sendable (ScriptedRequest) -> ScriptedReply
    }

    private static let bad = [
        Bad(name: "HTML", says: ["HTML", "/v1"]) { _ in
            .body(Array("<!DOCTYPE html><html><body>Welcome</body></html>".utf8), type: "text/html")
        },
        Bad(name: "half a stream", says: ["broke off", "try again"], most: nil) { _ in
            .chunked([Array(ScriptedReply.chunk("```repl\nFINAL(1)").utf8)], end: [.close])
        },
        Bad(name: "wrong JSON", says: ["not with a completion", "OpenAI-compatible"]) { _ in .json(#"{"hello":1}"#) },
        Bad(name: "broken JSON", says: ["broke off", "gave up after 5 tries"], most: 5) { _ in .json(#"{"choices":[{"#)
        },
        Bad(name: "401", says: ["401", "OPENAI_API_KEY"]) { _ in .error(401, "Incorrect API key provided.") },
        Bad(name: "404", says: ["404", "played"]) { _ in .error(404, "The model does not exist.") },
        Bad(name: "429 for ever", says: ["429", "gave up after 5 tries"], most: 5) { _ in
            .error(429, "Slow down.", headers: ["Retry-After: 0"])
        },
        Bad(name: "500 for ever", says: ["500", "gave up after 5 tries"], most: 5) { _ in
            .error(500, "Sorry.", headers: ["Retry-After: 0"])
        },
        Bad(name: "hangs up", says: ["127.0.0.1"], most: nil) { _ in .hangUp },
        Bad(name: "an empty answer", says: ["nothing at all"], most: nil) { _ in .json("") },
    ]

    /// All at the same time, as some are tried again for a while.
    @Test func badServersEndWithASentence() throws {
        let all = try Self.bad.map { bad in
            let server = try ScriptedServer(handler: bad.reply)
            let program = try Program()
            program.set("OPENAI_API_KEY", to: "sk-test-12345678")
            return (bad, server, program, try program.start(program.arguments(server, "--json")))
        }
        defer { for (_, server, _, _) in all { server.stop() } }
        for (bad, server, program, going) in all {
            let ended = try going.end()
            #expect(ended.status == bad.status, "\(bad.name): \(ended.stderr)")
            #expect(ended.complaints.count == 1, "\(bad.name): \(ended.stderr)")
            for word in bad.says { #expect(ended.stderr.contains(word), "\(bad.name): \(ended.stderr)") }
            let tries = server.requests.filter { $0.method == "POST" }.count
            if let most = bad.most { #expect(tries == most, "\(bad.name)") }

            let object = try ended.object()
            #expect(object["status"] as? String == "failed", "\(bad.name)")
            #expect(object["stop_reason"] as? String == "failed", "\(bad.name)")
            #expect(object["answer"] is NSNull, "\(bad.name)")
            #expect(object["calls"] as? Int == 1, "\(bad.name)")
            let usage = try #require(object["usage"] as? [String: Any], "\(bad.name)")
            #expect(usage.values.allSatisfy { $0 is NSNull }, "\(bad.name): \(usage)")

            // Kept, with the reason, and seen as what it is.
            let shown = try program.run("show", "latest", "--json").object()
            #expect(shown["status"] as? String == "failed", "\(bad.name)")
            let failure = try #require(shown["failure"] as? [String: Any], "\(bad.name)")
            #expect(ended.stderr.contains(failure["message"] as? String ?? "?"), "\(bad.name): \(failure)")
            let nodes = try program.nodes(of: "latest")
            #expect(nodes.map { $0["status"] as? String } == ["failed", "failed"], "\(bad.name)")
        }
    }

    @Test func aBadServerLeavesStdoutEmpty() throws {
        let server = try ScriptedServer { _ in .error(401, "No.") }
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server)).end()
        #expect(ended.status == 5)
        #expect(ended.stdout.isEmpty)
        #expect(ended.complaints.count == 1, "\(ended.stderr)")
    }

    @Test func nobodyListens() throws {
        let server = try ScriptedServer { _ in .never }
        let address = server.baseURL
        server.stop()
        let program = try Program()
        let ended = try program.start(program.arguments(at: address, ["--json"])).end()
        #expect(ended.status == 5, "\(ended.stderr)")
        #expect(ended.stderr.contains("start the server"), "\(ended.stderr)")
        #expect(ended.complaints.count == 1, "\(ended.stderr)")
        #expect(try ended.object()["status"] as? String == "failed")
    }

    @Test func aServerThatNeverAnswersMeetsTheTimeLimit() throws {
        let server = try ScriptedServer { _ in .never }
        defer { server.stop() }
        let program = try Program()
        let started = Date()
        let ended = try program.start(program.arguments(server, "--json", "--max-timeout", "1")).end()
        #expect(ended.status == 3, "\(ended.stderr)")
        #expect(Date().timeIntervalSince(started) < 10)
        #expect(ended.stderr.contains("--max-timeout"))
        #expect(ended.complaints.count == 1, "\(ended.stderr)")
        #expect(try ended.object()["status"] as? String == "limited")
        #expect(try ended.object()["stop_reason"] as? String == "max_timeout")
    }

    /// A sub-call that fails is an exception in the code, and the run goes on.
    @Test func aFailedSubcallIsNoFailedRun() throws {
        let code = """
            try:
                llm_query('x')
            except SubcallError as error:
                FINAL(f'{error.kind}: {error.message}')
            """
        let server = try PlayedModel.serve([PlayedModel.code(code)]) { _ in .error(400, "Too long.") }
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server)).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stdout.hasPrefix("refused: "), "\(ended.stdout)")
        let failed = try program.nodes(of: "latest").filter { $0["status"] as? String == "failed" }
        #expect(failed.map { $0["address"] as? String } == ["i1.c1"])
        #expect((failed.first?["failure"] as? [String: Any])?["kind"] as? String == "refused")
    }
}
