import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct ProblemTests {
    /// Two iterations of one block and six calls, some of which went wrong.
    private func run(in store: TrajectoryStore) async throws -> NewRun {
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let ends: [[Status]] = [
            [.succeeded, .failed, .succeeded, .cancelled, .succeeded, .succeeded],
            [.succeeded, .succeeded, .limited, .succeeded, .succeeded, .failed],
        ]
        for (turn, statuses) in ends.enumerated() {
            let (iteration, completion) = try await writer.beginIteration(
                of: root, completion: newCompletion("t\(turn)"))
            try await writer.finish(completion: completion, answered("r"))
            let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "go()")
            let calls = try await writer.beginCalls(statuses.map { llmCall(in: iteration, "\($0)", block: block) })
            for (call, status) in zip(calls, statuses) {
                try await writer.finish(
                    call: call.call,
                    completion: call.completion!,
                    CompletionResult(response: status == .succeeded ? "a" : nil, status: status)
                )
            }
            let status: Status = turn == 1 ? .failed : .succeeded
            try await writer.finish(block: block, BlockRecord(status: status, output: Output()))
            try await writer.finish(iteration: iteration, status: status)
        }
        return run
    }

    @Test func nextProblemGoesThroughTheTreeInOrder() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let run = try await run(in: store)
        let expected = ["i1.c2", "i1.c4", "i2", "i2.b1", "i2.c3", "i2.c6"]
        #expect(try store.problems(in: run.id).map(\.description) == expected)
        #expect(try store.problemCounts(in: run.id) == [.failed: 4, .cancelled: 1, .limited: 1])
        var here = Address.root
        var seen: [String] = []
        for _ in 0..<7 {
            let next = try #require(try store.nextProblem(after: here, in: run.id))
            seen.append("\(next.address) \(next.index)/\(next.count)\(next.isWrapped ? " wrapped" : "")")
            #expect(try store.node(at: next.address, in: run.id).id == next.id)
            here = next.address
        }
        #expect(seen == expected.enumerated().map { "\($1) \($0 + 1)/6" } + ["i1.c2 1/6 wrapped"])
        let back = try #require(try store.nextProblem(after: try Address("i2.c1"), in: run.id, backwards: true))
        #expect(back.address.description == "i2.b1" && back.index == 4)
        let round = try #require(try store.nextProblem(after: .root, in: run.id, backwards: true))
        #expect(round.address.description == "i2.c6" && round.isWrapped)
        // Where blocks have no rows of their own, a failed one and its iteration are one place.
        #expect(try store.problemCounts(in: run.id, blocksApart: false) == [.failed: 3, .cancelled: 1, .limited: 1])
        let merged = try #require(try store.nextProblem(after: try Address("i2"), in: run.id, blocksApart: false))
        #expect(merged.address.description == "i2.c3" && merged.index == 4 && merged.count == 5)
        let iteration = try store.node(at: try Address("i1"), in: run.id)
        guard case .iteration(let id) = iteration.id else { return }
        #expect(try store.unsettledCalls(of: id, before: 5, limit: 5)?.map(\.ordinal) == [2, 4])
        #expect(try store.unsettledCalls(of: id, before: 5, limit: 1) == nil)
        try store.close()
    }

    @Test func interruptedRunHasWhatNeverEnded() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.beginCalls([llmCall(in: iteration, "a")])
        #expect(try store.problems(in: run.id) == [])
        #expect(try store.nextProblem(after: .root, in: run.id) == nil)
        try await writer.write {
            try $0.connection.execute("UPDATE run SET heartbeat_at = heartbeat_at - 3601")
        }
        #expect(try store.problemCounts(in: run.id) == [.cancelled: 3])
        try store.close()
    }

    @Test func noQueryOfProblemsScansATable() throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        for sql in TrajectoryStore.problemStatements {
            let plan = try store.readers.read { connection in
                let statement = try connection.prepare("EXPLAIN QUERY PLAN \(sql)")
                defer { statement.finalize() }
                return try statement.rows { $0.text(3) }
            }
            #expect(plan.contains { $0.contains("_by_problem") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
        }
        try store.close()
    }

    @Test func changeMakesStaleWhatFollowsFromIt() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        var blocks: [BlockID] = []
        for turn in 1...2 {
            let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("t\(turn)"))
            for ordinal in 1...2 {
                let block = try await writer.beginBlock(in: iteration, ordinal: ordinal, code: "go()")
                blocks.append(block)
                let calls = try await writer.beginCalls([
                    llmCall(in: iteration, "a", block: block, batch: ordinal),
                    llmCall(in: iteration, "b", block: block, batch: ordinal),
                    llmCall(in: iteration, "c", block: block),
                ])
                for call in calls {
                    try await writer.finish(call: call.call, completion: call.completion!, answered("x"))
                }
                try await writer.finish(block: block, BlockRecord(status: .succeeded, output: Output()))
            }
            try await writer.finish(iteration: iteration, status: .succeeded)
        }
        try await writer.finish(run: run.id, status: .succeeded, stopReason: .answered, answer: "1", failure: nil)
        let changed = try store.node(at: try Address("i1.c1"), in: run.id)
        try await writer.markStale(after: changed.id)
        var stale: [String] = []
        try store.walk(run: run.id) { if $0.freshness == .stale { stale.append($0.address.description) } }
        #expect(
            stale == [
                "root", "i1", "i1.b1", "i1.b2", "i1.c3", "i1.c4", "i1.c5", "i1.c6", "i2", "i2.b1", "i2.b2", "i2.c1",
                "i2.c2", "i2.c3", "i2.c4", "i2.c5", "i2.c6",
            ]
        )
        #expect(try store.problemCounts(in: run.id) == [.stale: 17])
        try await writer.setFreshness(
            .fresh, of: try store.problems(in: run.id).map { try store.node(at: $0, in: run.id).id })
        #expect(try store.problems(in: run.id) == [])
        try await writer.markStale(after: .block(blocks[3]))
        #expect(try store.problems(in: run.id).map(\.description) == ["root", "i2.c4", "i2.c5", "i2.c6"])
        try store.close()
    }

    @Test func holdsAreStoredDecidedOnceAndSurvive() async throws {
        let folder = try TemporaryFolder()
        var store = try TrajectoryStore(path: folder.storePath)
        var writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        try await writer.finish(completion: completion, answered("code"))
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "go()")
        let calls = try await writer.beginCalls((0..<3).map { llmCall(in: iteration, "ask \($0)", block: block) })
        writer.enqueueStart(call: calls[2].call)
        _ = try await writer.hold(.block(block), stage: .beforeRun, rule: "block", preview: "go()\nnow")
        let before = try await writer.hold(
            .call(calls[0].call), completion: calls[0].completion, stage: .beforeSend, rule: "depth>0", preview: "ask 0"
        )
        let after = try await writer.hold(
            .call(calls[2].call), completion: calls[2].completion, stage: .beforeDeliver, rule: "/yes/", preview: "yes",
            result: answered("yes"))
        #expect(try store.run(run.id).calls.held == 2 && store.run(run.id).requestsInFlight == 0)
        try store.close()

        store = try TrajectoryStore(path: folder.storePath)
        writer = try store.writer()
        let holds = try store.holds(in: run.id, isOpen: true)
        #expect(holds.map(\.address.description) == ["i1.b1", "i1.c1", "i1.c3"])
        #expect(holds.map(\.stage) == [.beforeRun, .beforeSend, .beforeDeliver])
        #expect(holds.map(\.rule) == ["block", "depth>0", "/yes/"] && holds[0].preview == "go() now")
        // What was paid before it was held is there.
        #expect(try store.completions(of: .call(calls[2].call)).first?.response == "yes")
        #expect(try store.problemCounts(in: run.id) == [.held: 3])
        #expect(try await writer.decide([before], .answer("by hand"), change: "{}") == [before])
        #expect(try await writer.decide([before, after], .drop) == [after])
        let decided = try store.holds(in: run.id, isOpen: false)
        #expect(decided.map(\.decision) == [.answer("by hand"), .drop] && decided[0].change == "{}")
        #expect(try store.holds(in: run.id, isOpen: true).map(\.address.description) == ["i1.b1"])
        let found = try store.run(run.id)
        #expect(found.calls.held == 0 && found.calls.queued == 2)
        try await writer.finish(
            call: calls[2].call, status: .failed, answer: nil, failure: Failure(kind: "dropped", message: "d"))
        #expect(try store.wrongTotals() == [])
        try store.close()
    }

    @Test func aThousandHoldsGoAtOnce() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let calls = try await writer.beginCalls((0..<1000).map { llmCall(in: iteration, "ask \($0)") })
        let holds = try await withThrowingTaskGroup(of: HoldID.self) { group in
            for call in calls {
                group.addTask {
                    try await writer.hold(
                        .call(call.call), completion: call.completion, stage: .beforeSend, rule: "all", preview: "p")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let start = ContinuousClock.now
        #expect(try await writer.decide(holds, .release).count == 1000)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try store.run(run.id).calls.queued == 1000)
        try store.close()
    }
}
