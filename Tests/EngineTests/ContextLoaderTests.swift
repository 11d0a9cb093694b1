import Engine
import Foundation
import Testing
import Trajectory
import TrajectoryStore

/// What can be a context, how it lies in the REPL, and what is said of the rest.
@Suite struct ContextLoaderTests {
    private func code(_ code: String) throws -> EngineFixture { try EngineFixture([repl(code)]) }

    private func answer(_ source: String, type: ContextType? = nil, to code: String) async throws -> String? {
        let fixture = try EngineFixture([repl(code)])
        var request = try fixture.request()
        request.contexts = [source]
        request.contextType = type
        return try await fixture.run(request).result.answer
    }

    private func problem(of source: String) async throws -> String {
        let fixture = try EngineFixture([])
        var request = try fixture.request()
        request.contexts = [source]
        let error = try await #require(throws: ContextError.self) {
            _ = try await LiveRun.start(request, in: fixture.store, clients: fixture)
        }
        #expect(try fixture.store.runCount() == 0, "a run was written down all the same")
        return error.description
    }

    @Test func eachTypeIsThePythonItSays() async throws {
        let fixture = try EngineFixture([])
        let lines = try fixture.file("a\nb\n", named: "x.log")
        #expect(try await answer(lines, to: "FINAL(repr(context))") == "'a\\nb\\n'")
        #expect(try await answer(lines, type: .lines, to: "FINAL(repr(context))") == "['a', 'b']")
        let json = try fixture.file("{\"a\": [1, 2]}", named: "x.json")
        #expect(try await answer(json, to: "FINAL(context['a'][1])") == "2")
        #expect(try await answer(json, type: .text, to: "FINAL(type(context).__name__)") == "str")
        let jsonl = try fixture.file("{\"a\": 1}\n\n{\"a\": 5}\n", named: "x.jsonl")
        #expect(try await answer(jsonl, to: "FINAL(sum(r['a'] for r in context))") == "6")
    }

    @Test func aFolderIsADictOfItsTextFiles() async throws {
        let fixture = try EngineFixture([])
        let folder = fixture.folder.appendingPathComponent("tree")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("sub/.hidden"),
            withIntermediateDirectories: true
        )
        try Data("ünï".utf8).write(to: folder.appendingPathComponent("a.txt"))
        try Data("two".utf8).write(to: folder.appendingPathComponent("sub/b.md"))
        try Data([0, 1, 2]).write(to: folder.appendingPathComponent("c.bin"))
        try Data("no".utf8).write(to: folder.appendingPathComponent("sub/.hidden/d.txt"))
        #expect(try await answer(folder.path, to: "FINAL(repr(context))") == "{'a.txt': 'ünï', 'sub/b.md': 'two'}")
        let pattern = folder.path + "/*.txt"
        #expect(try await answer(pattern, to: "FINAL(list(context.values())[0])") == "ünï")
    }

    @Test func severalContextsAreNumberedAndTheNewestIsContext() async throws {
        let fixture = try EngineFixture([repl("FINAL(context_0 + context_1 + context)")])
        var request = try fixture.request()
        request.contexts = [try fixture.file("one ", named: "1"), try fixture.file("two ", named: "2")]
        let (result, run) = try await fixture.run(request)
        #expect(result.answer == "one two two ")
        #expect(try fixture.store.contexts(of: run.id).map(\.name) == ["context_0", "context_1"])
    }

    @Test func theBytesAreStoredOnceByHash() async throws {
        let fixture = try EngineFixture([repl("FINAL(1)")])
        let (_, first) = try await fixture.run()
        let (_, second) = try await fixture.run()
        let hashes = try [first, second].map { try fixture.store.contexts(of: $0.id).map(\.hash) }
        #expect(hashes[0] == hashes[1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.store.contextFolder).count == 1)
    }

    @Test func whatCannotBeReadIsSaidWithTheRemedy() async throws {
        let fixture = try EngineFixture([])
        #expect(try await problem(of: "/no/such/file").contains("no such file"))
        #expect(try await problem(of: try fixture.file("", named: "empty")).contains("it is empty"))
        let folder = fixture.folder.appendingPathComponent("nothing")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(try await problem(of: folder.path).contains("no files"))
        let binary = fixture.folder.appendingPathComponent("binary")
        try Data([0x7F, 0x45, 0x4C, 0x46, 0, 0, 1]).write(to: binary)
        #expect(try await problem(of: binary.path).contains("binary"))
        let latin = fixture.folder.appendingPathComponent("latin")
        try Data([0x63, 0x61, 0x66, 0xE9]).write(to: latin)
        let message = try await problem(of: latin.path)
        #expect(message.contains("not UTF-8 (byte 3)") && message.contains("iconv"))
        let wide = fixture.folder.appendingPathComponent("wide")
        try Data([0xFF, 0xFE, 0x61, 0x00]).write(to: wide)
        #expect(try await problem(of: wide.path).contains("UTF-16"))
        #expect(try await problem(of: "ftp://host/x").contains("http"))
        #expect(try await problem(of: "/dev/zero").contains("neither a file nor a folder"))
    }
}
