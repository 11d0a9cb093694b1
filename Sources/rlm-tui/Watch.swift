import Application
import Engine
import Foundation
import LMClients
import Terminal
import Trajectory
import TrajectoryStore

/// Carries a run from its start to the exit status: on the screen where there is one, else in lines on stderr.
struct Watch {
    let request: RunRequest
    let clients: any ClientSource
    let store: TrajectoryStore
    let theme: ThemeOption
    let isHeadless: Bool
    let isJSON: Bool

    static var hasTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Ends by throwing `Ending` unless the run was answered.
    func run() async throws {
        // Closed by hand, since the program ends by `exit`: what waits is indexed and the log is written back.
        defer { try? store.close() }
        let live = try await LiveRun.start(request, in: store, clients: clients, fetch: URLFetch.fetch)
        let result = isHeadless ? await headless(live) : try await onScreen(live)
        try await store.writer().flush()
        if isJSON {
            try JSONOutput.print(RunResultJSON(run: try store.run(live.id), wallSeconds: result.wallSeconds))
        } else if let answer = result.answer {
            print(isatty(STDOUT_FILENO) == 1 ? TerminalText.plain(answer, keepingLines: true) : answer)
        }
        if let failure = result.failure, result.status != .succeeded {
            ErrorReport.say("\(result.stopReason.sentence): \(failure.message)")
        }
        guard let status = Self.exitStatus(of: result) else { return }
        throw Ending(status: status)
    }

    private static func exitStatus(of result: RunResult) -> ExitStatus? {
        switch result.status {
        case .succeeded: nil
        case .limited: .limitReached
        case .cancelled: .cancelled
        case .failed, .queued, .held, .running: result.isUnavailable ? .unavailable : .runFailed
        }
    }

    // MARK: - On the screen

    private func onScreen(_ live: LiveRun) async throws -> RunResult {
        let control: any RunControl = live
        do {
            try await MainActor.run { try theme.explore(store, run: live.id, control: control) }
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

    private func headless(_ live: LiveRun) async -> RunResult {
        let interrupts = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            var count = 0
            source.setEventHandler {
                count += 1
                // Whoever asks twice does not want to wait for a clean end.
                if count > 1 { _exit(128 + number) }
                live.cancel()
            }
            source.resume()
            return source
        }
        defer { for source in interrupts { source.cancel() } }
        let progress = Task { await Progress(run: live.id, store: store).report() }
        let result = await live.result()
        progress.cancel()
        _ = await progress.value
        return result
    }
}

extension LiveRun: RunControl {}
