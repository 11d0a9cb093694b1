import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Promise: the terminal comes back after quit, TERM, HUP, INT, SEGV and a Swift trap.
@Suite(.serialized) struct TerminalRestorationTests {
    private func expectRestored(
        _ terminal: PseudoTerminal,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let modes = terminal.emulator.modes
        #expect(modes.contains("?25"), "the cursor is hidden", sourceLocation: sourceLocation)
        for (mode, name) in [
            ("?1049", "alternate screen"), ("?1002", "mouse"), ("?1006", "mouse format"), ("?2004", "bracketed paste"),
            ("?1", "keypad"),
        ] {
            #expect(!modes.contains(mode), "the \(name) is still on", sourceLocation: sourceLocation)
        }
        #expect(terminal.hasOldLineSettings, "the line settings differ", sourceLocation: sourceLocation)
    }

    private func expectTaken(_ terminal: PseudoTerminal) {
        #expect(terminal.emulator.modes.isSuperset(of: ["?1049", "?1002", "?1006", "?2004", "?1"]))
        #expect(!terminal.emulator.modes.contains("?25"))
        #expect(!terminal.hasOldLineSettings)
    }

    @Test func quitting() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        expectTaken(terminal)
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        expectRestored(terminal)
    }

    @Test(arguments: [
        ("segv", [SIGSEGV]), ("trap", [SIGILL, SIGTRAP]), ("overflow", [SIGSEGV, SIGBUS]), ("abort", [SIGABRT]),
        ("\(SIGBUS)", [SIGBUS]), ("\(SIGFPE)", [SIGFPE]), ("\(SIGILL)", [SIGILL]), ("\(SIGTRAP)", [SIGTRAP]),
        ("\(SIGSEGV)", [SIGSEGV]), ("\(SIGQUIT)", [SIGQUIT]),
    ])
    func dying(_ way: String, signals: [Int32]) throws {
        let terminal = try PseudoTerminal(["die", way], environment: ["SWIFT_BACKTRACE": "enable=no"])
        try terminal.wait(forText: "ready 80x24")
        expectTaken(terminal)
        terminal.type("x")
        let end = try terminal.waitForEnd()
        #expect(signals.map { .killed($0) }.contains(end))
        expectRestored(terminal)
    }

    /// Whatever the Swift runtime has been told about crashes: asking a program to quit is none.
    @Test func quittingBySignalIsNoCrash() throws {
        let terminal = try PseudoTerminal(["listen"], environment: ["SWIFT_BACKTRACE": "enable=yes,color=no"])
        try terminal.wait(forText: "ready 80x24")
        terminal.signal(SIGQUIT)
        #expect(try terminal.waitForEnd() == .killed(SIGQUIT))
        #expect(!terminal.text.contains("crashed"))
        expectRestored(terminal)
    }

    @Test func exitWithoutClosing() throws {
        let terminal = try PseudoTerminal(["die", "exit"])
        try terminal.wait(forText: "ready 80x24")
        terminal.type("x")
        #expect(try terminal.waitForEnd() == .exited(7))
        expectRestored(terminal)
    }

    @Test(arguments: [(SIGTERM, Int32(4)), (SIGHUP, Int32(3))] as [(Int32, Int32)])
    func requestToEndIsAnEvent(_ signal: Int32, status: Int32) throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.signal(signal)
        #expect(try terminal.waitForEnd() == .exited(status))
        expectRestored(terminal)
    }

    @Test func interruptIsAnEventEachTimeItIsNoticed() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.signal(SIGINT)
        try terminal.wait(forText: "\ninterrupt")
        terminal.signal(SIGINT)
        try terminal.wait(forText: "\ninterrupt\ninterrupt")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        expectRestored(terminal)
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT] as [Int32])
    func secondRequestEndsAProgramThatDoesNotListen(_ signal: Int32) throws {
        let terminal = try PseudoTerminal(["stuck"])
        try terminal.wait(forText: "ready 80x24")
        terminal.signal(signal)
        // Two of the same that come at once are one: again until it ends.
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            terminal.read(milliseconds: 10)
            if terminal.endIfOver() != nil { break }
            terminal.signal(signal)
        }
        #expect(try terminal.waitForEnd() == .killed(signal))
        expectRestored(terminal)
    }

    @Test func closedWindowIsAHangup() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.hangUp()
        #expect(try terminal.waitForEnd() == .exited(3))
    }

    @Test func stoppingGivesTheTerminalBackAndContinuingTakesIt() throws {
        let terminal = try PseudoTerminal(
            ["-c", "set -m; \"$0\" listen; fg; stty sane", PseudoTerminal.fixture],
            program: "/bin/bash"
        )
        try terminal.wait(forText: "ready 80x24")
        terminal.type("a")
        try terminal.wait(forText: "\nkey a")
        let before = terminal.bytes.count
        terminal.type("\u{1A}")
        // The shell brings it to the foreground again at once; the screen was left and entered in between.
        try terminal.wait(for: "the second alternate screen") { _ in
            let since = String(decoding: terminal.bytes[before...], as: UTF8.self)
            guard let left = since.range(of: "\u{1B}[?1049l") else { return false }
            return since[left.upperBound...].contains("\u{1B}[?1049h")
        }
        try terminal.wait(forText: "\nkey a")
        terminal.type("c")
        try terminal.wait(forText: "\nkey a\nkey c")
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(terminal.emulator.violations.isEmpty)
    }

    @Test func stoppingFromOutsideIsSurvived() throws {
        let terminal = try PseudoTerminal(["listen"])
        try terminal.wait(forText: "ready 80x24")
        terminal.signal(SIGSTOP)
        try terminal.waitForStop()
        // Somebody else made a mess of the screen meanwhile.
        terminal.scribble("\u{1B}[2J\u{1B}[Hmess")
        terminal.signal(SIGCONT)
        try terminal.wait(for: "the screen again") { $0.text.contains("ready 80x24") && !$0.text.contains("mess") }
        expectTaken(terminal)
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        expectRestored(terminal)
    }

    @Test func editorGetsTheOldTerminal() throws {
        let script = "stty -a | grep -o ' icanon'; printf 'edited> '; read -r line; printf 'got %s\\n' \"$line\""
        let terminal = try PseudoTerminal(["listen", script])
        try terminal.wait(forText: "ready 80x24")
        terminal.type("e")
        try terminal.wait(forText: "edited>")
        #expect(terminal.hasOldLineSettings)
        #expect(!terminal.emulator.modes.contains("?1049"))
        #expect(String(decoding: terminal.bytes, as: UTF8.self).contains(" icanon"))
        terminal.type("hello\n")
        try terminal.wait(forText: "\nkey e")
        expectTaken(terminal)
        terminal.type("q")
        #expect(try terminal.waitForEnd() == .exited(0))
        #expect(String(decoding: terminal.bytes, as: UTF8.self).contains("got hello"))
        expectRestored(terminal)
    }
}
