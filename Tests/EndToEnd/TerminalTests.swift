import Foundation
import Testing

/// The real program in a real terminal: what it sends there, and how it leaves it.
@Suite(.serialized) struct TerminalTests {
    private func made() throws -> Program {
        let program = try Program()
        let context = try program.file("The code is 7.\n", named: "c.txt")
        let ended = try program.run("run", "What is the code?", "--context", context, "--headless")
        #expect(ended.status == 0, "\(ended.stderr)")
        return program
    }

    private func opened(_ program: Program, _ more: String = "") throws -> TmuxSession {
        let terminal = try TmuxSession(
            program,
            columns: 80,
            rows: 24,
            command: "cd; stty -a >before; \"$P\" open latest \(more); echo left with $?; stty -a >after"
        )
        try terminal.wait { $0.contains("What is the code?") && $0.contains("i1") }
        return terminal
    }

    /// The signals that a terminal has to survive; 0 is leaving by a key.
    @Test(arguments: [0, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV, SIGILL, SIGABRT])
    func isGivenBack(signal: Int32) throws {
        let program = try made()
        let terminal = try opened(program)
        #expect(terminal.fact("alternate_on") == "1", "the program is not on a screen of its own")
        if signal == 0 {
            terminal.type("Q")
        } else {
            kill(try #require(terminal.programPid), signal)
        }
        let left = try terminal.wait { $0.contains(#/left with \d/#) }
        let status = [0: 0, SIGTERM: 4, SIGINT: 4, SIGHUP: 4][signal] ?? 128 + signal
        #expect(left.contains("left with \(status)"), "\(left)")
        #expect(!left.contains("i1"), "\(left)")
        #expect(terminal.fact("alternate_on") == "0")
        #expect(terminal.fact("cursor_flag") == "1", "the cursor is hidden")
        #expect(terminal.fact("mouse_any_flag") == "0", "the mouse is still reported")
        #expect(terminal.fact("keypad_cursor_flag") == "0")
        try terminal.wait { _ in FileManager.default.fileExists(atPath: program.folder.path + "/after") }
        terminal.type("echo typed-$((40+2))")
        terminal.press("Enter")
        try terminal.wait { $0.contains("typed-42") && $0.contains("echo typed") }
        let settings = try ["before", "after"].map {
            try String(contentsOf: program.folder.appendingPathComponent($0), encoding: .utf8)
        }
        #expect(!settings[0].isEmpty)
        #expect(settings[0] == settings[1])
    }

    @Test func withoutColours() throws {
        let program = try made()
        let colours = #/\u{1B}\[(?:[0-9;:]*[;:])?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][0-9;:]*)?m/#
        let coloured = try opened(program)
        #expect(coloured.colouredScreen.contains(colours), "the test sees no colours even where there are some")
        coloured.type("Q")
        program.set("NO_COLOR", to: "1")
        let plain = try opened(program)
        #expect(!plain.colouredScreen.contains(colours), "\(plain.colouredScreen)")
        #expect(plain.colouredScreen.contains("\u{1B}["), "attributes are left")
        plain.type("Q")
        try plain.wait { $0.contains("left with 0") }
    }

    @Test func withoutUnicode() throws {
        let program = try made()
        program.set("LANG", to: "C")
        let terminal = try opened(program)
        let screen = terminal.screen
        #expect(screen.unicodeScalars.allSatisfy { $0.isASCII }, "\(screen)")
        #expect(screen.contains("+"))
        terminal.type("Q")
        try terminal.wait { $0.contains("left with 0") }
    }

    @Test func onlyInATerminal() throws {
        let program = try made()
        for line in ["\"$P\" open latest", "\"$P\" </dev/null", "\"$P\" open latest >file"] {
            let ended = try program.shell(line)
            #expect(ended.status == 2, "\(line): \(ended.stderr)")
            #expect(ended.stderr.contains("show"), "\(line): \(ended.stderr)")
        }
    }

    @Test func suspendedAndBack() throws {
        let program = try made()
        let terminal = try opened(program)
        terminal.press("C-z")
        try terminal.wait { $0.contains("ready>") && !$0.contains("i1 ") }
        #expect(terminal.fact("alternate_on") == "0")
        terminal.type("fg")
        terminal.press("Enter")
        try terminal.wait { $0.contains("What is the code?") && $0.contains("i1") }
        terminal.type("Q")
        // What followed the program on its line went on when it was stopped.
        try terminal.wait { !$0.contains("i1 ") }
        #expect(terminal.fact("cursor_flag") == "1")
    }
}
