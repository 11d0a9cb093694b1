import Foundation
import Synchronization
import Terminal
import TestSupport
import Testing
import Trajectory
import Views

@testable import Application

/// The explorer without a terminal: type keys, look at the screen.
///
/// For example:
///
///     let app = TestApp(Fixture.live(), run: "7f3a91c2d4e5f607")
///     app.type("jjj<enter>")
///     app.expectScreen("subcall")
final class TestApp {
    let loop: ExplorerLoop
    private(set) var copied: Box = Box()

    final class Box: @unchecked Sendable {  // @unchecked: the test's one thread writes and reads it.
        var texts: [String] = []
    }

    final class Control: RunControl, Sendable {
        struct State: Sendable {
            var isFinished = false
            var cancellations = 0
            var isPaused = false
            var steps = 0
            var rules: [String] = []
            var decisions: [(holds: [HoldID], decision: Hold.Decision, edit: NodeEdit?)] = []
            var wasLeftHeld = false
        }

        let id: RunID
        let state = Mutex(State())

        init(id: RunID) { self.id = id }

        var isFinished: Bool {
            get { state.withLock { $0.isFinished } }
            set { state.withLock { $0.isFinished = newValue } }
        }
        var cancellations: Int { state.withLock { $0.cancellations } }
        var decisions: [(holds: [HoldID], decision: Hold.Decision, edit: NodeEdit?)] {
            state.withLock { $0.decisions }
        }

        func cancel() { state.withLock { $0.cancellations += 1 } }
        var isPaused: Bool { state.withLock { $0.isPaused } }
        func pause() { state.withLock { $0.isPaused = true } }
        func unpause() { state.withLock { $0.isPaused = false } }
        func step() { state.withLock { $0.steps += 1 } }
        var holdRuleTexts: [String] { state.withLock { $0.rules } }
        /// Knows one mistake: a second `>`.
        func setHoldRules(_ rules: [String]) throws {
            for (place, rule) in rules.enumerated() {
                if let mistake = rule.range(of: ">>") {
                    let column = rule.distance(from: rule.startIndex, to: mistake.lowerBound) + 2
                    throw HoldRuleProblem(rule: place, column: column, message: "expected a number")
                }
            }
            state.withLock { $0.rules = rules }
        }
        func decide(_ holds: [HoldID], _ decision: Hold.Decision, edit: NodeEdit?) async throws {
            state.withLock { $0.decisions.append((holds, decision, edit)) }
        }
        func leaveHeld() { state.withLock { $0.wasLeftHeld = true } }
    }

    let control: Control?
    private let background: BackgroundWork

    /// Whether something goes on beside the screen.
    var isBusy: Bool { !background.isIdle }

    /// Waits until nothing goes on beside the screen, and takes what came of it.
    func waitUntilIdle() {
        let deadline = ContinuousClock.now + .seconds(20)
        while isBusy, ContinuousClock.now < deadline { Thread.sleep(forTimeInterval: 0.002) }
        loop.takeMessages()
        loop.read()
    }

    init(
        _ source: any TrajectorySource,
        run: String? = nil,
        size: String = "80x24",
        isOwn: Bool = false,
        glyphs: GlyphSet = .unicode,
        now: Date = Fixture.start.addingTimeInterval(41),
        isInline: Bool = true,
        travel: (any TravelControl)? = nil,
        editor: @escaping @Sendable (String) -> String? = { $0 + " and more" }
    ) {
        background = BackgroundWork(isInline: isInline)
        let box = Box()
        copied = box
        let services = TerminalServices(
            copy: { box.texts.append($0) }, page: { box.texts.append("paged: " + $0) },
            edit: { text, _ in
                box.texts.append("edited: " + text)
                return editor(text)
            })
        let id = run.map { RunID(rawValue: $0) }
        let control = isOwn ? id.map { Control(id: $0) } : nil
        self.control = control
        let isLive = id.flatMap { try? source.run($0) }.map { RunHeader(run: $0).isLive(at: now) } ?? false
        loop = ExplorerLoop(
            model: ExplorerModel(
                size: Size(size) ?? Size(columns: 80, rows: 24),
                run: id,
                isLive: isLive,
                ownRuns: OwnRuns(control).state,
                glyphs: glyphs,
                now: now,
                abilities: .init(canCopy: true, canPage: true, canEdit: true, canTravel: travel != nil),
                storePath: "trajectories.sqlite"
            ),
            runner: CommandRunner(
                library: TrajectoryLibrary(source), services: services, control: control, travel: travel,
                background: background),
            palette: .plain,
            clock: { now }
        )
        loop.read()
    }

    var model: ExplorerModel { loop.model }
    var surface: Surface { loop.model.draw() }
    var rows: [String] { surface.text().split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    /// The row of the screen with the cursor, without its ends.
    var cursorRow: String {
        let surface = surface
        let y = (0..<surface.size.rows).first { surface[0, $0].text == "▌" || surface[0, $0].text == ">" } ?? 0
        return rows[y]
    }

    func type(_ notation: String) {
        do {
            for key in try KeyNotation.parse(notation) { send(.screen(.key(key))) }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func send(_ message: ExplorerMessage) {
        loop.process(message)
        loop.read()
    }

    func resize(_ size: String) { send(.screen(.resized(Size(size) ?? Size(columns: 80, rows: 24)))) }

    func expectScreen(
        _ name: String,
        file: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        TestSupport.expectScreen(surface, named: name, file: file, sourceLocation: sourceLocation)
    }
}
