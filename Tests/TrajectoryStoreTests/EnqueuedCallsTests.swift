import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

/// Sub-calls that get their ids before they are written.
@Suite struct EnqueuedCallsTests {
    @Test func idsAndPlacesAreThoseThatAreWritten() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let started = try await withThrowingTaskGroup(of: [StartedCall].self) { group in
            for task in 0..<40 {
                group.addTask {
                    let calls = (0...(task % 4)).map { llmCall(in: iteration, "ask \(task) \($0)") }
                    let isAwaited = task.isMultiple(of: 3)
                    let started =
                        isAwaited ? try await writer.beginCalls(calls) : try await writer.enqueueBeginCalls(calls)
                    for (call, number) in zip(started, 0...) {
                        writer.enqueueStart(call: call.call)
                        try await writer.finish(
                            call: call.call, completion: call.completion!, answered("\(task) \(number)"))
                    }
                    return started
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(started.map(\.ordinal)) == Set(1...started.count))
        let nodes = try store.children(of: try store.node(at: try Address("i1"), in: run.id))
        #expect(nodes.count == started.count)
        for call in started {
            let node = nodes[call.ordinal - 1]
            #expect(node.id == .call(call.call) && node.status == .succeeded)
            #expect(node.title == "ask \(node.preview)")
        }
        #expect(try store.wrongTotals() == [])
        try store.close()
    }

    @Test func batchesMayBeLargerThanTheIdsAtHand() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let calls = (0..<6000).map { llmCall(in: iteration, "ask \($0)") }
        for _ in 0..<2 { #expect(try await writer.beginCalls(calls).count == 6000) }
        #expect(try await writer.enqueueBeginCalls(calls).last?.ordinal == 18_000)
        try await writer.flush()
        #expect(try store.run(run.id).calls.queued == 18_000)
        try store.close()
    }

    /// An answer that is there brings its call with it, in one commit.
    @Test func beginAndEndOfACallAreOneCommit() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let root = try await writer.begin(run: newRun())
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.enqueueBeginCalls([llmCall(in: iteration, "first")])
        try await writer.flush()
        let commits = Counter()
        let observation = store.observe { _ in commits.add() }
        for number in 0..<20 {
            let call = try await writer.enqueueBeginCalls([llmCall(in: iteration, "ask \(number)")])[0]
            writer.enqueueStart(call: call.call)
            try await writer.finish(call: call.call, completion: call.completion!, answered("a"))
        }
        #expect(commits.count == 20)
        observation.cancel()
        try store.close()
    }

    @Test func twoProgramsNeverGiveOutTheSameId() async throws {
        let folder = try TemporaryFolder()
        let stores = try (0..<2).map { _ in try TrajectoryStore(path: folder.storePath) }
        let started = try await withThrowingTaskGroup(of: [CallID].self) { group in
            for store in stores {
                group.addTask {
                    let writer = try store.writer()
                    let root = try await writer.begin(run: newRun())
                    var ids: [CallID] = []
                    for turn in 0..<60 {
                        let (iteration, _) = try await writer.beginIteration(
                            of: root, completion: newCompletion("turn \(turn)"))
                        ids += try await writer.enqueueBeginCalls(
                            (0..<90).map { llmCall(in: iteration, "\(turn) \($0)") }
                        )
                        .map(\.call)
                    }
                    try await writer.flush()
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(started).count == 2 * 60 * 90)
        #expect(try stores[0].wrongTotals() == [])
        #expect(try stores[0].integrityCheck() == [])
        for store in stores { try store.close() }
    }

    /// A resumed run goes on in an iteration that another process began.
    @Test func numbersGoOnInAnIterationOfBefore() async throws {
        let folder = try TemporaryFolder()
        let run = newRun()
        var iteration = IterationID(rawValue: 0)
        do {
            let store = try TrajectoryStore(path: folder.storePath)
            let writer = try store.writer()
            let root = try await writer.begin(run: run)
            (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
            _ = try await writer.beginCalls([llmCall(in: iteration, "a"), llmCall(in: iteration, "b")])
            try store.close()
        }
        let store = try TrajectoryStore(path: folder.storePath)
        let started = try await store.writer().enqueueBeginCalls([llmCall(in: iteration, "c")])
        #expect(started.map(\.ordinal) == [3])
        try await store.writer().flush()
        #expect(
            try store.children(of: try store.node(at: try Address("i1"), in: run.id)).map(\.title) == ["a", "b", "c"])
        try store.close()
    }
}

final class Counter: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private let lock = NSLock()
    private var value = 0

    func add() { lock.withLock { value += 1 } }

    var count: Int { lock.withLock { value } }
}
