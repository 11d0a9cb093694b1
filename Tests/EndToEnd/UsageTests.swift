import Foundation
import TestSupport
import Testing

/// What the command line says to somebody who mistypes it or asks it how.
@Suite struct UsageTests {
    private func said(_ arguments: String..., status: Int32 = 2) throws -> String {
        let program = try Program()
        _ = try program.file("text", named: "t")
        let ended = try program.start(arguments).end()
        #expect(ended.status == status, "\(arguments): \(ended.stderr)")
        #expect(ended.stdout.isEmpty)
        #expect(ended.complaints.count == 1, "\(ended.stderr)")
        return ended.stderr
    }

    @Test(arguments: [
        ("lst", "list"), ("shwo", "show"), ("dr", ""), ("doc", "doctor"), ("exprot", "export"), ("Run", "run"),
    ])
    func commandsNearby(typed: String, meant: String) throws {
        for words in [[typed], [typed, "latest"], ["help", typed]] {
            let program = try Program()
            let ended = try program.start(words).end()
            #expect(ended.status == 2 && ended.stdout.isEmpty)
            #expect(ended.stderr.contains("there is no command '\(typed)'"), "\(ended.stderr)")
            #expect(ended.stderr.contains("did you mean '\(meant)'?") == !meant.isEmpty, "\(ended.stderr)")
            #expect(ended.stderr.contains("rlm-tui --help"))
        }
    }

    /// The option is what is wrong, not what would be missing without it.
    @Test func unknownOptionsAreSaidBeforeMissingOnes() throws {
        for arguments in [
            ["run", "--modl", "offline/lexical"], ["run", "Who?", "--modl=x"], ["run", "Who?", "--context", "--modl"],
            ["run", "Who?", "--context", "t", "--max-depth", "none", "--modl", "x"],
        ] {
            let ended = try Program().start(arguments).end()
            #expect(ended.status == 2 && ended.complaints.count == 1, "\(ended.stderr)")
            #expect(ended.stderr.contains("there is no option '--modl'; did you mean '--model'?"), "\(ended.stderr)")
            #expect(ended.stderr.contains("'rlm-tui run --help'"))
        }
        #expect(try said("show", "--jsno").contains("did you mean '--json'?"))
        #expect(try said("show", "--utterly-different").contains("'rlm-tui show --help' lists the options"))
        #expect(try said("snapshot", "-x").contains("there is no option '-x'"))
        #expect(try said("--thme", "light").contains("did you mean '--theme'?"))
        #expect(try said("run", "-5 is what?", "--context", "t").contains("goes after '--'"))
        // What has no unknown option is told what is missing.
        #expect(try Program().run("show").stderr.contains("<run>"))
        #expect(
            try Program().run("run", "Who?", "--max-budget", "-1", "--context", "-").stderr.contains("--max-budget"))
    }

    @Test func modelsNearby() throws {
        let name = try said("run", "Who?", "--context", "t", "--model", "opnai/gpt-5", "--headless", status: 5)
        #expect(name.contains("did you mean 'openai/gpt-5'?"), "\(name)")
        let offline = try said("run", "Who?", "--context", "t", "--model", "offline/lexcal", "--headless", status: 5)
        #expect(offline.contains("offline/lexical"), "\(offline)")

        let server = try ScriptedServer { request in
            request.method == "GET"
                ? .json(#"{"data":[{"id":"qwen3-coder"},{"id":"gemma"}]}"#)
                : .error(404, "The model does not exist.")
        }
        defer { server.stop() }
        let program = try Program()
        let file = try program.file("text", named: "t")
        let ended = try program.run(
            "run", "Who?", "--context", file, "--model", "openai/qwen3-codre", "--base-url", server.baseURL,
            "--headless")
        #expect(ended.status == 5)
        #expect(
            ended.complaints.count == 1 && ended.stderr.contains("did you mean 'openai/qwen3-coder'?"),
            "\(ended.stderr)")
    }

    /// Every help has examples, `help NAME` is the same as `NAME --help`, and the first example of each does its work.
    @Test func examplesWork() throws {
        let program = try Program()
        let bin = program.folder.appendingPathComponent("bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: bin.appendingPathComponent("rlm-tui").path, withDestinationPath: Program.path)
        program.set("PATH", to: bin.path + ":" + (program.environment["PATH"] ?? ""))
        #expect(try program.run("demo", "--headless").status == 0)
        let commands = try program.run("--help").stdout.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
            .compactMap { $0.prefixMatch(of: /\ \ ([a-z]+)\ \ /)?.1 }.map(String.init)
        #expect(commands.count >= 11)
        for command in commands {
            let help = try program.run(command, "--help").stdout
            #expect(try program.run("help", command).stdout == help)
            let examples = help.split(separator: "\n").drop { !$0.hasPrefix("EXAMPLES") }.dropFirst()
                .prefix { $0.hasPrefix("  ") }
            let first = try #require(examples.first, "\(command) has no example")
            // A line that was broken to fit 80 columns cannot be copied.
            for example in examples where !example.hasPrefix("    ") {
                #expect(example.contains("rlm-tui"), "\(command): \(example)")
            }
            // Behind blanks an example says what it is for.
            let line = first.dropFirst(2)
            let joined = line.firstRange(of: "   ").map { line[..<$0.lowerBound] } ?? line
            // These need a terminal, or runs of ids that are made up.
            if command == "open" || joined.contains("7f3a") { continue }
            let ended = try program.shell(String(joined))
            let isFine = ended.status == 0 || (command == "doctor" && ended.status == 5)
            #expect(isFine, "\(command): \(joined): \(ended.stderr)")
        }
    }

    /// A program that was copied somewhere by itself has every theme with it.
    @Test func aCopiedProgramHasItsThemes() throws {
        let program = try Program()
        #expect(try program.run("demo", "--headless").status == 0)
        let place = program.folder.appendingPathComponent("elsewhere/bin")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let copy = place.appendingPathComponent("rlm-tui").path
        try FileManager.default.copyItem(atPath: Program.path, toPath: copy)
        var screens: Set<String> = []
        for theme in ["default", "light", "contrast", "mono"] {
            let ended = try program.start(
                ["snapshot", "latest", "--ansi", "--theme", theme], executable: copy
            ).end()
            #expect(ended.status == 0 && ended.stderr.isEmpty, "\(theme): \(ended.stderr)")
            screens.insert(ended.stdout)
        }
        #expect(screens.count == 4)
        // One beside the program goes first, as an installed one has it.
        let share = program.folder.appendingPathComponent("elsewhere/share/rlm-tui/themes")
        try FileManager.default.createDirectory(at: share, withIntermediateDirectories: true)
        try Data("extends = \"mono\"\n".utf8).write(to: share.appendingPathComponent("light.toml"))
        let ended = try program.start(["snapshot", "latest", "--ansi", "--theme", "light"], executable: copy).end()
        let mono = try program.start(["snapshot", "latest", "--ansi", "--theme", "mono"], executable: copy).end()
        #expect(ended.stdout == mono.stdout, "the installed theme was not found")
    }
}
