import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct ClosingTests {
    @Test func leavesOneFileAndTheContexts() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        _ = try await writer.begin(run: run)
        // A reader's connection is open when the store is closed.
        _ = try store.run(run.id)
        #expect(FileManager.default.fileExists(atPath: folder.storePath + "-wal"))
        try store.close()
        #expect(!FileManager.default.fileExists(atPath: folder.storePath + "-wal"))
        let again = try TrajectoryStore(path: folder.storePath)
        #expect(try again.run(run.id).question == run.question)
        try again.close()
    }
}
