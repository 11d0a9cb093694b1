import Engine
import Foundation
import LMClients
import Testing
import Trajectory
import TrajectoryStore

/// Limits are held outside the Python process, shared by the whole tree, and end in a status of their own.
@Suite struct LimitTests {
    @Test func outOfIterationsAsksOnceForTheBestAnswer() async throws {
        let fixture = try EngineFixture([repl("print(1)"), repl("print(2)"), "My best guess is beta."])
        let (result, run) = try await fixture.run(limits: Limits(iterations: 2))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxIterations)
        #expect(result.answer == "My best guess is beta.")
        #expect(run.status == .limited)
        #expect(run.iterations == 3)
        let last = try #require(fixture.client.requests.last)
        #expect(last.messages.map(\.role) == [.system, .user, .assistant, .user, .assistant, .user])
        #expect(last.messages.last?.content.contains("best answer") == true)
    }

    @Test func subcallsEndWithLimitReachedThatExceptExceptionDoesNotCatch() async throws {
        let fixture = try EngineFixture([
            repl(
                "for i in range(9):\n    try:\n        llm_query(str(i))\n    except Exception:\n        pass\nFINAL('no')"
            )
        ])
        let (result, run) = try await fixture.run(limits: Limits(subcalls: 4))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxSubcalls)
        #expect(run.calls.total == 5)
        #expect(fixture.client.requests.filter { $0.model == "sub" }.count == 4)
        #expect(result.answer == "nothing more to say")
        #expect(result.failure?.message.contains("--max-subcalls") == true)
    }

    @Test func aBatchThatDoesNotFitIsNotStarted() async throws {
        let fixture = try EngineFixture([repl("llm_query_batched(['x'] * 50)")])
        let (result, _) = try await fixture.run(limits: Limits(subcalls: 49))
        #expect(result.stopReason == .maxSubcalls)
        #expect(fixture.client.requests.filter { $0.model == "sub" }.isEmpty)
    }

    @Test func aWideBatchCannotPassTheBudgetTogether() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" {
                try await Task.sleep(for: .milliseconds(5))
                return EngineFixture.answer("x", cost: 0.10)
            }
            return EngineFixture.answer(repl("llm_query_batched(['x'] * 100)"), cost: 0.001)
        }
        let (result, run) = try await fixture.run(limits: Limits(budget: 0.55))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxBudget)
        let cost = try #require(run.usage.known.cost)
        #expect(cost <= 0.55)
        #expect(cost > 0.45)
    }

    @Test func tokensAreCountedOverTheWholeTree() async throws {
        let fixture = try EngineFixture([repl("for i in range(100):\n    llm_query(str(i))")])
        let (result, run) = try await fixture.run(limits: Limits(tokens: 3000))
        #expect(result.stopReason == .maxTokens)
        #expect((run.usage.known.totalTokens ?? 0) <= 3000)
        #expect((run.usage.known.totalTokens ?? 0) > 1500)
    }

    @Test func whatTheCodeHadPutIntoAnswerIsTheAnswerWhenNothingMoreMayBeSpent() async throws {
        let fixture = try EngineFixture([
            repl("answer['content'] = 'so far: beta'\nfor i in range(100):\n    llm_query(str(i))")
        ])
        let (result, _) = try await fixture.run(limits: Limits(tokens: 3000))
        #expect(result.stopReason == .maxTokens)
        #expect(result.answer == "so far: beta")
    }

    @Test func whatNobodyKnowsTheCostOfCannotBeHeldToABudget() async throws {
        let fixture = try EngineFixture { _, _ in EngineFixture.answer(repl("llm_query('x')"), cost: nil) }
        let (result, _) = try await fixture.run(limits: Limits(budget: 1))
        #expect(result.stopReason == .maxBudget)
        #expect(result.failure?.message.contains("[prices.\"scripted/root\"]") == true)
        #expect(fixture.client.requests.count == 1)
    }

    @Test func aPriceMakesTheBudgetHold() async throws {
        let fixture = try EngineFixture { request, _ in
            EngineFixture.answer(request.model == "sub" ? "x" : repl("llm_query_batched(['x'] * 500)"), cost: nil)
        }
        var request = try fixture.request(limits: Limits(budget: 5.5))
        request.price = { usage, _ in Double(usage.totalTokens ?? 0) / 1100 }
        let (result, run) = try await fixture.run(request)
        #expect(result.stopReason == .maxBudget)
        #expect((run.usage.known.cost ?? 10) <= 5.5 + 1e-9)
        #expect((run.usage.known.cost ?? 0) > 4)
    }

    @Test func whatWasPaidForNothingCountsToo() async throws {
        let fixture = try EngineFixture { request, _ in
            guard request.model == "sub" else {
                return EngineFixture.answer(
                    repl("for i in range(9):\n    try: llm_query('x')\n    except SubcallError: pass"))
            }
            throw CompletionError(
                code: .refused, model: "scripted/sub", usage: Usage(inputTokens: 100, outputTokens: 10, cost: 0.2),
                message: "filtered")
        }
        let (result, run) = try await fixture.run(limits: Limits(budget: 0.5))
        #expect(result.stopReason == .maxBudget)
        #expect(abs((run.usage.known.cost ?? 0) - 0.401) < 0.000_001)
    }

    @Test func aSilentProviderCannotPassTheTokens() async throws {
        let fixture = try EngineFixture { request, _ in
            let text =
                request.model == "sub" ? String(repeating: "word ", count: 400) : repl("while True: llm_query('x')")
            return CompletionResponse(text: text, usage: .unknown)
        }
        let (result, run) = try await fixture.run(limits: Limits(tokens: 6000))
        #expect(result.stopReason == .maxTokens)
        #expect(run.calls.total < 14)
        #expect(run.usage.known.totalTokens == nil)
    }

    @Test func numbersNobodyCanBelieveAreUnknown() async throws {
        let fixture = try EngineFixture { _, _ in
            CompletionResponse(
                text: repl("FINAL(1)"), usage: Usage(inputTokens: .max, outputTokens: 5, cost: 1e300))
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "1")
        #expect(run.usage.known == Usage(outputTokens: 5))
    }

    @Test func whatTheCodeMadeOfPrintCannotHoldTheEndUp() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                import builtins, time
                answer['content'] = 'so far'
                builtins.print = lambda *a, **k: time.sleep(10**6)
                while True: llm_query('x')
                """)
        ])
        let (result, _) = try await fixture.run(limits: Limits(tokens: 2000))
        #expect(result.stopReason == .maxTokens)
        #expect(result.answer == "so far")
        #expect(result.wallSeconds < 20)
    }

    @Test func timeEndsABlockInTheMiddle() async throws {
        let fixture = try EngineFixture([repl("import time\nwhile True:\n    time.sleep(0.01)")])
        let (result, run) = try await fixture.run(limits: Limits(timeout: 1.5))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxTimeout)
        #expect(result.wallSeconds < 10)
        #expect(run.status == .limited)
    }

    @Test func timeEndsARequestInFlight() async throws {
        let fixture = try EngineFixture { _, _ in
            try await Task.sleep(for: .seconds(60))
            return EngineFixture.answer("late")
        }
        let (result, run) = try await fixture.run(limits: Limits(timeout: 0.5))
        #expect(result.stopReason == .maxTimeout)
        #expect(result.wallSeconds < 10)
        #expect(run.status == .limited)
        #expect(try fixture.unfinishedRows() == [])
        #expect(fixture.client.cancelledCount == 1)
    }

    @Test func failedIterationsInARowEndTheRun() async throws {
        let fixture = try EngineFixture([
            repl("1/0"), repl("print('fine')"), repl("1/0"), repl("1/0"), "I do not know.",
        ])
        let (result, run) = try await fixture.run(limits: Limits(errors: 2))
        #expect(result.stopReason == .maxErrors)
        #expect(run.iterations == 5)
        #expect(result.answer == "I do not know.")
    }

    @Test func nothingTheCodeWritesRaisesALimit() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                import gc, sys
                for o in gc.get_objects():
                    if isinstance(o, dict) and 'limits' in o:
                        o['limits'] = 10**9
                for i in range(20):
                    llm_query(str(i))
                """
            )
        ])
        _ = try await fixture.run(limits: Limits(subcalls: 3))
        #expect(fixture.client.requests.filter { $0.model == "sub" }.count == 3)
    }

    @Test func atMostSoManyRequestsAreInFlight() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" { try await Task.sleep(for: .milliseconds(2)) }
            return EngineFixture.answer(request.model == "sub" ? "x" : repl("llm_query_batched(['x'] * 60)\nFINAL(1)"))
        }
        _ = try await fixture.run(limits: Limits(concurrentSubcalls: 7))
        #expect(fixture.client.maxInFlight == 7)
    }

    @Test func threadsOfTheCodeShareThePlaces() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" { try await Task.sleep(for: .milliseconds(20)) }
            return EngineFixture.answer(
                request.model == "sub"
                    ? "x"
                    : repl(
                        """
                        from concurrent.futures import ThreadPoolExecutor
                        with ThreadPoolExecutor(20) as pool:
                            FINAL(len(list(pool.map(llm_query, map(str, range(40))))))
                        """))
        }
        let (result, _) = try await fixture.run(limits: Limits(concurrentSubcalls: 5))
        #expect(result.answer == "40")
        #expect(fixture.client.maxInFlight == 5)
    }

    @Test func aCancelledRunLeavesNothingRunning() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" { try await Task.sleep(for: .seconds(60)) }
            return EngineFixture.answer(repl("llm_query_batched(['x'] * 100)"))
        }
        let live = try await LiveRun.start(
            try fixture.request(limits: Limits(concurrentSubcalls: 8)),
            in: fixture.store,
            clients: fixture
        )
        while fixture.client.inFlight < 8 { try await Task.sleep(for: .milliseconds(2)) }
        live.cancel()
        let result = await live.result()
        #expect(result.status == .cancelled)
        #expect(fixture.client.inFlight == 0)
        let run = try fixture.store.run(live.id)
        #expect(run.status == .cancelled)
        #expect(run.stopReason == .cancelled)
        #expect(try fixture.unfinishedRows() == [])
        #expect(live.isFinished)
    }
}
