import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct ForkTests {
    /// A run of three iterations with a block and two sub-calls each.
    private func original(in store: TrajectoryStore) async throws -> NewRun {
        let writer = try store.writer()
        var run = newRun(question: "How many?")
        run.hashSeed = .max
        run.randomSeed = .max - 1
        run.notices = ["passed over: a.bin"]
        let root = try await writer.begin(run: run)
        for turn in 1...3 { try await iterate(turn, of: root, in: writer) }
        try await writer.finish(run: run.id, status: .succeeded, stopReason: .answered, answer: "3", failure: nil)
        return run
    }

    @discardableResult
    private func iterate(
        _ turn: Int,
        of call: CallID,
        in writer: TrajectoryWriter,
        origin: Origin = .live
    ) async throws -> IterationID {
        var new = newCompletion("turn \(turn)")
        new.origin = origin
        let (iteration, completion) = try await writer.beginIteration(of: call, completion: new)
        try await writer.finish(completion: completion, answered("code \(turn)"))
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "ask(\(turn))")
        var calls = [
            llmCall(in: iteration, "a\(turn)", block: block, batch: 1),
            llmCall(in: iteration, "b\(turn)", block: block, batch: 1),
        ]
        for index in calls.indices { calls[index].completion?.origin = origin }
        for (number, call) in try await writer.beginCalls(calls).enumerated() {
            try await writer.finish(call: call.call, completion: call.completion!, answered("\(turn).\(number)"))
        }
        try await writer.finish(
            block: block,
            BlockRecord(
                status: .succeeded, output: Output(stdout: "\(turn)"), stdoutHash: Data(repeating: 7, count: 32))
        )
        try await writer.finish(iteration: iteration, status: .succeeded)
        return iteration
    }

    private func fork(_ run: NewRun, at address: String, in store: TrajectoryStore) async throws -> (NewRun, CallID) {
        var fork = newRun(question: run.question)
        fork.forkedFrom = run.id
        fork.forkedAt = try Address(address)
        fork.change = #"{"prompt":"other"}"#
        fork.name = "careful"
        return (fork, try await store.writer().begin(run: fork))
    }

    @Test func forkSharesWhatLiesBeforeItsAddress() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let run = try await original(in: store)
        let (fork, root) = try await fork(run, at: "i3.c1", in: store)
        try await iterate(9, of: root, in: store.writer(), origin: .recorded)
        var nodes: [String] = []
        try store.walk(run: fork.id) { nodes.append("\($0.address) \($0.title)") }
        #expect(nodes.count == 1 + 3 * 4)
        #expect(nodes[1] == "i1 ask(1)" && nodes[9] == "i3 ask(9)" && nodes[11] == "i3.c1 a9")
        let found = try store.run(fork.id)
        #expect(found.forkedFrom == run.id && found.forkedAt == fork.forkedAt && found.change == fork.change)
        #expect(found.name == "careful" && found.iterations == 3)
        // Calls are counted as the tree shows them; what was recorded or shared is not paid again.
        #expect(found.calls.total == 7)
        #expect(found.usage.completions == 0)
        #expect(try store.node(at: try Address("i3.c1"), in: fork.id).own == UsageTotal())
        let first = try store.run(run.id)
        #expect(first.hashSeed == .max && first.randomSeed == .max - 1 && first.notices == run.notices)
        #expect(first.calls.total == 7 && first.usage.completions == 9)
        #expect(try store.wrongTotals() == [])
        await #expect(throws: StoreError.self) { try await self.fork(run, at: "i9", in: store) }
        try store.close()
    }

    @Test func forkOfAForkSharesWithBoth() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let run = try await original(in: store)
        let (fork, root) = try await fork(run, at: "i2", in: store)
        let writer = try store.writer()
        try await iterate(12, of: root, in: writer)
        try await iterate(13, of: root, in: writer)
        let (second, secondRoot) = try await self.fork(fork, at: "i3.b1", in: store)
        try await iterate(23, of: secondRoot, in: writer)
        let titles = try store.children(of: try store.root(of: second.id)).map(\.title)
        #expect(titles == ["ask(1)", "ask(12)", "ask(23)"])
        #expect(try store.run(second.id).calls.total == 7)
        #expect(try store.family(of: fork.id).map(\.id) == [run.id, fork.id, second.id])
        #expect(try store.ancestors(of: second.id).map(\.id) == [fork.id, run.id])
        #expect(try store.wrongTotals() == [])
        var recorded: [String] = []
        try store.recordedIterations(of: secondRoot) { iteration in
            recorded.append("\(iteration.ordinal) \(iteration.response ?? "") \(iteration.blocks.map(\.calls.count))")
        }
        #expect(recorded == ["1 code 1 [2]", "2 code 12 [2]", "3 code 23 [2]"])
        // A problem of a shared iteration is one of the fork, at the same address.
        let failed = try store.node(at: try Address("i1.c2"), in: run.id)
        try await writer.setFreshness(.diverged, of: [failed.id])
        #expect(try store.problems(in: second.id).map(\.description) == ["i1.c2"])
        let hidden = try store.node(at: try Address("i3.c2"), in: run.id)
        try await writer.setFreshness(.diverged, of: [hidden.id])
        #expect(try store.problems(in: fork.id).map(\.description) == ["i1.c2"])
        try store.close()
    }

    @Test func nestedPathIsSharedToo() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        var deep = llmCall(in: iteration, "deep")
        deep.kind = .rlm
        deep.completion = nil
        let child = try await writer.beginCalls([deep])[0]
        for turn in 1...3 { try await iterate(turn, of: child.call, in: writer) }
        let (fork, forkRoot) = try await fork(run, at: "i1.c1.i3", in: store)
        let (again, _) = try await writer.beginIteration(of: forkRoot, completion: newCompletion("q"))
        var copy = deep
        copy.iteration = again
        copy.shared = SharedIterations(call: child.call, iterations: 2)
        let twin = try await writer.beginCalls([copy])[0]
        try await iterate(33, of: twin.call, in: writer)
        let node = try store.node(at: try Address("i1.c1"), in: fork.id)
        #expect(try store.children(of: node).map(\.title) == ["ask(1)", "ask(2)", "ask(33)"])
        #expect(try store.run(fork.id).calls.total == 1 + 1 + 6)
        #expect(try store.wrongTotals() == [])
        try store.close()
    }

    @Test func recordingHasWhatARebuildNeeds() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("one", "two"))
        var response = answered("code")
        response.reasoning = "hm"
        try await writer.finish(completion: completion, response)
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "x = ask()")
        var call = llmCall(in: iteration, "a", block: block, batch: 4)
        call.completion?.requestKey = Data(repeating: 9, count: 32)
        let started = try await writer.beginCalls([call, llmCall(in: iteration, "b", block: block)])
        try await writer.finish(call: started[0].call, completion: started[0].completion!, answered("yes"))
        let failure = Failure(kind: "timeout", message: "no answer")
        try await writer.finish(
            call: started[1].call,
            completion: started[1].completion!,
            CompletionResult(response: nil, status: .failed, failure: failure)
        )
        try await writer.finish(
            block: block,
            BlockRecord(
                status: .succeeded, output: Output(stdout: "o"), stdoutHash: Data(repeating: 1, count: 32), answer: "A")
        )
        var found: [RecordedIteration] = []
        try store.recordedIterations(of: root) { found.append($0) }
        let recorded = try #require(found.first)
        #expect(recorded.response == "code" && recorded.reasoning == "hm")
        let messages = try store.messages(sentBy: try #require(recorded.completion))
        #expect(messages.map(\.content) == ["one", "two"])
        let first = try #require(recorded.blocks.first)
        #expect(first.code == "x = ask()" && first.answer == "A" && first.stdoutHash == Data(repeating: 1, count: 32))
        #expect(first.calls.map(\.answer) == ["yes", nil])
        #expect(first.calls.map(\.failure) == [nil, failure])
        #expect(first.calls[0].requestKey == Data(repeating: 9, count: 32) && first.calls[0].batch == 4)
        try store.close()
    }
}
