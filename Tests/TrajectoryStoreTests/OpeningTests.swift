import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

/// Each way a store cannot be used is one sentence with its remedy, and loses nothing.
@Suite struct OpeningTests {
    private func failure(_ path: String, _ access: TrajectoryStore.Access = .readWrite) -> StoreError? {
        do {
            try TrajectoryStore(path: path, access: access, patience: 0.1).close()
            return nil
        } catch { return error as? StoreError }
    }

    @Test func newStoreIsForItsOwnerAlone() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: "\(folder.path)/deep/er/trajectories.sqlite")
        _ = try await store.writer().begin(run: newRun())
        _ = try await store.writer().storeContext(bytes: Data("x".utf8))
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode("\(folder.path)/deep") == 0o700)
        #expect(try mode(store.path) == 0o600)
        #expect(try mode("\(store.path)-wal") == 0o600)
        #expect(try mode(store.contextFolder) == 0o700)
        #expect(store.contextFolder == "\(folder.path)/deep/er/trajectories-contexts/")
        let names = try FileManager.default.contentsOfDirectory(atPath: store.contextFolder)
        #expect(names == ["2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"])
        #expect(try mode(store.contextFolder + names[0]) == 0o600)
        try store.close()
    }

    @Test func newerSchemaIsNotTouched() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        try store.close()
        let connection = try Connection(path: folder.storePath, isReadOnly: false, patience: 1)
        try connection.execute("PRAGMA user_version = 99")
        connection.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.storePath))
        for access in [TrajectoryStore.Access.readWrite, .readOnly] {
            let error = failure(folder.storePath, access)
            #expect(error?.code == .newerVersion)
            #expect(error?.message.contains("schema 99") == true)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.storePath)) == before)
    }

    @Test func olderSchemaIsNotBroughtUpToDateByReading() throws {
        let folder = try TemporaryFolder()
        try TrajectoryStore(path: folder.storePath).close()
        let connection = try Connection(path: folder.storePath, isReadOnly: false, patience: 1)
        try connection.execute("PRAGMA user_version = 0")
        connection.close()
        let error = failure(folder.storePath, .readOnly)
        #expect(error?.code == .readOnly)
        #expect(error?.message.contains("older version") == true)
    }

    @Test func whatIsNoStore() throws {
        let folder = try TemporaryFolder()
        let text = "\(folder.path)/text.sqlite"
        try Data(String(repeating: "no database ", count: 100).utf8).write(to: URL(fileURLWithPath: text))
        #expect(failure(text)?.code == .notADatabase)
        #expect(failure(text, .readOnly)?.code == .notADatabase)
        let foreign = "\(folder.path)/foreign.sqlite"
        try Data().write(to: URL(fileURLWithPath: foreign))
        let connection = try Connection(path: foreign, isReadOnly: false, patience: 1)
        try connection.execute("CREATE TABLE songs(name TEXT)")
        connection.close()
        #expect(failure(foreign)?.code == .notADatabase)
        #expect(failure(foreign)?.message.contains("another program") == true)
        #expect(failure(folder.path)?.code == .cannotOpen)
        #expect(failure(folder.path, .readOnly)?.message.contains("is a folder") == true)
        #expect(failure("\(folder.path)/missing.sqlite", .readOnly)?.code == .cannotOpen)
        #expect(failure("\(text)/below.sqlite")?.code == .cannotOpen)
        #expect(failure("/proc/nowhere/t.sqlite")?.code == .cannotOpen)
    }

    @Test func readOnlyStoreGivesNoWriter() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let run = newRun()
        _ = try await store.writer().begin(run: run)
        let reader = try TrajectoryStore(path: folder.storePath, access: .readOnly)
        #expect(throws: StoreError.self) { try reader.writer() }
        #expect(try reader.run(run.id).question == "Why?")
        try reader.close()
        try store.close()
    }

    /// Readers do not wait for writers.
    @Test func lockedStoreIsReadAllTheSame() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath, access: .readWrite, patience: 0.2)
        let other = try Connection(path: folder.storePath, isReadOnly: false, patience: 1)
        try other.execute("BEGIN IMMEDIATE")
        #expect(try store.runCount() == 0)
        try other.execute("COMMIT")
        other.close()
        try store.close()
    }

    @Test func fullDiskLosesNothingThatWasCommitted() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let root = try await writer.begin(run: newRun())
        try await writer.write { try $0.limitPages(60) }
        var error: StoreError?
        var kept = 0
        for turn in 1...200 where error == nil {
            do {
                let text = String(repeating: "text \(turn) ", count: 2000)
                let (_, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q \(turn)"))
                try await writer.finish(completion: completion, answered(text))
                kept = turn
            } catch let found as StoreError { error = found }
        }
        #expect(error?.code == .diskFull)
        #expect(error?.message.contains("free some space") == true)
        try await writer.write { try $0.limitPages(1_000_000) }
        _ = try await writer.beginIteration(of: root, completion: newCompletion("later"))
        #expect(try store.runs(limit: 1)[0].iterations >= kept + 1)
        #expect(try store.integrityCheck() == [])
        #expect(try store.wrongTotals() == [])
        try store.close()
    }

    @Test func closedStoreThrows() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        try store.close()
        await #expect(throws: StoreError.self) { try await writer.begin(run: newRun()) }
        #expect(throws: StoreError.self) { try store.runCount() }
    }

    @Test func severalProgramsMakeOneStoreAtOnce() async throws {
        let folder = try TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let store = try TrajectoryStore(path: folder.storePath)
                    _ = try await store.writer().begin(run: newRun())
                    try store.close()
                }
            }
            try await group.waitForAll()
        }
        let store = try TrajectoryStore(path: folder.storePath)
        #expect(try store.runCount() == 6)
        try store.close()
    }
}

extension Recorder {
    /// Makes the database full at a number of pages.
    func limitPages(_ count: Int) throws { try connection.execute("PRAGMA max_page_count = \(count)") }
}
