import Foundation
import Synchronization
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct WatchingTests {
    @Test func observersHearOfCommittedRuns() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let heard = Mutex<Set<RunID>>([])
        let observation = store.observe { runs in heard.withLock { $0.formUnion(runs) } }
        let first = newRun(), second = newRun()
        _ = try await writer.begin(run: first)
        #expect(heard.withLock { $0 } == [first.id])
        observation.cancel()
        _ = try await writer.begin(run: second)
        #expect(heard.withLock { $0 } == [first.id])
        try store.close()
    }

    @Test func foreignCommitsAreSeenAndOwnOnesAreNot() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let other = try TrajectoryStore(path: folder.storePath)
        let reader = try TrajectoryStore(path: folder.storePath, access: .readOnly)
        #expect(!store.hasForeignChange() && !reader.hasForeignChange())
        let run = newRun()
        _ = try await other.writer().begin(run: run)
        #expect(store.hasForeignChange() && reader.hasForeignChange())
        #expect(!store.hasForeignChange() && !reader.hasForeignChange())
        #expect(try store.run(run.id).question == "Why?")
        _ = try await store.writer().begin(run: newRun())
        #expect(!store.hasForeignChange())
        _ = try await other.writer().begin(run: newRun())
        // Seen by the next transaction, if not by asking.
        _ = try await store.writer().begin(run: newRun())
        let heard = Mutex(0)
        let observation = store.observe { runs in if runs.isEmpty { heard.withLock { $0 += 1 } } }
        #expect(store.pollForeignChanges())
        #expect(!store.pollForeignChanges())
        #expect(heard.withLock { $0 } == 1)
        observation.cancel()
        for one in [store, other, reader] { try one.close() }
    }

    @Test func writersOfSeveralStoresTakeTurns() async throws {
        let folder = try TemporaryFolder()
        let stores = try (0..<3).map { _ in try TrajectoryStore(path: folder.storePath) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, store) in stores.enumerated() {
                group.addTask {
                    let writer = try store.writer()
                    let root = try await writer.begin(run: newRun())
                    for turn in 0..<20 {
                        let (_, completion) = try await writer.beginIteration(
                            of: root,
                            completion: newCompletion("shared", "turn \(turn)")
                        )
                        try await writer.finish(completion: completion, answered("same \(turn % 3) \(index % 2)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try stores[0].runs(limit: 9).map(\.iterations) == [20, 20, 20])
        #expect(try stores[0].wrongTotals() == [])
        #expect(try stores[0].integrityCheck() == [])
        for store in stores { try store.close() }
    }

    @Test func theWriterIsOne() throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        #expect(try store.writer() === store.writer())
        try store.close()
    }

    @Test func aWriterOutlivesItsStore() async throws {
        let folder = try TemporaryFolder()
        let writer = try TrajectoryStore(path: folder.storePath).writer()
        _ = try await writer.begin(run: newRun())
        let store = try TrajectoryStore(path: folder.storePath, access: .readOnly)
        #expect(try store.runCount() == 1)
        try store.close()
    }
}
