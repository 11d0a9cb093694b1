import Engine
import Foundation
import LMClients
import Testing
import Trajectory
import TrajectoryStore

/// Code that does not let go when a limit has ended its run.
@Suite struct SwallowedLimitTests {
    @Test func anAnswerAfterASwallowedLimitIsKeptAndLimited() async throws {
        let fixture = try EngineFixture([
            repl("try:\n    for i in range(9): llm_query(str(i))\nexcept BaseException:\n    pass\nFINAL('a few')")
        ])
        let (result, run) = try await fixture.run(limits: Limits(subcalls: 3))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxSubcalls)
        #expect(result.answer == "a few")
        #expect(run.status == .limited)
        #expect(run.answer == "a few")
        // Nothing more was asked for: the answer is there.
        #expect(fixture.client.requests.filter { $0.model == "root" }.count == 1)
    }

    @Test func soIsOneOfAnotherThread() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                import threading
                def ask():
                    try: llm_query_batched(['x'] * 50)
                    except BaseException: pass
                t = threading.Thread(target=ask); t.start(); t.join()
                FINAL('without it')
                """)
        ])
        let (result, _) = try await fixture.run(limits: Limits(subcalls: 3))
        #expect(result.status == .limited)
        #expect(result.answer == "without it")
    }

    @Test func codeThatGoesOnIsInterrupted() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                import time
                answer['content'] = 'so far'
                try:
                    while True: llm_query('x')
                except BaseException:
                    pass
                while True: time.sleep(0.01)
                """)
        ])
        let (result, run) = try await fixture.run(limits: Limits(tokens: 2000))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxTokens)
        #expect(result.answer == "so far")
        #expect(result.wallSeconds < 20)
        let block = try #require(try fixture.nodes(of: run)["i1.b1"])
        #expect(block.status == .limited)
    }

    @Test func codeThatAsksOnAndOnIsInterruptedToo() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                while True:
                    try: llm_query('x')
                    except BaseException: pass
                """)
        ])
        let (result, _) = try await fixture.run(limits: Limits(tokens: 2000))
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxTokens)
        #expect(result.wallSeconds < 20)
    }

    @Test func whatWasPaidForIsWaitedFor() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.messages.last?.content == "slow" {
                try await Task.sleep(for: .seconds(4))
                return EngineFixture.answer("worth it")
            }
            if request.model == "sub" { return EngineFixture.answer("x") }
            return EngineFixture.answer(
                repl(
                    """
                    from concurrent.futures import ThreadPoolExecutor
                    import time
                    with ThreadPoolExecutor(1) as pool:
                        slow = pool.submit(llm_query, 'slow')
                        time.sleep(0.5)
                        try: llm_query_batched(['x'] * 50)
                        except BaseException: pass
                        got = slow.result()
                    FINAL(got)
                    """))
        }
        let (result, _) = try await fixture.run(limits: Limits(subcalls: 10))
        #expect(result.status == .limited)
        #expect(result.answer == "worth it")
    }
}
