import Foundation
import LMClients
import Testing
import Trajectory
import TrajectoryStore

@testable import Engine

/// Models that think aloud, stop in the middle, say nothing, and outgrow their window.
@Suite struct UntidyModelTests {
    @Test func draftsInReasoningNeverRun() async throws {
        let fixture = try EngineFixture([
            "<think>Perhaps\n```repl\nFINAL('draft')\n```\n</think>\nSo:\n```repl\nFINAL('meant')\n```"
        ])
        let (result, run) = try await fixture.run()
        #expect(result.answer == "meant")
        let node = try #require(try fixture.nodes(of: run)["i1"])
        let completion = try #require(try fixture.store.completions(of: node.id).last)
        #expect(completion.reasoning?.contains("draft") == true)
        #expect(completion.response?.contains("draft") == false)
    }

    @Test func aSubcallsReasoningIsNotItsAnswer() async throws {
        let fixture = try EngineFixture { request, _ in
            if request.model == "sub" { return EngineFixture.answer("<think>It may be 3.</think>\n7") }
            return EngineFixture.answer(repl("FINAL(llm_query('how many?'))"))
        }
        #expect(try await fixture.run().result.answer == "7")
    }

    @Test func aBlockThatWasCutOffIsNotRun() async throws {
        let fixture = try EngineFixture { request, number in
            if number > 0 { return EngineFixture.answer(repl("FINAL(x)")) }
            var cut = EngineFixture.answer("```repl\nx = 1\n```\nand\n```repl\nx = 2\nx = 3")
            cut.finishReason = "length"
            return cut
        }
        let (result, _) = try await fixture.run()
        #expect(result.answer == "1")
        #expect(fixture.shown(afterTurn: 1).contains("cut off"))
    }

    @Test func aSubcallsCutAnswerIsDeliveredAndMarked() async throws {
        let fixture = try EngineFixture { request, _ in
            guard request.model == "sub" else { return EngineFixture.answer(repl("FINAL(llm_query('tell me'))")) }
            var cut = EngineFixture.answer("once upon a")
            cut.finishReason = "length"
            return cut
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "once upon a")
        let nodes = try fixture.nodes(of: run)
        #expect(nodes["i1.c1"]?.isCut == true)
        #expect(nodes["i1"]?.isCut == false)
    }

    @Test func aTurnWithoutTextIsAFailedIterationAndToldOnce() async throws {
        let fixture = try EngineFixture { request, number throws(CompletionError) in
            guard number < 3 else { return EngineFixture.answer(repl("FINAL('there')")) }
            throw CompletionError(code: .toolCall, model: "scripted/root", message: "called a tool")
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "there")
        #expect(try fixture.nodes(of: run)["i1"]?.status == .failed)
        let last = try #require(fixture.client.requests.last)
        #expect(last.messages.allSatisfy { !$0.content.isEmpty })
        #expect(last.messages.map(\.content).joined().components(separatedBy: "held no text").count == 2)
    }

    @Test func turnsWithoutTextEndAtMaxErrors() async throws {
        let fixture = try EngineFixture { _, _ throws(CompletionError) in
            throw CompletionError(code: .emptyAnswer, model: "scripted/root", message: "nothing")
        }
        var limits = Limits()
        limits.errors = 3
        let (result, run) = try await fixture.run(limits: limits)
        #expect(result.stopReason == .maxErrors)
        // Three iterations, and the request for a best answer.
        #expect(run.iterations == 4)
    }

    @Test func aSubcallWithoutTextSaysWhich() async throws {
        let fixture = try EngineFixture { request, _ throws(CompletionError) in
            if request.model == "sub" {
                throw CompletionError(code: .contentFilter, model: "scripted/sub", message: "held back")
            }
            return EngineFixture.answer(
                repl("try:\n    llm_query('x')\nexcept SubcallError as error:\n    FINAL(error.kind)"))
        }
        #expect(try await fixture.run().result.answer == "content_filter")
    }

    @Test func olderOutputsAreShortenedWhenTheConversationIsTooLong() async throws {
        let fixture = try EngineFixture { request, _ throws(CompletionError) in
            let length = request.messages.reduce(0) { $0 + $1.content.utf8.count }
            if length > 30_000 {
                throw CompletionError(code: .contextOverflow, model: "scripted/root", message: "too long")
            }
            let turn = request.messages.filter { $0.role == .assistant }.count
            return EngineFixture.answer(turn < 3 ? repl("print('x' * 15000)") : repl("FINAL('done')"))
        }
        let (result, run) = try await fixture.run()
        #expect(result.answer == "done")
        // The store keeps what was printed whole.
        let iteration = try #require(try fixture.nodes(of: run)["i1"])
        guard case .iteration(let id) = iteration.id else { return }
        #expect(try fixture.store.iterationDetail(id).blocks.first?.output.stdout.count == 15_001)
    }

    @Test func aConversationThatNeverFitsEndsWithTheBestAnswerSoFar() async throws {
        let fixture = try EngineFixture { request, number throws(CompletionError) in
            if number == 0 { return EngineFixture.answer(repl("answer['content'] = 'perhaps 7'")) }
            throw CompletionError(code: .contextOverflow, model: "scripted/root", message: "too long")
        }
        let (result, _) = try await fixture.run()
        #expect(result.status == .limited)
        #expect(result.stopReason == .contextOverflow)
        #expect(result.answer == "perhaps 7")
    }

    @Test func anOverflowOfASubcallIsItsError() async throws {
        let fixture = try EngineFixture { request, _ throws(CompletionError) in
            if request.model == "sub" {
                throw CompletionError(
                    code: .contextOverflow, model: "scripted/sub", message: "9000 tokens where 8192 fit")
            }
            return EngineFixture.answer(
                repl(
                    "try:\n    llm_query('x')\nexcept SubcallError as error:\n    FINAL(error.kind + ' ' + error.message)"
                ))
        }
        #expect(try await fixture.run().result.answer == "context_overflow 9000 tokens where 8192 fit")
    }
}
