import Engine
import Foundation
import Synchronization

/// ^C, TERM and HUP while a run goes on without a screen: the first cancels it, the second ends the program.
final class Interrupts: Sendable {
    private struct State {
        var cancel: (@Sendable () -> Void)?
        var isOver: @Sendable () -> Bool = { false }
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
    func watch(_ live: LiveRun) { watch({ live.cancel() }, isOver: { live.isFinished }) }

    /// As that, for what runs alone.
    func watch<Value, Failure>(_ task: Task<Value, Failure>) { watch({ task.cancel() }, isOver: { false }) }

    private func watch(_ cancel: @escaping @Sendable () -> Void, isOver: @escaping @Sendable () -> Bool) {
        state.withLock { ($0.cancel, $0.isOver) = (cancel, isOver) }
    }

    /// From now on each of them ends the program at once, as it does where nobody listens: nothing is running.
    func stop() {
        for source in sources { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
    }

    private func take(_ number: Int32) {
        let (cancel, isOver, count) = state.withLock { state in
            state.count += 1
            return (state.cancel, state.isOver, state.count)
        }
        guard let cancel else {
            ErrorReport.say("cancelled before the run began")
            _exit(ExitStatus.cancelled.rawValue)
        }
        // A second signal means: do not wait for a clean end. A run that is over needs none.
        if count > 1 || isOver() { _exit(128 + number) }
        cancel()
    }
}
