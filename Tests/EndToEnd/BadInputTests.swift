import Foundation
import Testing

/// Bad input gets one clear sentence with the remedy, the exit status that the README names, and loses nothing.
@Suite struct BadInputTests {
    private func run(_ program: Program, context: String, _ more: String...) throws -> Program.Ended {
        try program.start(["run", "Who?", "--context", context, "--headless"] + more).end()
    }

    private func expect(
        _ ended: Program.Ended,
        status: Int32,
        saying words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(ended.status == status, "\(ended.stderr)", sourceLocation: sourceLocation)
        #expect(ended.stdout.isEmpty, sourceLocation: sourceLocation)
        #expect(ended.complaints.count == 1, "\(ended.stderr)", sourceLocation: sourceLocation)
        for word in words {
            #expect(ended.stderr.contains(word), "\(ended.stderr)", sourceLocation: sourceLocation)
        }
    }

    @Test func ofContexts() throws {
        let program = try Program()
        let folder = program.folder.appendingPathComponent("empty-folder")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        expect(try run(program, context: "/no/such"), status: 2, saying: "/no/such", "no such file")
        expect(try run(program, context: folder.path), status: 2, saying: "no files")
        expect(try run(program, context: try program.file("", named: "empty")), status: 2, saying: "empty")
        let binary = program.folder.appendingPathComponent("binary")
        try Data([0x89, 0x50, 0, 1, 2]).write(to: binary)
        expect(try run(program, context: binary.path), status: 2, saying: "binary")
        let latin = program.folder.appendingPathComponent("latin")
        try Data([0x63, 0xE9, 0x0A]).write(to: latin)
        expect(try run(program, context: latin.path), status: 2, saying: "UTF-8", "iconv")
        expect(try run(program, context: "-"), status: 2, saying: "empty")
    }

    @Test func ofTheCommandLine() throws {
        let program = try Program()
        let file = try program.file("text", named: "t")
        #expect(try program.run("run").status == 2)
        #expect(try program.run("run", "Who?").status == 2)
        #expect(try program.run("no-such-command").status == 2)
        #expect(try run(program, context: file, "--max-depth", "0").status == 2)
        #expect(try run(program, context: file, "--max-budget", "-1").status == 2)
        #expect(try run(program, context: file, "--model", "nonsense").status == 2)
        #expect(try run(program, context: file, "--sampling", "hot").status == 2)
        #expect(try run(program, context: file, "--base-url", "nonsense").status == 2)
        #expect(try program.run("show", "ffff").status == 2)
        #expect(try program.run("show", "latest").status == 2)
        #expect(try program.run("snapshot", "latest", "--size", "big").status == 2)
        #expect(try program.run("import", "/no/such").status == 2)
        #expect(try program.run().status == 2, "the explorer without a terminal")
        let help = try program.run("run", "--help")
        #expect(help.status == 0)
        #expect(help.stdout.contains("EXAMPLES"))
        #expect(help.stderr.isEmpty)
    }

    @Test func ofModels() throws {
        let program = try Program()
        let file = try program.file("text", named: "t")
        expect(
            try run(program, context: file, "--model", "openai/gpt-5"),
            status: 5,
            saying: "OPENAI_API_KEY",
            "offline/lexical"
        )
        expect(
            try run(program, context: file, "--model", "openai/x", "--base-url", "http://127.0.0.1:9/v1"),
            status: 5,
            saying: "127.0.0.1:9"
        )
        expect(try run(program, context: file, "--model", "nobody/x"), status: 5, saying: "nobody")
        // Nothing but the run that found nobody listening was written down.
        let list = try program.run("list", "--json")
        #expect(try JSONSerialization.jsonObject(with: Data(list.stdout.utf8)) as? [[String: Any]] != nil)
    }

    @Test func ofStores() throws {
        let program = try Program()
        let file = try program.file("text", named: "t")
        let noDatabase = try program.file(String(repeating: "this is no database\n", count: 100), named: "x.sqlite")
        expect(try run(program, context: file, "--store", noDatabase), status: 5, saying: "x.sqlite")
        #expect(try String(contentsOfFile: noDatabase, encoding: .utf8).hasPrefix("this is no database"))
        expect(try run(program, context: file, "--store", program.folder.path), status: 5, saying: program.folder.path)
        #expect(try program.run("list", "--store", noDatabase).status == 5)
    }

    @Test func ofTheMachine() throws {
        let program = try Program()
        let file = try program.file("text", named: "t")
        program.set("PATH", to: "/nonexistent")
        expect(try run(program, context: file), status: 5, saying: "Python")
        let doctor = try program.run("doctor")
        #expect(doctor.status == 5)
        #expect(doctor.stdout.contains("python"))
    }

    @Test func ofTerminals() throws {
        let program = try Program()
        program.set("TERM", to: "dumb")
        let dumb = try TmuxSession(
            program,
            columns: 80,
            rows: 24,
            command: "TERM=dumb \(Program.path); echo left with $?"
        )
        let screen = try dumb.wait { $0.contains(#/left with \d/#) }
        #expect(screen.contains("left with 5"))
        #expect(screen.contains("TERM"))

        program.set("TERM", to: "xterm-256color")
        let small = try TmuxSession(program, columns: 40, rows: 10, command: "\(Program.path); echo left with $?")
        try small.wait { $0.contains("60") && $0.contains("40") }
        small.type("q")
        try small.wait { $0.contains("left with 0") }
    }
}
