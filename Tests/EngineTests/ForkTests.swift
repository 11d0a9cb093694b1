import Engine
import Foundation
import LMClients
import Synchronization
import Testing
import Trajectory
import TrajectoryStore

/// Continuing from a change: what is asked again, what is not, and that the original stays as it is.
struct ForkTests {
    /// A batch of independent sub-calls, whose answers are summed up, and an answer made of the sum.
    static let batch = [
        repl(
            """
            answers = llm_query_batched([f"Count slice {n}" for n in range(100)])
            total = sum(int(answer) for answer in answers)
            print("total", total)
            """),
        repl("FINAL(str(total))"),
    ]

    /// Sub-calls answer 1, but slice 7, which is misread until somebody asks with care.
    static func counting(_ turns: [String] = batch) throws -> EngineFixture {
        try EngineFixture { request, _ in
            guard request.model == "root" else {
                let prompt = request.messages.last?.content ?? ""
                return EngineFixture.answer(prompt == "Count slice 7" ? "90" : "1")
            }
            let turn = request.messages.filter { $0.role == .assistant }.count
            return EngineFixture.answer(turns[min(turn, turns.count - 1)])
        }
    }

    func travel(_ fixture: EngineFixture) -> TimeTravel { TimeTravel(store: fixture.store, clients: fixture) }

    /// Every row of the original's own, as text.
    static func rows(of run: Run, in fixture: EngineFixture) throws -> String {
        var rows: [String] = ["\(run.status) \(run.answer ?? "") \(run.usage) \(run.calls)"]
        try fixture.store.walk(run: run.id) { node in
            rows.append(
                "\(node.address) \(node.status) \(node.title) \(node.origin) \(node.freshness) \(node.own) \(node.subtree)"
            )
            for completion in (try? fixture.store.completions(of: node.id)) ?? [] {
                rows.append("\(completion.messages) \(completion.response ?? "") \(completion.attempt)")
            }
            if case .block(let id) = node.id {
                rows.append("\((try? fixture.store.attempts(of: id))?.map(\.code) ?? [])")
            }
        }
        return rows.joined(separator: "\n")
    }

    @Test func aChangedSubcallIsTheOnlyOneThatIsPaid() async throws {
        let fixture = try Self.counting()
        let (result, run) = try await fixture.run()
        #expect(result.answer == "189")
        let before = try Self.rows(of: run, in: fixture)
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i1.c8"), Change(prompt: "Count slice 7 again"))
        let end = await fork.result()
        #expect(end.answer == "100")
        #expect(end.status == .succeeded)
        #expect(end.liveCalls == 1 && end.recordedCalls == 99)
        #expect(end.diverged == [])
        let requests = fixture.client.requests.dropFirst(asked)
        #expect(requests.filter { $0.model == "sub" }.map { $0.messages.last?.content } == ["Count slice 7 again"])
        // The root is told another total, and goes on from there.
        #expect(requests.filter { $0.model == "root" }.count == 1)
        let forked = try fixture.store.run(fork.id)
        #expect(forked.forkedFrom == run.id && forked.forkedAt?.description == "i1.c8")
        #expect(forked.calls.total == 101)
        let nodes = try fixture.nodes(of: forked)
        #expect(nodes["i1.c7"]?.origin == .recorded && nodes["i1.c8"]?.origin == .live)
        #expect(nodes["i1.c8"]?.title.contains("again") == true)
        #expect(try Self.rows(of: try fixture.store.run(run.id), in: fixture) == before)
    }

    /// Try it alone, then continue: the answer that was paid for the try is the fork's.
    @Test func whatWasTriedAloneIsNotPaidAgain() async throws {
        let fixture = try Self.counting()
        let (_, run) = try await fixture.run()
        let change = Change(prompt: "Count slice 7 again")
        #expect(try travel(fixture).forecast(run, at: Address("i1.c8"), change).liveCalls == 1)
        let attempt = try await travel(fixture).rerun(run, at: Address("i1.c8"), change)
        #expect(attempt.answer == "1" && attempt.liveCalls == 1)
        let forecast = try travel(fixture).forecast(run, at: Address("i1.c8"), change)
        #expect(forecast.liveCalls == 0 && forecast.recordedCalls == 100)
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i1.c8"), change)
        let end = await fork.result()
        #expect(end.answer == "100" && end.liveCalls == 0 && end.recordedCalls == 100)
        #expect(fixture.client.requests.dropFirst(asked).allSatisfy { $0.model == "root" })
        let node = try #require(try fixture.nodes(of: fixture.store.run(fork.id))["i1.c8"])
        #expect(node.origin == .recorded && node.title.contains("again"))
        // Another change is asked.
        let other = try await travel(fixture).fork(run, at: Address("i1.c8"), Change(prompt: "Count slice 7 once more"))
        #expect(await other.result().liveCalls == 1)
    }

    @Test func anAnswerByHandIsNotAsked() async throws {
        let fixture = try Self.counting()
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i1.c8"), Change(response: "1"))
        let end = await fork.result()
        #expect(end.answer == "100" && end.liveCalls == 0 && end.recordedCalls == 99)
        #expect(fixture.client.requests.dropFirst(asked).allSatisfy { $0.model == "root" })
        #expect(try fixture.nodes(of: fixture.store.run(fork.id))["i1.c8"]?.origin == .edited)
        // Nothing changes where nothing is changed: then nothing at all is asked.
        let count = fixture.client.requests.count
        let same = try await travel(fixture).fork(run, at: Address("i1.c8"), Change(response: "90"))
        #expect(await same.result().answer == "189")
        #expect(fixture.client.requests.count == count)
    }

    @Test func whatDependsOnTheChangeIsAskedAnew() async throws {
        let turns = [
            repl(
                """
                first = llm_query("Count slice 7")
                second = llm_query("Given " + first)
                third = llm_query("Count slice 3")
                FINAL(first + second + third)
                """)
        ]
        let fixture = try Self.counting(turns)
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i1.c1"), Change(response: "5"))
        let end = await fork.result()
        #expect(end.answer == "511")
        #expect(fixture.client.requests.dropFirst(asked).map { $0.messages.last?.content } == ["Given 5"])
        #expect(end.liveCalls == 1 && end.recordedCalls == 1)
    }

    @Test func sameQuestionsGetTheirOwnAnswersInOrder() async throws {
        let number = Mutex(0)
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" {
                return EngineFixture.answer("\(number.withLock { $0 += 1; return $0 })")
            }
            return EngineFixture.answer(
                repl("answers = [llm_query('same') for _ in range(4)]\nFINAL(' '.join(answers))"))
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "1 2 3 4")
        let fork = try await travel(fixture).fork(run, at: Address("i1.c2"), Change(response: "two"))
        let end = await fork.result()
        #expect(end.answer == "1 two 3 4")
        #expect(end.liveCalls == 0 && end.recordedCalls == 3)
    }

    @Test func aRecordedFailureFailsAgainUnlessItIsToBeTriedAgain() async throws {
        let isBroken = Mutex(true)
        let fixture = try EngineFixture { request, _ throws(CompletionError) in
            if request.model == "sub" {
                if request.messages.last?.content == "b", isBroken.withLock({ $0 }) {
                    throw CompletionError(code: .contentFilter, model: "scripted/sub", message: "withheld")
                }
                return EngineFixture.answer("ok")
            }
            let code = """
                said = []
                for prompt in "abc":
                    try:
                        said.append(llm_query(prompt))
                    except SubcallError as error:
                        said.append(error.kind)
                FINAL(' '.join(said))
                """
            return EngineFixture.answer(repl(code))
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "ok content_filter ok")
        isBroken.withLock { $0 = false }
        let fork = try await travel(fixture).fork(run, at: Address("i1.c1"), Change(response: "A"))
        #expect(await fork.result().answer == "A content_filter ok")
        var options = TimeTravel.Options()
        options.retriesFailures = true
        let again = try await TimeTravel(store: fixture.store, clients: fixture, options: options)
            .fork(run, at: Address("i1.c1"), Change(response: "A"))
        let end = await again.result()
        #expect(end.answer == "A ok ok" && end.liveCalls == 1)
    }

    @Test func aBlockIsChangedAndTheModelSeesWhatRan() async throws {
        let fixture = try Self.counting([repl("x = 2"), repl("print(x * 10)"), repl("FINAL(str(x))")])
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i2.b1"), Change(code: "x = 7\nprint(x)"))
        let end = await fork.result()
        #expect(end.answer == "7")
        let nodes = try fixture.nodes(of: fixture.store.run(fork.id))
        #expect(nodes["i2.b1"]?.origin == .edited && nodes["i1"] != nil && nodes["i3"]?.origin == .live)
        let shown = try #require(fixture.client.requests.dropFirst(asked).first).messages
        #expect(shown.dropLast().last?.content == "Thinking.\n```repl\nx = 7\nprint(x)\n```\n")
        #expect(shown.last?.content.contains("7") == true)
    }

    @Test func aResponseIsWrittenByHandAndAnIterationIsAskedOfAnotherModel() async throws {
        let fixture = try Self.counting([repl("x = 2"), repl("FINAL(str(x))")])
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i2"), Change(response: repl("FINAL(str(x + 1))")))
        #expect(await fork.result().answer == "3")
        #expect(fixture.client.requests.count == asked)
        let other = try await travel(fixture).fork(run, at: Address("i2"), Change(model: "scripted/other"))
        _ = await other.result()
        #expect(fixture.client.requests.dropFirst(asked).first?.model == "other")
        #expect(try fixture.store.run(other.id).model == "scripted/other")
    }

    @Test func whatLiesDeeperIsReachedThroughItsCallers() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub", request.messages.count == 1 {
                return EngineFixture.answer("<\(request.messages[0].content)>")
            }
            let text = request.messages.map(\.content).joined()
            let turn = request.messages.filter { $0.role == .assistant }.count
            if text.contains("The request is in the context itself") {
                return EngineFixture.answer(
                    turn == 0
                        ? repl("a = llm_query('deep ' + context)\nb = llm_query('other')\nprint(a, b)")
                        : repl("FINAL(a + b)"))
            }
            return EngineFixture.answer(
                repl("one = rlm_query('one')\ntwo = rlm_query('two')\nFINAL(one + '|' + two)"))
        }
        let (result, run) = try await fixture.run(limits: Limits(depth: 2))
        #expect(result.answer == "<deep one><other>|<deep two><other>")
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(run, at: Address("i1.c2.i1.c1"), Change(response: "!"))
        let end = await fork.result()
        #expect(end.answer == "<deep one><other>|!<other>")
        #expect(end.diverged == [])
        // Its caller's model is told something else; nobody else is asked.
        #expect(fixture.client.requests.count == asked + 1)
        let nodes = try fixture.nodes(of: fixture.store.run(fork.id))
        #expect(nodes["i1.c1"]?.origin == .recorded)
        #expect(nodes["i1.c2.i1.c1"]?.origin == .edited && nodes["i1.c2.i1.c2"]?.origin == .recorded)
    }

    @Test func whatDoesNotRepeatIsSaid() async throws {
        let fixture = try Self.counting([
            repl("import time\nprint(time.time_ns())"),
            repl("import random\nprint(random.random(), {'a', 'b', 'c'})\nx = 1"),
            repl("FINAL(str(x))"),
        ])
        let (_, run) = try await fixture.run()
        let forecast = try travel(fixture).forecast(run, at: Address("i3"), Change(response: "nothing"))
        #expect(forecast.recordedCalls == 0 && forecast.iterations == nil)
        let fork = try await travel(fixture).fork(run, at: Address("i3"), Change(response: repl("FINAL('new')")))
        let end = await fork.result()
        #expect(end.answer == "new")
        // Chance and set order are as they were; the clock is not.
        #expect(end.diverged.map(\.description) == ["i1.b1"])
        #expect(try fixture.store.run(fork.id).notices.contains { $0.contains("i1.b1") && $0.contains("time") })
    }

    @Test func goingOnAfterADifferenceCanBeRefused() async throws {
        let fixture = try Self.counting([repl("import time\nprint(time.time_ns())"), repl("FINAL('old')")])
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let said = Mutex<[String]>([])
        var options = TimeTravel.Options()
        options.mayGoOn = { notices in
            said.withLock { $0 = notices }
            return false
        }
        let fork = try await TimeTravel(store: fixture.store, clients: fixture, options: options)
            .fork(run, at: Address("i2"), Change())
        #expect(await fork.result().status == .cancelled)
        #expect(said.withLock { $0 }.first?.hasPrefix("i1.b1 ") == true)
        #expect(fixture.client.requests.count == asked)
    }

    @Test func theRootIsAskedSomethingElseOrToldSomethingElse() async throws {
        let fixture = try Self.counting()
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let fork = try await travel(fixture).fork(
            run, at: .root, Change(prompt: "And now?", system: "You write Python."))
        let end = await fork.result()
        #expect(end.answer == "189" && end.liveCalls == 0 && end.recordedCalls == 100)
        let first = try #require(fixture.client.requests.dropFirst(asked).first).messages
        #expect(first[0].content == "You write Python." && first[1].content.hasPrefix("Question: And now?"))
        #expect(first[1].content.contains("17 characters"))
        #expect(try fixture.store.run(fork.id).question == "And now?")
    }

    @Test func aForecastSaysWhatIsKnown() async throws {
        let fixture = try Self.counting()
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let byHand = try travel(fixture).forecast(run, at: Address("i1.c8"), Change(response: "1"))
        #expect(byHand.liveCalls == 0 && byHand.recordedCalls == 99)
        let asking = try travel(fixture).forecast(run, at: Address("i1.c8"), Change(prompt: "again"))
        #expect(asking.liveCalls == 1 && asking.recordedCalls == 99 && asking.tokens ?? 0 > 100)
        let anew = try travel(fixture).forecast(run, at: Address("i1"), Change())
        #expect(anew.liveCalls == nil)
        #expect(fixture.client.requests.count == asked)
        #expect(throws: TravelError.self) {
            try travel(fixture).forecast(run, at: Address("i1.b1"), Change(prompt: "no"))
        }
        #expect(throws: StoreError.self) { try travel(fixture).forecast(run, at: Address("i9"), Change()) }
    }

    @Test func aForkOfAForkServesBoth() async throws {
        let fixture = try Self.counting()
        let (_, run) = try await fixture.run()
        let first = try await travel(fixture).fork(run, at: Address("i1.c8"), Change(response: "1"))
        _ = await first.result()
        let asked = fixture.client.requests.count
        let second = try await travel(fixture).fork(
            try fixture.store.run(first.id), at: Address("i1.c1"), Change(response: "0"))
        let end = await second.result()
        #expect(end.answer == "99" && end.liveCalls == 0 && end.recordedCalls == 99)
        #expect(fixture.client.requests.dropFirst(asked).allSatisfy { $0.model == "root" })
        #expect(try fixture.store.family(of: second.id).count == 3)
    }

    @Test func theDifferenceThatLeadsToTheOtherAnswerIsFound() async throws {
        let fixture = try Self.counting([
            repl(
                """
                answers = llm_query_batched([f"Count slice {n}" for n in range(8)])
                total = sum(int(answer) for answer in answers[4:])
                """), repl("FINAL('many' if total > 50 else 'few')"),
        ])
        let (_, bad) = try await fixture.run()
        #expect(bad.answer == "many")
        // Three sub-calls differ, of which the last alone matters.
        let first = try await travel(fixture).fork(bad, at: Address("i1.c2"), Change(response: "7"))
        _ = await first.result()
        let second = try await travel(fixture).fork(
            fixture.store.run(first.id), at: Address("i1.c5"), Change(response: "2"))
        _ = await second.result()
        let third = try await travel(fixture).fork(
            fixture.store.run(second.id), at: Address("i1.c8"), Change(response: "1"))
        let good = await third.result()
        #expect(good.answer == "few")
        let asked = fixture.client.requests.count
        let differences = try ["i1.c2": "7", "i1.c5": "2", "i1.c8": "1"].sorted { $0.key < $1.key }
            .map { (address: try Address($0.key), text: $0.value) }
        let explanation = try await travel(fixture).explain(
            bad, becoming: fixture.store.run(third.id), by: differences)
        #expect(explanation.address?.description == "i1.c8" && explanation.answer == "few")
        #expect(explanation.forks.count <= 3 && explanation.unfinished == 0)
        #expect(fixture.client.requests.count == asked)
        let none = try await travel(fixture).explain(
            bad, becoming: fixture.store.run(third.id), by: Array(differences.dropLast()))
        #expect(none.address == nil)
    }

    @Test func aKeptREPLStandsInForRunningBlocksAgain() async throws {
        let fixture = try Self.counting([
            repl("import time\nstamp = time.time_ns()\nanswer['content'] = 'so far'\nprint(stamp)"),
            repl("count = llm_query('Count slice 7')\nprint(stamp)"), repl("FINAL(f'{stamp} {count}')"),
        ])
        let keeper = REPLKeeper()
        var request = try fixture.request()
        request.keeper = keeper
        let (result, run) = try await fixture.run(request)
        let stamp = try #require(result.answer?.split(separator: " ").first)
        var options = TimeTravel.Options()
        options.keeper = keeper
        let travel = TimeTravel(store: fixture.store, clients: fixture, options: options)
        let first = try await travel.fork(run, at: Address("i2.c1"), Change(response: "5"))
        let end = await first.result()
        // Blocks that ran again would have seen another time.
        #expect(end.answer == "\(stamp) 5" && end.diverged == [])
        // The original can be gone back to again, and so can the fork.
        let second = try await travel.fork(run, at: Address("i3"), Change(response: repl("FINAL(f'{stamp}!{count}')")))
        #expect(await second.result().answer == "\(stamp)!90")
        let third = try await travel.fork(
            fixture.store.run(second.id), at: Address("i2.c1"), Change(response: "7"))
        let last = await third.result()
        // What was written by hand in it is given again too.
        #expect(last.answer == "\(stamp)!7" && last.diverged == [])
        await keeper.close()
        // Without one the blocks run again, and the difference is said.
        let fourth = try await travel.fork(run, at: Address("i2.c1"), Change(response: "5"))
        let again = await fourth.result()
        #expect(again.answer?.hasSuffix(" 5") == true && again.diverged.map(\.description).first == "i1.b1")
        await keeper.close()
    }
}
