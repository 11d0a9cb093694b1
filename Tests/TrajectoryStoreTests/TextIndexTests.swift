import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct TextIndexTests {
    @Test func everyTextIsIndexedOnceAndAsItIsStored() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let root = try await writer.begin(run: newRun(question: "Where is the vault?"))
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("Überblick"))
        try await writer.finish(completion: completion, answered("the code\u{0} lies in the CELLAR 👀"))
        _ = try await writer.beginCalls([
            llmCall(in: iteration, "cellar or attic"), llmCall(in: iteration, "cellar or attic"),
        ])
        func count(_ query: String) throws -> Int? {
            try store.readers.read {
                try $0.statement("SELECT count(*) FROM text_index WHERE text_index MATCH ?").bind(query).first {
                    $0.int(0)
                }
            }
        }
        #expect(try count("vault") == 1)
        #expect(try count("cellar") == 2)
        #expect(try count("uberblick") == 1)
        #expect(try count("\"cellar or attic\"") == 1)
        #expect(try count("nowhere") == 0)
        // Compares the index with the texts themselves; throws where they differ.
        try await writer.importing {
            try $0.recorder.connection.execute("INSERT INTO text_index(text_index, rank) VALUES ('integrity-check', 1)")
        }
        try store.close()
    }
}
