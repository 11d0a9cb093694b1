import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

/// The store's files are taken away while it is written: noticed at the next commit, and nothing recorded is lost.
@Suite struct LostFileTests {
    private let folder: TemporaryFolder
    private let store: TrajectoryStore
    private let writer: TrajectoryWriter
    private let run = newRun(question: "What was paid?")
    private let iteration: IterationID
    private let completion: CompletionID

    init() async throws {
        folder = try TemporaryFolder()
        let inner = "\(folder.path)/inner"
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        store = try TrajectoryStore(path: "\(inner)/trajectories.sqlite")
        writer = try store.writer()
        _ = try await writer.storeContext(bytes: Data("the context".utf8))
        let root = try await writer.begin(run: run)
        (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try store.run(run.id)
    }

    private var inner: String { (store.path as NSString).deletingLastPathComponent }

    private func finish() async throws { try await writer.finish(completion: completion, answered("dear")) }

    /// All is at the store's path, for this process and for others.
    private func expectWhole() async throws {
        #expect(store.notices.count == 1 && store.notices[0].contains("brought back"), "\(store.notices)")
        #expect(try store.completions(of: .iteration(iteration)).last?.response == "dear")
        let started = try await writer.beginCalls([llmCall(in: iteration, "a")])
        try await writer.finish(call: started[0].call, status: .succeeded, answer: "b", failure: nil)
        let other = try TrajectoryStore(path: store.path, access: .readOnly)
        #expect(try other.completions(of: .iteration(iteration)).last?.response == "dear")
        #expect(try other.run(run.id).calls.done == 1)
        #expect(try other.integrityCheck() == [] && store.wrongTotals() == [])
        try other.close()
        try store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: inner).filter { !$0.hasSuffix("-contexts") }
        #expect(names == ["trajectories.sqlite"])
    }

    @Test func deletedFileIsBroughtBack() async throws {
        try FileManager.default.removeItem(atPath: store.path)
        try await finish()
        try await expectWhole()
    }

    @Test func allFilesDeleted() async throws {
        for name in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: store.path + name) }
        try await finish()
        try await expectWhole()
    }

    @Test func folderRemoved() async throws {
        try FileManager.default.removeItem(atPath: inner)
        try await finish()
        try await expectWhole()
    }

    @Test(arguments: [["-wal"], ["-shm"], ["-wal", "-shm"]])
    func companionsDeleted(names: [String]) async throws {
        for name in names { try FileManager.default.removeItem(atPath: store.path + name) }
        try await finish()
        try await expectWhole()
    }

    @Test func renamedFileIsReplacedByACopy() async throws {
        try FileManager.default.moveItem(atPath: store.path, toPath: "\(folder.path)/elsewhere.sqlite")
        try await finish()
        try await expectWhole()
    }

    /// Another store at the path stays as it is; what was recorded is beside it, and every later write says so.
    @Test(arguments: [true, false])
    func replacedFileIsLeftAlone(hasCompanions: Bool) async throws {
        let otherPath = "\(folder.path)/other.sqlite"
        let other = try TrajectoryStore(path: otherPath)
        let otherRun = newRun(question: "Of somebody else")
        _ = try await other.writer().begin(run: otherRun)
        try other.close()
        if !hasCompanions {
            for name in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: store.path + name) }
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: otherPath))
        #expect(rename(otherPath, store.path) == 0)
        let error = await #expect(throws: StoreError.self) { try await finish() }
        #expect(error?.code == .displaced)
        let copy = try #require(error?.path)
        #expect(copy.hasPrefix(store.path + ".recovered-"))
        #expect(error?.message.contains(copy) == true && store.notices.count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: store.path)) == bytes)
        // Nothing more is begun, but the end of the run is kept, and this process sees its run.
        await #expect(throws: StoreError.self) {
            try await writer.finish(
                run: run.id, status: .failed, stopReason: .failed, answer: "so far", failure: nil)
        }
        #expect(try store.run(run.id).answer == "so far")
        #expect(store.notices.count == 1)
        try store.close()
        let recovered = try TrajectoryStore(path: copy)
        #expect(try recovered.runs(limit: 9).map(\.question) == ["What was paid?"])
        #expect(try recovered.completions(of: .iteration(iteration)).last?.response == "dear")
        #expect(try recovered.integrityCheck() == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: recovered.contextFolder).count == 1)
        try recovered.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: store.path)) == bytes)
    }

    /// Another program has begun a new log: both have written, so neither may win.
    @Test func logOfAnotherProgramIsLeftAlone() async throws {
        for name in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: store.path + name) }
        let script =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('CREATE TABLE theirs(a)'); c.commit(); "
            + "sys.stdin.read()"
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        python.arguments = ["-c", script, store.path]
        let input = Pipe()
        python.standardInput = input
        try python.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while !FileManager.default.fileExists(atPath: store.path + "-wal"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        let error = await #expect(throws: StoreError.self) { try await finish() }
        #expect(error?.code == .displaced)
        try input.fileHandleForWriting.close()
        python.waitUntilExit()
        try store.close()
    }

    @Test func whereNoCopyCanBeTheErrorSaysSo() async throws {
        try FileManager.default.removeItem(atPath: inner)
        // A file where the folder was.
        try Data().write(to: URL(fileURLWithPath: inner))
        let error = await #expect(throws: StoreError.self) { try await finish() }
        #expect(error?.message.contains("taken away") == true && error?.message.contains(store.path) == true)
        // It is tried again: the person may make room.
        try FileManager.default.removeItem(atPath: inner)
        try await finish()
        try await expectWhole()
    }

    /// A program that only looks goes on with what lies at the path.
    @Test func readersTakeTheFileThatIsThere() async throws {
        let reader = try TrajectoryStore(path: store.path, access: .readOnly)
        #expect(try reader.runs(limit: 9).map(\.question) == ["What was paid?"])
        try FileManager.default.removeItem(atPath: store.path)
        #expect(try reader.runs(limit: 9).map(\.question) == ["What was paid?"])
        try await finish()
        #expect(try reader.completions(of: .iteration(iteration)).last?.response == "dear")
        try reader.close()
        try store.close()
    }
}
