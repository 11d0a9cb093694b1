import Foundation
import Terminal
import TestSupport
import Testing

@Suite(.serialized) struct CursesScreenTests {
    @Test func keysAndEventsArrive() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        for (bytes, name) in [
            ("a", "a"), ("\u{3}", "<c-c>"), ("\u{1B}[A", "<up>"), ("\u{1B}OB", "<down>"), ("\r", "<enter>"),
            ("\u{7F}", "<bs>"), ("é", "é"), ("\u{1B}", "<esc>"), ("\u{1B}x", "<a-x>"),
            ("\u{1B}[<0;5;3M", "<click:4,2>"), ("\u{1B}[<65;1;1M", "<wheeldown:0,0>"),
            ("\u{1B}[200~two\rlines\u{1B}[201~", "<paste:two␊lines>"),
        ] {
            terminal.type(bytes)
            try terminal.wait(forText: "\nkey \(name)")
        }
        terminal.type("b")
        try terminal.wait(forText: "\nmailbox")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(terminal.emulator.violations.isEmpty)
    }

    /// A live run rings more often than a lone ESC waits for more.
    @Test func aLoneEscapeIsSeenWhileTheDoorbellRings() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.type("r")
        try terminal.wait(forText: "\nkey r")
        terminal.type("\u{1B}")
        try terminal.wait(forText: "\nkey <esc>")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
    }

    @Test func aMegabyteThatNeverEndsLeavesTheKeysAlive() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.type("\u{1B}[200~")
        for _ in 0..<600 { terminal.type(String(repeating: "x", count: 2_000)) }
        try terminal.wait(forText: "\npaste of 1048576")
        terminal.type("a")
        try terminal.wait(forText: "\nkey a")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
    }

    /// `something | program`: the text comes through the pipe, the keys from the terminal.
    @Test func keysComeFromTheTerminalWhereStandardInputIsAPipe() throws {
        let terminal = try PseudoTerminal(
            ["-c", "echo text | \"$0\" listen", PseudoTerminal.fixture],
            program: "/bin/sh"
        )
        try terminal.wait(forText: "ready 80x24")
        terminal.type("a\u{1B}[A")
        try terminal.wait(forText: "\nkey <up>")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(terminal.hasOldLineSettings)
    }

    @Test func sameFrameSendsNothing() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.type("a")
        try terminal.wait(forText: "\nkey a")
        let before = terminal.bytes.count
        terminal.type("pppppc")
        try terminal.wait(forText: "\nkey c")
        // The row that is new, and a few moves of the cursor.
        #expect(terminal.bytes.count - before < 40)
    }

    @Test func resizingIsFollowedDownToOneCell() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.resize(columns: 100, rows: 30)
        try terminal.wait(forText: "ready 100x30")
        try terminal.wait(forText: "\nresized 100x30")
        terminal.resize(columns: 1, rows: 1)
        try terminal.wait(for: "one cell") { $0.text == "…" }
        terminal.resize(columns: 3, rows: 2)
        try terminal.wait(for: "six cells") { $0.text == "re…\nre…" }
        terminal.resize(columns: 80, rows: 24)
        try terminal.wait(forText: "\nresized 1x1\nresized 3x2\nresized 80x24")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(terminal.emulator.violations.isEmpty)
    }

    @Test(arguments: ["xterm-256color", "xterm", "screen", "linux", "xterm-mono", "vt100"])
    func everyKnownTerminalIsDrawnOn(_ term: String) throws {
        let terminal = try PseudoTerminal(["listen"], environment: ["TERM": term])
        try terminal.wait(forText: "ready 80x24")
        terminal.type("a")
        try terminal.wait(forText: "\nkey a")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(terminal.hasOldLineSettings)
    }

    @Test(arguments: [("dumb", "cannot move its cursor"), ("no-such-thing", "terminfo"), ("", "TERM is not set")])
    func terminalsThatCannotAreRefusedInASentence(_ term: String, reason: String) throws {
        let terminal = try PseudoTerminal(["listen"], environment: ["TERM": term])
        #expect(try terminal.waitForEnd() == .exited(5))
        #expect(terminal.text.replacing("\n", with: "").contains(reason))
        #expect(terminal.hasOldLineSettings)
        #expect(!terminal.emulator.modes.contains("?1049"))
    }

    @Test func aPipeIsNoTerminal() throws {
        let nothing = open("/dev/null", O_RDWR)
        defer { close(nothing) }
        #expect {
            _ = try CursesScreen(doorbell: Doorbell(), input: nothing, output: nothing)
        } throws: { error in
            (error as? TerminalError)?.code == .notATerminal && "\(error)".contains("headless")
        }
    }

    @Test func withoutUTF8OnlyASCIIIsSent() throws {
        let file = try temporaryFile(["✓ ünï 漢字", "─│…"])
        defer { try? FileManager.default.removeItem(atPath: file) }
        let terminal = try PseudoTerminal(["draw", file], environment: ["LC_ALL": "C"])
        try terminal.wait(forText: "+ ?n? ? ?")
        try terminal.wait(forText: "-|~")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(terminal.bytes.allSatisfy { $0 < 0x80 })
    }

    @Test func wideAndMarkedCharactersStandWhereTheSurfaceHasThem() throws {
        var texts = ["漢字 wide", "e\u{301}a\u{308}o", "👍🏽 👨‍👩‍👧", "🇩🇪 flag", "a\u{1B}[31mb", "한국어", "x\u{202E}y"]
        texts += Array(repeating: "", count: 24 * 7 - texts.count - 1) + ["in corner…漢"]
        let file = try temporaryFile(texts)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let terminal = try PseudoTerminal(["draw", file], columns: 84)
        var surface = Surface(size: Size(columns: 84, rows: 24))
        for (place, text) in texts.enumerated() { surface.put(text, x: place % 7 * 12, y: place / 7, width: 12) }
        try terminal.wait(for: "the surface") { $0.text == surface.text() }
        #expect(terminal.emulator.violations.isEmpty)
    }

    @Test(arguments: [("xterm-256color", true), ("xterm-mono", false), ("vt100", false)])
    func rolesHaveTheirColoursWhereThereAreSome(_ term: String, hasColor: Bool) throws {
        let texts = Role.allCases.map { $0 == .statusFailed ? "red" : "x" }
        let file = try temporaryFile(texts)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let terminal = try PseudoTerminal(["draw", file], environment: ["TERM": term])
        try terminal.wait(forText: "red")
        let place = try #require(Role.allCases.firstIndex(of: .statusFailed))
        let cell = terminal.emulator.cells[place / 6][place % 6 * 12]
        let codes = Set(cell.rendition.split(separator: ";"))
        #expect(cell.text == "r")
        #expect(codes.contains("31") == hasColor)
        #expect(codes.contains("1"))
    }

    @Test func hostileTextNeverBecomesAControlSequence() throws {
        var hostile = HostileText(seed: 2)
        // 6 × 24 texts a frame; the emulator counts whatever is not ncurses' own.
        let texts = (0..<100_000).map { _ in hostile.next(pieceLimit: 3).filter { $0 != "\0" } }
        let file = try temporaryFile(texts)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let terminal = try PseudoTerminal(["draw", file])
        terminal.type("q")
        #expect(try terminal.waitForEnd(seconds: 60) == .exited(0))
        #expect(terminal.bytes.count > 1_000_000)
        #expect(terminal.emulator.violations.isEmpty, "\(Set(terminal.emulator.violations))")
        #expect(terminal.hasOldLineSettings)
    }

    /// The texts parted by zero bytes, as the fixture reads them.
    private func temporaryFile(_ texts: [String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("texts-\(UUID().uuidString)").path
        try Data(texts.joined(separator: "\0").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
