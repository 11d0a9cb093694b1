import Foundation
import Synchronization
import Testing
import Trajectory

@testable import TrajectoryStore

/// Another program that holds the store delays what is written, and loses nothing of it.
@Suite struct WaitingTests {
    /// What observers were shown of `waiting`, each once.
    private final class Seen: Sendable {
        let states = Mutex<[String?]>([])

        func add(_ state: String?) { states.withLock { if $0.last != .some(state) { $0.append(state) } } }
    }

    private func holding(_ folder: TemporaryFolder) throws -> Connection {
        let other = try Connection(path: folder.storePath, isReadOnly: false, patience: 1)
        try other.execute("BEGIN IMMEDIATE")
        return other
    }

    private func eventually(_ condition: () throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !condition() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    @Test func groupIsKeptUntilTheStoreIsFree() async throws {
        let folder = try TemporaryFolder()
        // Longer than any patience with which a connection was opened.
        let store = try TrajectoryStore(path: folder.storePath, access: .readWrite, patience: 0.2)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let seen = Seen()
        let observation = store.observe { [weak store] _ in seen.add(store?.waiting) }
        let other = try holding(folder)
        async let paid: Void = writer.finish(completion: completion, answered("dear"))
        async let calls = writer.beginCalls([llmCall(in: iteration, "a")])
        #expect(try await eventually { store.waiting != nil })
        #expect(store.waiting?.contains("another program") == true && store.waiting?.contains(folder.path) == true)
        try await Task.sleep(for: .milliseconds(600))
        #expect(try store.completions(of: .iteration(iteration)).last?.response == nil)
        try other.execute("COMMIT")
        try await paid
        _ = try await calls
        #expect(store.waiting == nil)
        #expect(try store.completions(of: .iteration(iteration)).last?.response == "dear")
        #expect(seen.states.withLock { $0.contains { $0 != nil } && $0.last == .some(nil) })
        #expect(try store.wrongTotals() == [])
        observation.cancel()
        other.close()
        try store.close()
    }

    @Test func whoGivesUpIsToldInTime() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        _ = try await writer.begin(run: newRun())
        let other = try holding(folder)
        let start = ContinuousClock.now
        let lost = Task { try await writer.begin(run: newRun()) }
        #expect(try await eventually { store.waiting != nil })
        writer.giveUpWaiting()
        let error = await #expect(throws: StoreError.self) { try await lost.value }
        #expect(error?.code == .locked)
        #expect(store.waiting == nil)
        // What comes afterwards is tried, and not waited for.
        await #expect(throws: StoreError.self) { try await writer.begin(run: newRun()) }
        #expect(ContinuousClock.now - start < .seconds(15))
        try other.execute("COMMIT")
        _ = try await writer.begin(run: newRun())
        #expect(try store.runCount() == 2)
        // Having written, it waits again as long as it takes.
        try other.execute("BEGIN IMMEDIATE")
        async let kept = writer.begin(run: newRun())
        try await Task.sleep(for: .seconds(GroupCommit.lastPatience + 1))
        try other.execute("COMMIT")
        _ = try await kept
        other.close()
        try store.close()
    }
}
