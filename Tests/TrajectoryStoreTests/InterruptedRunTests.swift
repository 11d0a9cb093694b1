import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct InterruptedRunTests {
    @Test func whenAnEngineIsGone() {
        let here = EngineProcess(pid: 10, host: "here", boot: "b1")
        let now = Date(timeIntervalSince1970: 1000)
        func isGone(_ engine: EngineProcess?, age: Double?, alive: Bool) -> Bool {
            EngineProcess.isGone(
                engine,
                heartbeatAt: age.map { now.addingTimeInterval(-$0) },
                now: now,
                here: here
            ) { _ in alive }
        }
        #expect(!isGone(here, age: 2, alive: true))
        #expect(isGone(here, age: 2, alive: false))
        // A process that is there may be suspended or starved; only after an hour has its number come to mean another.
        #expect(!isGone(here, age: 16, alive: true))
        #expect(isGone(here, age: 3601, alive: true))
        #expect(isGone(EngineProcess(pid: 10, host: "here", boot: "b0"), age: 2, alive: true))
        #expect(!isGone(EngineProcess(pid: 10, host: "there", boot: "b0"), age: 2, alive: false))
        #expect(isGone(EngineProcess(pid: 10, host: "there", boot: "b0"), age: 16, alive: true))
        #expect(isGone(nil, age: nil, alive: true))
        #expect(EngineProcess.processExists(Int(getpid())))
        #expect(!EngineProcess.processExists(0) && !EngineProcess.processExists(Int.max))
    }

    @Test func itsRunAndNodesShowIt() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.beginBlock(in: iteration, ordinal: 1, code: "x")
        _ = try await writer.beginCalls([llmCall(in: iteration, "a")])
        #expect(try store.run(run.id).status == .running)
        #expect(try store.run(run.id).calls == CallCounts(queued: 1, running: 1))
        try await writer.write { recorder in
            try recorder.connection.execute("UPDATE run SET heartbeat_at = heartbeat_at - 3601")
        }
        let found = try store.run(run.id)
        #expect(found.status == .cancelled && found.stopReason == .interrupted)
        #expect(found.calls == CallCounts(done: 2, cancelled: 2))
        #expect(try store.runs(limit: 1)[0] == found)
        var statuses: [Status] = []
        try store.walk(run: run.id) { statuses.append($0.status) }
        #expect(statuses == [.cancelled, .cancelled, .cancelled, .cancelled])
        writer.enqueueHeartbeat(run: run.id)
        try await writer.flush()
        #expect(try store.run(run.id).status == .running)
        try store.close()
    }
}
