import Foundation
import Glibc
import Testing
import Trajectory

@testable import REPL

@Suite struct ContextTests {
    @Test(arguments: [
        (ContextType.text, "a\r\nb ü", "'a\\r\\nb ü'"), (.text, "", "''"),
        (.lines, "a\r\nb\n\nc\u{2028}d\n", "['a', 'b', '', 'c\\u2028d']"), (.lines, "", "[]"),
        (.json, "{\"k\": [1, null]}", "{'k': [1, None]}"), (.jsonl, "1\n\n{\"a\": 2}\n", "[1, {'a': 2}]"),
    ])
    func liesInTheREPL(_ type: ContextType, _ text: String, _ shown: String) async throws {
        let folder = try Folder()
        try await withREPL(contexts: [try mounted(text, type, in: folder)]) { repl in
            #expect(await repl.run("context").output.stdout == shown + "\n")
        }
    }

    @Test func ofFilesIsCutAtItsParts() async throws {
        let folder = try Folder()
        let parts = [Context.Part(path: "a/ü.txt", start: 0, end: 3), Context.Part(path: "b", start: 3, end: 5)]
        try await withREPL(contexts: [try mounted("üxyz", .files, parts: parts, in: folder)]) { repl in
            #expect(await repl.run("context").output.stdout == "{'a/ü.txt': 'üx', 'b': 'yz'}\n")
        }
    }

    @Test func isTheNewestOfSeveral() async throws {
        let folder = try Folder()
        let contexts = [try mounted("old", in: folder), try mounted("new", name: "context_1", in: folder)]
        try await withREPL(contexts: contexts, history: ["[{\"role\": \"user\", \"content\": \"q\"}]"]) { repl in
            let result = await repl.run("print(context, context_0, context_1, history[0][0]['content'])")
            #expect(result.output.stdout == "new old new q\n")
            #expect(result.variables.isEmpty)
        }
    }

    @Test func replacesWhatIsNotUTF8() async throws {
        let folder = try Folder()
        var context = try mounted("", in: folder)
        context.path = try folder.write("bad", Data([0x61, 0xFF, 0x00, 0x62]))
        try await withREPL(contexts: [context]) { repl in
            #expect(await repl.run("context == 'a\\ufffd\\x00b'").output.stdout == "True\n")
        }
    }

    @Test(arguments: environments) func saysWhyItCannotBeRead(_ environment: REPLEnvironment)
        async throws
    {
        let folder = try Folder()
        var missing = try mounted("x", in: folder)
        missing.path += ".gone"
        var wrong = try mounted("1\n{bad\n", .jsonl, in: folder)
        wrong.context.name = "context_0"
        var directory = missing
        directory.path = folder.path
        for (context, word) in [(missing, ".gone"), (wrong, "line 2"), (directory, "cannot be read")] {
            let error = await #expect(throws: REPLError.self) {
                try await withREPL(environment, contexts: [context]) { _ in }
            }
            #expect(error?.code == .contextUnreadable)
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
    }

    @Test func refusesOneThatDoesNotFitIntoMemory() async throws {
        let folder = try Folder()
        let context = try mounted("x", in: folder)
        #expect(truncate(context.path, 400 << 20) == 0)
        let error = await #expect(throws: REPLError.self) {
            try await withREPL(contexts: [context], limits: REPLLimits(memory: 256 << 20)) { _ in }
        }
        #expect(error?.message.contains("does not fit") == true, "\(error?.message ?? "")")
    }
}
