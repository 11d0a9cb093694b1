import Foundation
import Synchronization
import TestSupport
import Testing

/// `rerun --continue`: a fork, in which only what really changes is asked.
@Suite struct ForkTests {
    private static let keys: Set = [
        "run", "status", "stop_reason", "answer", "iterations", "calls", "live_calls", "recorded_calls", "ahead",
        "diverged", "usage", "wall_seconds",
    ]

    @Test func oneOfAHundredIsPaid() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let before = try story.rows()
        let asked = story.server.requestCount
        let ended = try story.rerun("i1.c8", "--prompt", "Count slice 7 with care", "--continue", "--json")
        let fork = try ended.object()
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(Self.keys.isSubset(of: fork.keys) && fork["answer"] as? String == "100")
        #expect(fork["status"] as? String == "succeeded" && fork["stop_reason"] as? String == "answered")
        #expect(fork["live_calls"] as? Int == 1 && fork["recorded_calls"] as? Int == 99)
        #expect(fork["iterations"] as? Int == 2 && fork["calls"] as? Int == 101)
        #expect((fork["diverged"] as? [String])?.isEmpty == true)
        #expect(Set((fork["ahead"] as? [String: Any] ?? [:]).keys) == ["used", "unused"])
        #expect(Set((fork["usage"] as? [String: Any] ?? [:]).keys) == Program.usageFields)
        #expect(fork["run"] as? String != story.run)
        #expect(story.subcalls(since: asked) == ["Count slice 7 with care"])
        #expect(story.roots(since: asked) == 1)
        // An answer by hand sends none, and the headless answer is all that stdout gets.
        let more = story.server.requestCount
        let byHand = try story.rerun("i1.c8", "--response", "1", "--continue", "--name", "by hand")
        #expect(byHand.stdout == "100\n" && byHand.status == 0, "\(byHand.stderr)")
        #expect(story.subcalls(since: more).isEmpty)
        // What is changed back asks nothing at all.
        let same = story.server.requestCount
        #expect(try story.rerun("i1.c8", "--response", "90", "--continue").stdout == "189\n")
        #expect(story.server.requestCount == same)
        #expect(try story.rows().isSuperset(of: before))
        let run = try #require(fork["run"] as? String)
        let diff = try story.program.run("diff", story.run, run, "--json").object()
        #expect(diff["first_difference"] as? String == "i1.c8" && diff["answers"] as? [String] == ["189", "100"])
        #expect(try story.program.faults() == [])
    }

    @Test func aForkOfAForkKeepsWhatWasAskedOtherwise() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let first = try story.rerun("i1.c8", "--prompt", "Count slice 7 with care", "--continue", "--json").object()
        let asked = story.server.requestCount
        let run = try #require(first["run"] as? String)
        let second = try story.program.run("rerun", run, "i1.c1", "--response", "0", "--continue", "--json").object()
        #expect(second["answer"] as? String == "99" && second["live_calls"] as? Int == 0, "\(second)")
        #expect(second["recorded_calls"] as? Int == 99 && story.subcalls(since: asked).isEmpty)
        // And where the changed call lies before the fork, its block repeats itself.
        let third = try story.program.run(
            "rerun", run, "i2", "--response", "```repl\nFINAL('ends with ' + str(total))\n```", "--continue", "--json"
        ).object()
        #expect(third["answer"] as? String == "ends with 100" && (third["diverged"] as? [String]) == [], "\(third)")
        #expect(story.subcalls(since: asked).isEmpty)
    }

    @Test func onlyAlteredPromptsAreAsked() throws {
        let story = try Travelling([
            PlayedModel.code(
                """
                first = llm_query_batched([f"part {n}" for n in range(6)])
                second = llm_query_batched([f"sum up {n // 2}: {answer}" for n, answer in enumerate(first)])
                third = llm_query("independent")
                FINAL(str(len(second)) + third)
                """)
        ])
        defer { story.server.stop() }
        let asked = story.server.requestCount
        let fork = try story.rerun("i1.c3", "--response", "other", "--continue", "--json").object()
        #expect(story.server.requests.dropFirst(asked).map(\.lastMessage) == ["sum up 1: other"])
        #expect(fork["live_calls"] as? Int == 1 && fork["recorded_calls"] as? Int == 11)
        #expect(fork["answer"] as? String == "6read: independent")
    }

    @Test func theSameQuestionGetsItsOwnAnswersInOrder() throws {
        let number = Mutex(0)
        let story = try Travelling([
            PlayedModel.code(
                "answers = [llm_query('same') for _ in range(3)] + llm_query_batched(['same'] * 3)\nFINAL(' '.join(answers))"
            )
        ]) { request in
            PlayedModel.answer(
                request.lastMessage == "same" ? "\(number.withLock { $0 += 1; return $0 })" : "?", to: request)
        }
        defer { story.server.stop() }
        let recorded = try story.program.nodes(of: story.run, "--full").compactMap { $0["answer"] as? String }
        #expect(recorded.filter { $0.count == 1 }.count == 6)
        let asked = story.server.requestCount
        for place in 1...6 {
            let fork = try story.rerun("i1.c\(place)", "--response", "X", "--continue", "--json").object()
            var answers = recorded.filter { $0.count == 1 }
            answers[place - 1] = "X"
            #expect(fork["answer"] as? String == answers.joined(separator: " "), "\(place)")
        }
        #expect(story.server.requestCount == asked)
    }

    @Test func aFailureFailsAgainUnlessItIsToBeTriedAgain() throws {
        let isBroken = Mutex(true)
        let story = try Travelling([
            PlayedModel.code(
                """
                said = []
                for prompt in "abc":
                    try:
                        said.append(llm_query(prompt))
                    except SubcallError as error:
                        said.append("failed")
                FINAL(' '.join(said))
                """)
        ]) { request in
            if request.lastMessage == "b", isBroken.withLock({ $0 }) { return .error(400, "no such thing") }
            return PlayedModel.answer("ok", to: request)
        }
        defer { story.server.stop() }
        isBroken.withLock { $0 = false }
        let asked = story.server.requestCount
        #expect(try story.rerun("i1.c1", "--response", "A", "--continue").stdout == "A failed ok\n")
        #expect(story.server.requestCount == asked)
        let again = try story.rerun("i1.c1", "--response", "A", "--continue", "--retry-failed", "--json").object()
        #expect(again["answer"] as? String == "A ok ok" && again["live_calls"] as? Int == 1)
        #expect(story.subcalls(since: asked) == ["b"])
    }

    @Test func whatTheChangeMakesPythonRaiseIsAResult() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        // int("many") raises; the model is told, and what it says next is run on what is there.
        let ended = try story.rerun("i1.c8", "--response", "many", "--continue", "--json")
        let fork = try ended.object()
        #expect([0, 1, 3].contains(ended.status) && fork["run"] != nil, "\(ended.stderr)")
        let nodes = try story.program.nodes(of: try #require(fork["run"] as? String), "--full")
        let block = try #require(nodes.first { $0["address"] as? String == "i1.b1" })
        #expect(block["status"] as? String == "failed" && "\(block)".contains("ValueError"))
        #expect(try story.program.faults() == [])
    }

    @Test(arguments: ["--prompt", "--response", "--model"]) func threeLevelsDown(flag: String) throws {
        let server = try Self.nested()
        defer { server.stop() }
        let program = try Program()
        let run = try program.start(program.arguments(at: server.baseURL, ["--json", "--max-depth", "3"])).end()
            .object()
        #expect(run["answer"] as? String == "<leaf a><leaf b>|<leaf a><leaf b>", "\(run)")
        let id = try #require(run["run"] as? String)
        let before = try program.rows()
        let asked = server.requests.count
        let value = ["--prompt": "leaf c", "--response": "<leaf c>", "--model": "openai/other"][flag] ?? ""
        let fork = try program.run(
            "rerun", id, "i1.c2.i1.c1.i1.c1", flag, value, "--continue", "--json"
        ).object()
        let expected = flag == "--model" ? "<leaf a, other><leaf b>" : "<leaf c><leaf b>"
        #expect(fork["answer"] as? String == "<leaf a><leaf b>|\(expected)", "\(fork)")
        #expect((fork["diverged"] as? [String])?.isEmpty == true)
        let leaves = server.requests.dropFirst(asked).filter { $0.lastMessage.hasPrefix("leaf") }
        #expect(leaves.count == (flag == "--response" ? 0 : 1))
        #expect(try program.rows().isSuperset(of: before))
        #expect(try program.faults() == [])
    }

    /// Roots that ask roots, down to leaves.
    ///
    /// - Parameter milliseconds: what each answer takes.
    static func nested(milliseconds: Int = 0) throws -> ScriptedServer {
        try ScriptedServer { reply(to: $0).after(milliseconds: milliseconds) }
    }

    private static func reply(to request: ScriptedRequest) -> ScriptedReply {
        if request.method == "GET" { return .json(#"{"data":[{"id":"played"},{"id":"other"}]}"#) }
        guard PlayedModel.isRoot(request) else {
            let model = request.model == "other" ? ", other" : ""
            return PlayedModel.answer("<\(request.lastMessage)\(model)>", to: request)
        }
        let turn = request.roles.count { $0 == "assistant" }
        let question = request.messages.dropFirst().first ?? ""
        let isBelow = question.contains("The request is in the context itself")
        guard isBelow else {
            return PlayedModel.answer(
                PlayedModel.code("one = rlm_query('one')\ntwo = rlm_query('two')\nFINAL(one + '|' + two)"),
                to: request)
        }
        // The next level down asks leaves.
        let code =
            turn == 0
            ? """
            if context.startswith('inner'):
                a = llm_query('leaf a')
                b = llm_query('leaf b')
            else:
                a, b = rlm_query('inner ' + context), ''
            print(a, b)
            """ : "FINAL(a + b)"
        return PlayedModel.answer(PlayedModel.code(code), to: request)
    }
}
