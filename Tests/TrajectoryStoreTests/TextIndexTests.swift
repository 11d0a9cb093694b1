import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct TextIndexTests {
    @Test func textsAreIndexedOnceAndAsTheyAreStored() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let root = try await writer.begin(run: newRun(question: "Where is the vault?"))
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("Überblick"))
        try await writer.finish(completion: completion, answered("the code\u{0} lies in the CELLAR 👀"))
        _ = try await writer.beginCalls([
            llmCall(in: iteration, "cellar or attic"), llmCall(in: iteration, "cellar or attic"),
        ])
        try await writer.indexTexts()
        func count(_ query: String) throws -> Int? {
            try store.readers.read {
                try $0.statement("SELECT count(*) FROM text_index WHERE text_index MATCH ?").bind(query).first {
                    $0.int(0)
                }
            }
        }
        #expect(try count("vault") == 1)
        #expect(try count("cellar") == 2)
        #expect(try count("uberblick") == 0, "what an iteration is sent is not searched")
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "look()")
        try await writer.finish(block: block, BlockRecord(status: .succeeded, output: Output(stdout: "Überblick")))
        try await writer.indexTexts()
        #expect(try count("uberblick") == 1)
        #expect(try count("\"cellar or attic\"") == 1)
        #expect(try count("nowhere") == 0)
        // Compares the index with the texts themselves; throws where they differ.
        try await writer.write {
            try $0.connection.execute("INSERT INTO text_index(text_index, rank) VALUES ('integrity-check', 1)")
        }
        try store.close()
    }

    /// Closing indexes what still waits.
    @Test func closingIndexesWhatWaits() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let root = try await store.writer().begin(run: newRun(question: "Where is the vault?"))
        try store.close()
        let again = try TrajectoryStore(path: folder.storePath)
        func count(_ sql: StaticString) throws -> Int? {
            try again.readers.read { try $0.statement(sql).first { $0.int(0) } }
        }
        #expect(try count("SELECT count(*) FROM unindexed_text") == 0)
        #expect(try count("SELECT count(*) FROM text_index WHERE text_index MATCH 'vault'") == 1)
        _ = try await again.writer().beginIteration(of: root, completion: newCompletion("q"))
        try again.close()
    }

    @Test func anIdleWriterIndexesByItself() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let root = try await writer.begin(run: newRun())
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.beginCalls((0..<600).map { llmCall(in: iteration, "cellar \($0)") })
        func found() throws -> Int? {
            try store.readers.read {
                try $0.statement("SELECT count(*) FROM text_index WHERE text_index MATCH 'cellar'").first { $0.int(0) }
            }
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while try found() != 600, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try found() == 600)
        try store.close()
    }
}
