import Foundation
import TestSupport
import Testing

/// Engines that are killed, and what another one makes of what they left.
@Suite struct ResumeTests {
    private static let turns = [
        PlayedModel.code(
            """
            import random
            first = [llm_query(f"a {n}") for n in range(5)]
            batch = llm_query_batched([f"b {n} after {first[2]}" for n in range(12)])
            rest = llm_query_batched([f"c {n}" for n in range(12)])
            print(first, batch, rest, random.random(), {"x", "y", "z"})
            """),
        PlayedModel.code(
            """
            last = [llm_query(f"d {n} {batch[n]}") for n in range(4)]
            FINAL(str(len(first + batch + rest + last)) + last[3])
            """),
    ]

    private static func slow(_ request: ScriptedRequest) -> ScriptedReply {
        PlayedModel.answer("read: \(request.lastMessage)", to: request).after(milliseconds: 8)
    }

    private static var rounds: Int { ProcessInfo.processInfo.environment["RLM_TUI_SOAK"] == nil ? 8 : 150 }

    /// Kills an engine after some time and sometimes the next ones too; returns what the last one says.
    private func killed(
        _ program: Program, _ arguments: [String], after seconds: Double, random: inout SeededGenerator,
        id: () throws -> String?, _ look: (String) throws -> Void
    ) throws -> [String: Any]? {
        var arguments = arguments
        var seconds = seconds
        for _ in 0..<20 {
            let going = try program.start(arguments)
            usleep(UInt32(seconds * 1_000_000))
            let hasEnded = !going.process.isRunning
            going.send(SIGKILL)
            let ended = try going.end()
            if hasEnded { return try ended.object() }
            guard let run = try id() else { return nil }
            try look(run)
            if try program.run("show", run, "--json").object()["status"] as? String == "succeeded" {
                return try program.run("show", run, "--json").object()
            }
            arguments = ["resume", run, "--json"]
            seconds = Bool.random(using: &random) ? 30 : .random(in: 0.1...1.2, using: &random)
            if seconds == 30 {
                let ended = try program.start(arguments).end()
                #expect(ended.status == 0, "\(ended.stderr)")
                return try ended.object()
            }
        }
        Issue.record("it was killed twenty times and is not there yet")
        return nil
    }

    @Test func aForkKilledAtAnyMomentComesToTheSameAnswer() throws {
        let story = try Travelling(Self.turns, subcall: Self.slow)
        defer { story.server.stop() }
        let change = ["rerun", story.run, "i1.c3", "--prompt", "a 2 again", "--continue", "--json"]
        let before = try story.rows()
        let began = Date()
        var asked = story.server.requestCount
        let whole = try story.program.start(change).end().object()
        let length = Date().timeIntervalSince(began)
        let answer = try #require(whole["answer"] as? String)
        #expect(whole["live_calls"] as? Int == 17, "\(whole)")
        let expected = story.subcalls(since: asked).sorted()
        var random = SeededGenerator(seed: UInt64(Date().timeIntervalSince1970))
        var wereKilled = 0
        for _ in 0..<Self.rounds {
            asked = story.server.requestCount
            let known = Set(try story.program.list().compactMap { $0["run"] as? String })
            let moment = Double.random(in: length * 0.2...length, using: &random)
            var committed: [Substring] = []
            let end = try killed(
                story.program, change, after: moment, random: &random,
                id: { try story.program.list().compactMap { $0["run"] as? String }.first { !known.contains($0) } }
            ) {
                wereKilled += 1
                committed = try story.program.committed(in: $0)
                let asked = story.subcalls(since: asked)
                // What had been answered was asked once.
                for prompt in committed { #expect(asked.count { $0 == prompt } == 1, "\(prompt) was paid again") }
            }
            guard let end else { continue }
            #expect(end["answer"] as? String == answer, "killed after \(moment) s: \(end)")
            let all = story.subcalls(since: asked)
            for prompt in committed { #expect(all.count { $0 == prompt } == 1, "\(prompt) was paid again") }
            #expect(Set(all).sorted() == expected, "killed after \(moment) s")
        }
        #expect(wereKilled > 0)
        #expect(try story.rows().isSuperset(of: before))
        #expect(try story.program.faults() == [])
    }

    @Test func aRunKilledInABatchPaysForWhatWasNotAnswered() async throws {
        let program = try Program()
        let server = try PlayedModel.serve([
            PlayedModel.code(
                "answers = llm_query_batched([f'n {n}' for n in range(40)])\nFINAL(str(len(set(answers))))")
        ]) { request in
            let number = Int(request.lastMessage.dropFirst(2)) ?? 0
            return PlayedModel.answer("\(number)", to: request).after(milliseconds: number < 20 ? 0 : 1_500)
        }
        defer { server.stop() }
        let going = try program.start(
            program.arguments(at: server.baseURL, ["--json", "--max-concurrent-subcalls", "8"]))
        #expect(await waitUntil(seconds: 30) { server.requests.count >= 24 })
        usleep(300_000)
        going.send(SIGKILL)
        _ = try going.end()
        let run = try #require(try program.list().first?["run"] as? String)
        let committed = try program.committed(in: run)
        #expect(committed.count >= 16)
        let asked = server.requests.count
        let ended = try program.run("resume", run, "--json")
        #expect(try ended.object()["answer"] as? String == "40", "\(ended.stderr)")
        let again = server.requests.dropFirst(asked).map(\.lastMessage)
        #expect(Set(again).isDisjoint(with: committed.map(String.init)) && again.count == 40 - committed.count)
        #expect(try ended.object()["live_calls"] as? Int == again.count)
        #expect(try program.run("show", run, "--json").object()["status"] as? String == "succeeded")
        #expect(try program.faults() == [])
        // There is nothing more to go on with.
        let over = try program.run("resume", run)
        #expect(over.status == 2 && over.stderr.contains("has its answer"))
    }

    @Test func aCancelledForkGoesOnWithItsChange() async throws {
        let story = try Travelling(Self.turns, subcall: Self.slow)
        defer { story.server.stop() }
        let asked = story.server.requestCount
        let going = try story.program.start(
            ["rerun", story.run, "i1.c3", "--prompt", "a 2 again", "--continue", "--json"])
        #expect(await waitUntil(seconds: 30) { story.subcalls(since: asked).contains { $0.hasPrefix("b 3") } })
        going.send(SIGTERM)
        let stopped = try going.end().object()
        let run = try #require(stopped["run"] as? String)
        #expect(stopped["status"] as? String == "cancelled")
        let committed = try story.program.committed(in: run)
        #expect(committed.contains("a 2 again"))
        let end = try story.program.run("resume", run, "--json").object()
        #expect(end["answer"] as? String == "33read: d 3 read: b 3 after read: a 2 again", "\(end)")
        let all = story.subcalls(since: asked)
        for prompt in committed { #expect(all.count { $0 == prompt } == 1, "\(prompt) was paid again") }
        #expect(all.allSatisfy { !$0.hasPrefix("c") && $0 != "a 2" })
        #expect(try story.program.faults() == [])
    }

    @Test func whatIsDeeperGoesOnToo() async throws {
        let server = try ForkTests.nested(milliseconds: 60)
        defer { server.stop() }
        let program = try Program()
        let run = try program.start(program.arguments(at: server.baseURL, ["--json", "--max-depth", "3"])).end()
            .object()
        let id = try #require(run["run"] as? String)
        let change = ["rerun", id, "i1.c2.i1.c1.i1.c1", "--prompt", "leaf c", "--continue", "--json"]
        let began = Date()
        _ = try program.start(change).end()
        let length = Date().timeIntervalSince(began)
        var wereKilled = 0
        var random = SeededGenerator(seed: UInt64(Date().timeIntervalSince1970))
        for _ in 0..<Self.rounds {
            let asked = server.requests.count
            let known = Set(try program.list().compactMap { $0["run"] as? String })
            let end = try killed(
                program, change,
                after: .random(in: length * 0.3...length, using: &random), random: &random,
                id: { try program.list().compactMap { $0["run"] as? String }.first { !known.contains($0) } }
            ) { _ in wereKilled += 1 }
            guard let end else { continue }
            #expect(end["answer"] as? String == "<leaf a><leaf b>|<leaf c><leaf b>", "\(end)")
            let leaves = server.requests.dropFirst(asked).map(\.lastMessage).filter { $0.hasPrefix("leaf") }
            #expect(Set(leaves) == ["leaf c"])
        }
        #expect(wereKilled > 0)
        #expect(try program.faults() == [])
    }
}
