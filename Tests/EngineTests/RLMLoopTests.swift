import Engine
import Foundation
import LMClients
import REPL
import Testing
import Trajectory
import TrajectoryStore

/// The loop: what the model is shown, what ends it, what is left in the store.
@Suite struct RLMLoopTests {
    @Test func answersAndLeavesTheWholeTreeInTheStore() async throws {
        let fixture = try EngineFixture([
            repl("print(len(context))"),
            repl("parts = context.split()\nfound = llm_query_batched(parts)\nprint(found)"),
            repl("answer['content'] = found[1]\nanswer['ready'] = True"),
        ])
        let (result, run) = try await fixture.run()
        #expect(result.status == .succeeded)
        #expect(result.answer == "<beta>")
        #expect(run.status == .succeeded)
        #expect(run.stopReason == .answered)
        #expect(run.answer == "<beta>")
        #expect(run.iterations == 3)
        #expect(run.calls.total == 4)
        #expect(run.calls.done == 4)
        #expect(run.usage.known.inputTokens == 600)
        #expect(run.usage.known.outputTokens == 60)
        #expect(run.usage.completions == 6)

        let nodes = try fixture.nodes(of: run)
        #expect(
            Set(nodes.keys) == [
                "root", "i1", "i1.b1", "i2", "i2.b1", "i2.c1", "i2.c2", "i2.c3", "i3", "i3.b1",
            ]
        )
        #expect(nodes.values.allSatisfy { $0.status == .succeeded && $0.origin == .live })
        #expect(nodes["i2.c2"]?.depth == 1)
        #expect(nodes["i2.c2"]?.kind == .llm)
        #expect(nodes["i2.c2"]?.model == "scripted/sub")
        #expect(nodes["i2.c2"]?.block == 1)
        #expect(nodes["i2"]?.subtree.known.inputTokens == 400)
    }

    @Test func rolesTakeTurnsAndOutputsAreShown() async throws {
        let fixture = try EngineFixture([
            repl("print('first')") + repl("print('second')"), "No code here.", repl("FINAL(1 + 1)"),
        ])
        let (result, _) = try await fixture.run()
        #expect(result.answer == "2")
        let last = try #require(fixture.client.requests.last)
        #expect(last.messages.map(\.role) == [.system, .user, .assistant, .user, .assistant, .user])
        #expect(fixture.shown(afterTurn: 1) == "Output of block 1:\nfirst\n\n\nOutput of block 2:\nsecond\n")
        #expect(fixture.shown(afterTurn: 2).contains("no code"))
        #expect(last.messages[1].content.contains("Question: What comes after alpha?"))
        #expect(last.messages[1].content.contains("17 characters"))
        #expect(last.isStreaming)
    }

    @Test func proseIsNeverAnAnswer() async throws {
        let fixture = try EngineFixture(["FINAL(wrong)\nanswer['ready'] = True", repl("FINAL('right')")])
        #expect(try await fixture.run().result.answer == "right")
    }

    @Test func aBlockThatRaisesAfterFinalHasNotAnswered() async throws {
        let fixture = try EngineFixture([
            repl("kept = 41\nFINAL('early')\nraise ValueError('no')"),
            repl("FINAL(kept + 1)"),
        ])
        let (result, run) = try await fixture.run()
        #expect(result.answer == "42")
        let nodes = try fixture.nodes(of: run)
        #expect(nodes["i1.b1"]?.status == .failed)
        #expect(nodes["i1.b1"]?.failure?.kind == "ValueError")
        #expect(nodes["i1"]?.status == .failed)
        #expect(fixture.shown(afterTurn: 1).contains("ValueError: no"))
    }

    @Test func contentIsReadWhenTheBlockEnds() async throws {
        let fixture = try EngineFixture([repl("answer['ready'] = True\nanswer['content'] = 'late'")])
        #expect(try await fixture.run().result.answer == "late")
    }

    @Test func blocksAfterAFailedOneAreNotRun() async throws {
        let fixture = try EngineFixture([repl("1/0") + repl("FINAL('unreached')"), repl("FINAL('ok')")])
        let (result, run) = try await fixture.run()
        #expect(result.answer == "ok")
        #expect(try fixture.nodes(of: run)["i1.b2"] == nil)
    }

    @Test func longOutputIsCutInTheMiddleForTheModel() async throws {
        let fixture = try EngineFixture([repl("print('a' * 30000 + 'b' * 30000)"), repl("FINAL(0)")])
        _ = try await fixture.run()
        let shown = fixture.shown(afterTurn: 1)
        #expect(shown.count <= 20_100)
        #expect(shown.contains("aaa") && shown.contains("bbb"))
        #expect(shown.contains("cut"))
    }

    @Test func aFailedSubcallRaisesAndIsNotAnAnswer() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" {
                throw CompletionError(code: .rateLimited, model: "scripted/sub", httpStatus: 429, message: "too many")
            }
            let turn = request.messages.filter { $0.role == .assistant }.count
            return EngineFixture.answer(
                turn == 0
                    ? repl(
                        "try:\n    llm_query('x')\nexcept SubcallError as e:\n    seen = (e.kind, str(e))\nprint(seen)"
                    )
                    : repl("FINAL(seen[0])")
            )
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "rate_limited")
        let node = try #require(try fixture.nodes(of: run)["i1.c1"])
        #expect(node.status == .failed)
        #expect(node.failure == Failure(kind: "rate_limited", message: "too many"))
        #expect(node.own.known.inputTokens == nil)
    }

    @Test func aBatchKeepsTheAnswersThatCame() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" {
                guard request.messages.last?.content != "b" else {
                    throw CompletionError(code: .serverError, model: "scripted/sub", httpStatus: 500, message: "broke")
                }
                return EngineFixture.answer("ok")
            }
            return EngineFixture.answer(
                repl(
                    "try:\n    llm_query_batched(['a', 'b', 'c'])\nexcept BatchError as e:\n    FINAL(str(e.answers))"
                )
            )
        }
        #expect(try await fixture.run().result.answer == "['ok', None, 'ok']")
    }

    @Test func theRootsFailureEndsTheRunAndSaysWhy() async throws {
        let fixture = try EngineFixture { _, _ in
            throw CompletionError(code: .unauthorized, model: "scripted/root", httpStatus: 401, message: "bad key")
        }
        let (result, run) = try await fixture.run()
        #expect(result.status == .failed)
        #expect(result.isUnavailable)
        #expect(run.status == .failed)
        #expect(run.failure == Failure(kind: "unauthorized", message: "bad key"))
        #expect(try fixture.nodes(of: run)["i1"]?.status == .failed)
    }

    @Test func recursiveCallsHaveAPythonOfTheirOwn() async throws {
        let fixture = try EngineFixture { request, _ in
            let isChild = request.messages[1].content.contains("The request is in the context itself")
            return EngineFixture.answer(
                isChild
                    ? repl("x = 'child'\nFINAL(context.upper())")
                    : repl("x = 'root'\nr = rlm_query('hi')\nFINAL(r + x)")
            )
        }
        let (result, run) = try await fixture.run(limits: Limits(depth: 2))
        #expect(result.answer == "HIroot")
        let nodes = try fixture.nodes(of: run)
        #expect(nodes["i1.c1"]?.kind == .rlm)
        #expect(nodes["i1.c1.i1.b1"]?.depth == 1)
        #expect(run.deepest == 1)
        #expect(run.usage.completions == 2)
    }

    @Test func atTheDepthLimitRecursionIsAPlainCall() async throws {
        let fixture = try EngineFixture([repl("FINAL(rlm_query('hi'))")])
        let (result, run) = try await fixture.run(limits: Limits(depth: 1))
        #expect(result.answer == "<hi>")
        #expect(try fixture.nodes(of: run)["i1.c1"]?.kind == .llm)
    }

    @Test func theCodeCannotChooseAnotherProvider() async throws {
        let fixture = try EngineFixture([repl("FINAL(llm_query('hi', model='evil/spy'))")])
        let (_, run) = try await fixture.run()
        #expect(try fixture.nodes(of: run)["i1.c1"]?.model == "scripted/evil/spy")
    }

    @Test func subcallsFromThreadsAreAnswered() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                from concurrent.futures import ThreadPoolExecutor
                with ThreadPoolExecutor(4) as pool:
                    got = list(pool.map(llm_query, ['a', 'b', 'c', 'd']))
                FINAL(''.join(got))
                """
            )
        ])
        #expect(try await fixture.run().result.answer == "<a><b><c><d>")
    }

    @Test func theSystemPromptKeepsItsPromises() async throws {
        let fixture = try EngineFixture([
            repl(
                """
                assert isinstance(context, str) and context == context_0
                assert history == []
                assert llm_query('p') == '<p>' and llm_query_batched(['p', 'q']) == ['<p>', '<q>']
                assert rlm_query('p') == '<p>' and rlm_query_batched(['p']) == ['<p>']
                made = [1, 2]
                print(SHOW_VARS())
                try:
                    raise SubcallError('k', 'm')
                except SubcallError as e:
                    assert (e.kind, e.message) == ('k', 'm')
                assert not issubclass(LimitReached, Exception)
                """
            ),
            repl("FINAL_VAR('made')"),
        ])
        let (result, _) = try await fixture.run()
        #expect(result.answer == "[1, 2]")
        #expect(fixture.shown(afterTurn: 1).contains("made"))
        let system = try #require(fixture.client.requests.first?.messages.first)
        for name in [
            "context_0", "history", "llm_query(", "llm_query_batched(", "rlm_query(", "rlm_query_batched(", "SHOW_VARS",
            "answer[\"content\"]", "FINAL(", "FINAL_VAR(", "SubcallError", "BatchError", "LimitReached", "```repl",
        ] {
            #expect(system.content.contains(name), "\(name) is not told of")
        }
    }
}
