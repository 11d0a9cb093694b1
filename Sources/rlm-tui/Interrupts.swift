import Engine
import Foundation
import Synchronization

/// ^C, TERM and HUP while a run goes on without a screen: the first cancels the run, the second ends the program.
final class Interrupts: Sendable {
    private struct State {
        var live: LiveRun?
        var count = 0
    }

    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private let state: Mutex<State>
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]  // Set once, only cancelled afterwards.

    /// Listens from now on.
    init() {
        sources = Self.numbers.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        state = Mutex(State())
        for (source, number) in zip(sources, Self.numbers) {
            source.setEventHandler { [self] in take(number) }
            source.resume()
        }
    }

    /// The run to cancel. Before there is one nothing has been written, and the program just ends.
    func watch(_ live: LiveRun) { state.withLock { $0.live = live } }

    /// From now on each of them ends the program at once, as it does where nobody listens: nothing is running.
    func stop() {
        for source in sources { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
    }

    private func take(_ number: Int32) {
        let (live, count) = state.withLock { state in
            state.count += 1
            return (state.live, state.count)
        }
        guard let live else {
            ErrorReport.say("cancelled before the run began")
            _exit(ExitStatus.cancelled.rawValue)
        }
        // A second signal means: do not wait for a clean end. A run that is over needs none.
        if count > 1 || live.isFinished { _exit(128 + number) }
        live.cancel()
    }
}
