import Application
import Engine
import Foundation
import LMClients
import REPL
import Terminal
import Trajectory
import TrajectoryStore

/// Carries a run from its start to the exit status: on the screen where there is one, else in lines on stderr.
struct Watch {
    let clients: any ClientSource
    let store: TrajectoryStore
    let theme: ThemeOption
    let isHeadless: Bool
    let isJSON: Bool
    /// Whether all of the run is done now, and nothing of it was there before.
    var isPlain = true
    /// Where the run's REPL is kept when it has ended, as long as the screen is open.
    var keeper = REPLKeeper()
    /// The model that may have been meant by one that its provider does not have.
    var suggestModel: @Sendable () async -> String? = { nil }
    /// Starts the run.
    let begin: @Sendable () async throws -> LiveRun

    /// Whether there is a terminal on both ends. Keys come from the terminal itself where standard input is a pipe.
    static var hasTerminal: Bool { isatty(STDOUT_FILENO) == 1 && TerminalInput.descriptor != nil }

    /// Whether a run can be shown: a terminal that knows no more than lines is told of it in lines.
    static var hasScreen: Bool {
        let term = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return hasTerminal && !term.isEmpty && term != "dumb"
    }

    /// Ends by throwing `SilentExit` unless the run was answered.
    func run() async throws {
        let report = StoreReport(store)
        defer { report.stop() }
        let result = isHeadless ? try await headless() : try await onScreen(try await start(), report)
        // What failed beside the run, such as a sign of life that came too late, does not keep its answer back.
        do { try await store.writer().flush() } catch { ErrorReport.say("\(error)") }
        if let registry = clients as? ClientRegistry { registry.takeNotices().forEach(ErrorReport.say) }
        var run = try store.run(result.run)
        if !run.status.isFinal { (run.status, run.stopReason) = (result.status, result.stopReason) }
        let held =
            result.status == .held
            ? try store.holds(in: run.id, isOpen: true).sorted { $0.address.isBefore($1.address) } : []
        try store.close()
        result.notices.forEach(ErrorReport.say)
        if result.status == .held { sayHeld(held, of: run) }
        if isJSON {
            try JSONOutput.print(RunResultJSON(run: run, result: result, isPlain: isPlain, held: held))
        } else if let answer = result.answer {
            StandardOutput.print(isatty(STDOUT_FILENO) == 1 ? TerminalText.plain(answer, keepingLines: true) : answer)
        }
        if let failure = result.failure, result.status != .succeeded {
            var said = "\(result.stopReason.sentence): \(failure.message)"
            if failure.kind == CompletionError.Code.modelNotFound.rawValue,
                let meant = await suggestModel()
            {
                said += "; did you mean '\(meant)'?"
            }
            ErrorReport.say(said)
        }
        guard let status = Self.exitStatus(of: result) else { return }
        throw SilentExit(status: status)
    }

    private static func exitStatus(of result: RunResult) -> ExitStatus? {
        switch result.status {
        case .succeeded, .held: nil
        case .limited: .limitReached
        case .cancelled: .cancelled
        case .failed where result.failure?.kind == REPLError.Code.contextUnreadable.rawValue: .wrongUse
        case .failed, .queued, .running: result.isUnavailable ? .unavailable : .runFailed
        }
    }

    private func sayHeld(_ holds: [Hold], of run: Run) {
        for hold in holds.prefix(20) {
            ErrorReport.say("held at \(hold.address) (\(hold.stage.rawValue), rule \(hold.rule)): \(hold.preview)")
        }
        if holds.count > 20 { ErrorReport.say("… and \((holds.count - 20).grouped) more") }
        ErrorReport.say(
            "'rlm-tui resume \(run.id) --release all' goes on; --answer ADDRESS=TEXT and --drop ADDRESS decide one")
    }

    // MARK: - On the screen

    private func onScreen(_ live: LiveRun, _ report: StoreReport) async throws -> RunResult {
        // From here on the screen says it.
        report.stop()
        let control: any RunControl = live
        do {
            try await theme.explore(store, run: live.id, control: control, keeper: keeper)
        } catch {
            // The run was started for somebody who cannot see it.
            live.cancel()
            _ = await live.result()
            throw error
        }
        if !live.isFinished { live.cancel() }
        return await live.result()
    }

    // MARK: - Without a screen

    private func headless() async throws -> RunResult {
        let interrupts = Interrupts()
        defer { interrupts.stop() }
        let live = try await start()
        interrupts.watch(live)
        let progress = Task { await Progress(run: live.id, store: store).report() }
        let result = await live.result()
        progress.cancel()
        _ = await progress.value
        return result
    }

    private func start() async throws -> LiveRun {
        let live = try await begin()
        for notice in live.notices { ErrorReport.say(notice) }
        return live
    }
}
