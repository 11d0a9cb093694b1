import Foundation
import Terminal
import Testing
import Trajectory

@testable import Application

/// The loop itself: what is drawn when, and what is asked of the world.
@Suite struct LoopTests {
    /// A screen that counts, and answers with the events it was given.
    private final class CountingScreen: Screen {
        var size = Size(columns: 80, rows: 24)
        var events: [ScreenEvent]
        var presented: [Surface] = []
        var redraws = 0
        var isSuspended = false
        var suspensions = 0

        init(_ events: [ScreenEvent]) { self.events = events }

        func present(_ surface: Surface, palette: Palette) { presented.append(surface) }
        /// One event a frame.
        func nextEvent(timeoutMilliseconds: Int?) -> ScreenEvent? {
            timeoutMilliseconds == 0 ? nil : events.isEmpty ? .terminate : events.removeFirst()
        }
        func suspend() {
            isSuspended = true
            suspensions += 1
        }
        func resume() { isSuspended = false }
        func redraw() { redraws += 1 }
        func close() {}
    }

    private func run(_ screen: CountingScreen, services: TerminalServices = .none) -> ExplorerOutcome {
        let source = Fixture.failing()
        let now = Fixture.start
        let loop = ExplorerLoop(
            model: ExplorerModel(
                size: screen.size,
                run: RunID(rawValue: "5c1d"),
                isLive: false,
                now: now,
                abilities: .init(
                    canCopy: services.copy != nil, canPage: services.page != nil, canEdit: services.edit != nil)
            ),
            runner: CommandRunner(library: TrajectoryLibrary(source), services: services, screen: screen),
            palette: .plain,
            clock: { now }
        )
        return loop.run(on: screen) { false }
    }

    @Test func aFrameThatDidNotChangeIsNotSent() {
        let screen = CountingScreen([
            .key(.mouse(MouseEvent(kind: .release, x: 0, y: 0))), .mailbox, .key(.character("k")),
        ])
        #expect(run(screen) == .terminated)
        #expect(screen.presented.count == 1)
        let moving = CountingScreen([.key(.character("j")), .key(.character("k"))])
        _ = run(moving)
        #expect(moving.presented.count == 3)
    }

    @Test func redrawingSendsTheSameFrameAgain() {
        let screen = CountingScreen([.key(.control("l"))])
        _ = run(screen)
        #expect(screen.redraws == 1)
        #expect(screen.presented.count == 2)
    }

    @Test func thePagerHasTheTerminalToItself() {
        let seen = TestApp.Box()
        let screen = CountingScreen([.key(.enter), .key(.character("o")), .key(.enter), .key(.character("q"))])
        // Only this thread touches the screen.
        nonisolated(unsafe) let shared = screen
        _ = run(screen, services: TerminalServices(page: { seen.texts.append(shared.isSuspended ? $0 : "not lent") }))
        #expect(seen.texts == ["Two segments lost revenue."])
        #expect(!screen.isSuspended && screen.suspensions == 1)
    }

    @Test func thePagerIsTheOneThatWasSet() throws {
        let folder = try TemporaryFolder()
        try Pager.show("one\r\ntwo\u{1B}[2J", command: "cp --target-directory=\(folder.url.path)")
        #expect(
            try String(contentsOf: folder.url.appendingPathComponent("text.txt"), encoding: .utf8) == "one\ntwo␛[2J"
        )
        #expect(throws: ServiceError.self) { try Pager.show("x", command: "/no/such/pager") }
    }

    @Test func theEditorIsTheOneThatWasSetAndGivesTheTextBack() throws {
        let folder = try TemporaryFolder()
        let editor = folder.url.appendingPathComponent("editor")
        try "#!/bin/sh\nprintf 'two\\n' >> \"$1\"\n".write(to: editor, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: editor.path)
        #expect(try Editor.edit("one\n", command: editor.path) == "one\ntwo\n")
        #expect(try Editor.edit("one", command: editor.path) == "onetwo")
        #expect(try Editor.edit("one", command: "true") == nil, "nothing was changed")
        #expect(try Editor.edit("one", command: "false") == nil, "the editor was left with a failure")
        #expect(throws: ServiceError.self) { try Editor.edit("x", command: "/no/such/editor") }
    }

    @Test func theEditorHasTheTerminalToItself() {
        let seen = TestApp.Box()
        let screen = CountingScreen([
            .key(.character("/")), .key(.character("a")), .key(.alt("e")), .key(.enter), .key(.escape),
        ])
        nonisolated(unsafe) let shared = screen
        let services = TerminalServices(edit: { text, _ in
            seen.texts.append(shared.isSuspended ? text : "not lent")
            return "edited\n"
        })
        _ = run(screen, services: services)
        #expect(seen.texts == ["a"])
        #expect(!screen.isSuspended && screen.suspensions == 1)
        #expect(
            screen.presented.contains { $0.text().contains("\n /edited") }, "the line is what the editor made of it")
    }

    /// A key is answered within two milliseconds in a release build; ten times that is a fault even here.
    @Test func keysAreAnsweredAtOnce() {
        let app = TestApp(Fixture.live(), run: "7f3a91c2d4e5f607", size: "120x40")
        let clock = ContinuousClock()
        var times = (0..<100).map { step in
            clock.measure {
                app.type(step.isMultiple(of: 2) ? "j" : "k")
                _ = app.surface
            }
        }
        times.sort()
        #expect(times[50] < .milliseconds(20))
    }

    @Test func errorsOfTheStoreAreSaidOnce() {
        let app = TestApp(FixtureSource(), run: "gone")
        #expect(app.rows.last?.contains("there is no run gone") == true)
        app.type("1")
        #expect(app.rows.contains { $0.contains("No runs yet.") })
    }
}
