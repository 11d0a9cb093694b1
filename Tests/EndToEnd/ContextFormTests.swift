import Foundation
import TestSupport
import Testing

/// Every form in which a context can be named, and every way it can lie in the REPL, as the code sees it.
@Suite struct ContextFormTests {
    /// Runs `python` over the contexts and returns what it answers.
    private func see(
        _ python: String,
        _ program: Program,
        _ contexts: [String],
        _ more: [String] = [],
        stdin: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let server = try PlayedModel.serve([PlayedModel.code("FINAL(str(\(python)))"), "no"])
        defer { server.stop() }
        let ended = try program.start(
            ["run", "Who?"] + contexts.flatMap { ["--context", $0] }
                + ["--model", "openai/played", "--base-url", server.baseURL, "--headless", "--max-iterations", "1"]
                + more,
            stdin: stdin
        ).end()
        #expect(ended.status == 0, "\(ended.stderr)", sourceLocation: sourceLocation)
        return ended.stdout.trimmingCharacters(in: .newlines)
    }

    private func folder(_ program: Program) throws -> String {
        let folder = program.folder.appendingPathComponent("notes")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("deep"),
            withIntermediateDirectories: true
        )
        _ = try program.file("first", named: "notes/a.txt")
        _ = try program.file("second", named: "notes/b.md")
        _ = try program.file("third", named: "notes/deep/c.txt")
        try Data([0, 1, 2, 0xFF]).write(to: folder.appendingPathComponent("picture.png"))
        return folder.path
    }

    @Test func folders() throws {
        let program = try Program()
        let seen = try see("sorted(context.items())", program, [try folder(program)])
        #expect(seen == "[('a.txt', 'first'), ('b.md', 'second'), ('deep/c.txt', 'third')]")
    }

    /// What a folder has that is no text is named on stderr and kept with the run.
    @Test func filesPassedOver() throws {
        let program = try Program()
        let notes = try folder(program)
        try Data([0xE9, 0x0A]).write(to: URL(fileURLWithPath: notes + "/latin\u{1B}[2J.txt"))
        #expect(symlink(".", notes + "/loop") == 0)
        let server = try PlayedModel.serve([PlayedModel.code("FINAL(str(len(context)))")])
        defer { server.stop() }
        let ended = try program.run(
            "run", "Who?", "--context", notes, "--model", "openai/played", "--base-url", server.baseURL, "--headless")
        #expect(ended.stdout == "3\n", "\(ended.stderr)")
        #expect(ended.complaints.count == 1)
        for words in ["3 passed over", "(picture.png)", "(latin", "link in a circle (loop)"] {
            #expect(ended.stderr.contains(words), "\(ended.stderr)")
        }
        #expect(!ended.stderr.contains("\u{1B}"))
    }

    @Test func patterns() throws {
        let program = try Program()
        let seen = try see("sorted(context.values())", program, [try folder(program) + "/*.*"])
        #expect(seen == "['first', 'second']")
    }

    @Test func pipes() throws {
        let program = try Program()
        #expect(try see("context.upper()", program, ["-"], stdin: "from a pipe, é") == "FROM A PIPE, É")
        let ended = try program.shell("printf 'x' | \"$P\" run 'Who?' --context - --headless")
        #expect(ended.status == 0, "\(ended.stderr)")
    }

    @Test func severalAtOnce() throws {
        let program = try Program()
        let one = try program.file("one", named: "1.txt")
        let two = try program.file("two", named: "2.txt")
        #expect(try see("(context_0, context_1, context)", program, [one, two]) == "('one', 'two', 'two')")
        let contexts = try program.run("show", "latest", "--json").object()["contexts"] as? [[String: Any]]
        #expect(contexts?.map { $0["name"] as? String } == ["context_0", "context_1"])
        #expect(contexts?.map { $0["bytes"] as? Int } == [3, 3])
    }

    @Test func typesByName() throws {
        let program = try Program()
        #expect(try see("context['a'][1]", program, [try program.file(#"{"a":[1,"two"]}"#, named: "j.json")]) == "two")
        let lines = try program.file("{\"n\":1}\n{\"n\":2}\n", named: "l.jsonl")
        #expect(try see("[r['n'] for r in context]", program, [lines]) == "[1, 2]")
    }

    @Test(arguments: [
        ("text", "type(context).__name__, len(context)", "('str', 16)"),
        ("lines", "type(context).__name__, len(context)", "('list', 2)"),
        ("jsonl", "type(context).__name__, context[1]['n']", "('list', 2)"),
        ("auto", "type(context).__name__, len(context)", "('str', 16)"),
    ])
    func typesByFlag(type: String, python: String, seen: String) throws {
        let program = try Program()
        let file = try program.file("{\"n\":1}\n{\"n\":2}\n", named: "records.txt")
        #expect(try see("(\(python))", program, [file], ["--context-type", type]) == seen)
    }

    @Test func jsonByFlag() throws {
        let program = try Program()
        let file = try program.file("[1, 2]", named: "list.txt")
        #expect(try see("sum(context)", program, [file], ["--context-type", "json"]) == "3")
        let broken = try program.file("[1, 2", named: "broken.txt")
        let ended = try program.run("run", "Who?", "--context", broken, "--context-type", "json", "--headless")
        #expect(ended.status == 2, "\(ended.stderr)")
        #expect(ended.stderr.contains("broken.txt") && ended.stderr.contains("--context-type"), "\(ended.stderr)")
        #expect(ended.complaints.count == 1)
    }

    @Test func filesByFlag() throws {
        let program = try Program()
        #expect(try see("len(context)", program, [try folder(program)], ["--context-type", "files"]) == "3")
        let one = try program.file("only", named: "one.txt")
        #expect(try see("list(context.values())", program, [one], ["--context-type", "files"]) == "['only']")
    }

    @Test func addresses() throws {
        let pages = try ScriptedServer { request in
            switch request.path {
            case "/good.txt": .body(Array("from afar".utf8), type: "text/plain")
            case "/empty": .body([], type: "text/plain")
            case "/binary": .body([0x89, 0, 1, 2], type: "image/png")
            default: .body(Array("gone".utf8), type: "text/plain", status: 404)
            }
        }
        defer { pages.stop() }
        let program = try Program()
        let address = "http://127.0.0.1:\(pages.port)"
        #expect(try see("context", program, [address + "/good.txt"]) == "from afar")
        for (path, word) in [("/gone", "404"), ("/empty", "empty"), ("/binary", "binary")] {
            let ended = try program.run("run", "Who?", "--context", address + path, "--headless")
            #expect(ended.status == 2, "\(path): \(ended.stderr)")
            #expect(ended.stderr.contains(word), "\(path): \(ended.stderr)")
            #expect(ended.complaints.count == 1, "\(path): \(ended.stderr)")
        }
        let ftp = try program.run("run", "Who?", "--context", "ftp://127.0.0.1/x", "--headless")
        #expect(ftp.status == 2)
        #expect(ftp.stderr.contains("http"))
        #expect(try program.list().count == 1, "what could not be read was written down")
    }

    @Test func whatCannotBeAContext() throws {
        let program = try Program()
        let notes = try folder(program)
        for (context, word) in [
            (notes + "/*.nothing", "matches nothing"), ("/dev/zero", "neither a file nor a folder"),
            ("", "no such file"),
        ] {
            let ended = try program.run("run", "Who?", "--context", context, "--headless")
            #expect(ended.status == 2, "\(context): \(ended.stderr)")
            #expect(ended.stderr.contains(word), "\(context): \(ended.stderr)")
            #expect(ended.stdout.isEmpty)
        }
        #expect(try program.list().isEmpty)
    }
}
