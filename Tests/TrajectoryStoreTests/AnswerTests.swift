import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

/// What completions and blocks keep beside their text.
@Suite struct AnswerTests {
    @Test func reasoningIsKeptApartAndCutAnswersAreMarked() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        var result = answered("half an ans")
        result.reasoning = "let me think"
        result.finishReason = "length"
        try await writer.finish(completion: completion, result)
        let call = try await writer.beginCalls([llmCall(in: iteration, "a"), llmCall(in: iteration, "b")])
        try await writer.finish(call: call[0].call, completion: call[0].completion!, result)
        try await writer.finish(call: call[1].call, completion: call[1].completion!, answered("whole"))
        let node = try store.node(at: try Address("i1"), in: run.id)
        #expect(node.isCut)
        #expect(try store.children(of: node).map(\.isCut) == [true, false])
        let detail = try #require(try store.iterationDetail(iteration).completion)
        #expect(detail.reasoning == "let me think" && detail.response == "half an ans" && detail.isCut)
        try store.close()
    }

    @Test func blockKeepsItsStreamsTheirHashesAndItsAnswer() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let root = try await writer.begin(run: newRun())
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "print('字' * 700_000)")
        let output = String(repeating: "字", count: 700_000)
        try await writer.finish(
            block: block,
            BlockRecord(
                status: .succeeded,
                output: Output(stdout: output),
                stdoutHash: Data(repeating: 1, count: 32),
                stderrHash: Data(repeating: 2, count: 32),
                answer: "42"
            )
        )
        let found = try store.iterationDetail(iteration).blocks[0]
        #expect(found.output.stdout == output)
        #expect(found.stdoutHash == Data(repeating: 1, count: 32) && found.stderrHash == Data(repeating: 2, count: 32))
        #expect(found.answer == "42")
        try store.close()
    }

    @Test func attemptsOfABlockLeaveTheFirstAsItWas() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let first = try await writer.beginBlock(in: iteration, ordinal: 1, code: "one()")
        try await writer.finish(block: first, BlockRecord(status: .succeeded, output: Output(stdout: "1")))
        let aside = try await writer.beginAttempt(of: first, code: "two()", isCurrent: false)
        try await writer.finish(block: aside, BlockRecord(status: .failed, output: Output(stdout: "2")))
        #expect(try store.iterationDetail(iteration).blocks.map(\.code) == ["one()"])
        #expect(try store.attempts(of: first).map(\.code) == ["one()", "two()"])
        #expect(try store.node(at: try Address("i1.b1@2"), in: run.id).status == .failed)
        #expect(try store.problems(in: run.id) == [])
        let third = try await writer.beginAttempt(of: aside, code: "three()")
        #expect(try store.iterationDetail(iteration).blocks.map(\.id) == [third])
        #expect(try store.attempts(of: third).map(\.attempt) == [1, 2, 3])
        try store.close()
    }

    @Test func attemptAsideChangesNothingThatIsShown() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let call = try await writer.beginCalls([llmCall(in: iteration, "a")])[0]
        try await writer.finish(call: call.call, completion: call.completion!, answered("first"))
        let again = try await writer.beginAttempt(
            of: .call(call.call), completion: newCompletion("other"), isCurrent: false
        )
        #expect(try store.run(run.id).requestsInFlight == 2)
        try await writer.finish(completion: again, answered("second"))
        let node = try store.node(at: try Address("i1.c1"), in: run.id)
        #expect(node.preview == "first" && node.attempts == 2)
        #expect(try store.answer(of: call.call) == "first")
        #expect(try store.completions(of: node.id).map(\.response) == ["first", "second"])
        #expect(try store.run(run.id).usage.completions == 2)
        try store.close()
    }

    @Test func answersFetchedAheadAreGivenToTheCallThatAsks() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        var ahead: [CompletionID] = []
        for number in 0..<3 {
            ahead.append(
                try await writer.beginAhead(
                    in: run.id,
                    completion: NewCompletion(
                        model: "test/sub", messages: [Message(role: .user, content: "p\(number)")], origin: .ahead))
            )
        }
        #expect(try store.run(run.id).requestsInFlight == 4)
        try await writer.finish(completion: ahead[0], answered("zero"))
        var call = llmCall(in: iteration, "p0")
        call.completion = nil
        call.ahead = ahead[0]
        var other = llmCall(in: iteration, "p1")
        other.completion = nil
        other.ahead = ahead[1]
        let started = try await writer.beginCalls([call, other])
        try await writer.finish(call: started[0].call, status: .succeeded, answer: "zero", failure: nil)
        try await writer.finish(call: started[1].call, completion: ahead[1], answered("one"))
        let nodes = try store.children(of: try store.node(at: try Address("i1"), in: run.id))
        #expect(nodes.map(\.origin) == [.ahead, .ahead])
        #expect(nodes.map(\.own.known.inputTokens) == [10, 10])
        #expect(nodes.map(\.preview) == ["zero", "one"])
        let counts = try store.aheadCounts(in: run.id)
        #expect(counts.used == 2 && counts.unused == 1)
        // One answer goes to one call.
        await #expect(throws: StoreError.self) { try await writer.beginCalls([call]) }
        #expect(try store.wrongTotals() == [])
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    @Test func requestsAreCountedAndContainersAreNot() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        try await writer.finish(completion: completion, answered("code"))
        var child = llmCall(in: iteration, "deep")
        child.kind = .rlm
        child.completion = nil
        let calls = try await writer.beginCalls([child, llmCall(in: iteration, "a"), llmCall(in: iteration, "b")])
        for call in calls { writer.enqueueStart(call: call.call) }
        _ = try await writer.beginIteration(of: calls[0].call, completion: newCompletion("deeper"))
        let found = try store.run(run.id)
        #expect(found.calls.running == 4 && found.requestsInFlight == 3)
        try await writer.finish(
            call: calls[1].call,
            completion: calls[1].completion!,
            CompletionResult(response: nil, status: .cancelled, failure: Failure(kind: "cancelled", message: "c"))
        )
        let later = try store.run(run.id)
        #expect(later.requestsInFlight == 2)
        #expect(later.calls.cancelled == 1 && later.calls.succeeded == 0 && later.calls.failed == 0)
        try store.close()
    }
}
