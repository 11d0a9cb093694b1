import Foundation
import Synchronization
import TrajectoryStore

/// Says on stderr what the store waits for, when it goes on, and what happened to its file, where no screen does.
final class StoreReport: Sendable {
    private struct State {
        var observation: StoreObservation?
        var waitsFor: String?
        var noticeCount = 0
    }

    private let state = Mutex(State())

    init(_ store: TrajectoryStore) {
        // The store outlives its observation, which holds it weakly: it may be closed first.
        let observation = store.observe { [weak self, weak store] _ in
            guard let self, let store else { return }
            say(of: store)
        }
        state.withLock { $0.observation = observation }
    }

    /// Says nothing more.
    func stop() {
        let observation = state.withLock { state in
            defer { state.observation = nil }
            return state.observation
        }
        observation?.cancel()
    }

    private func say(of store: TrajectoryStore) {
        let (waiting, notices) = (store.waiting, store.notices)
        let lines: [String] = state.withLock { state in
            var lines = Array(notices.dropFirst(state.noticeCount))
            state.noticeCount = notices.count
            if waiting != state.waitsFor { lines.append(waiting ?? "the trajectory store is free again; going on") }
            state.waitsFor = waiting
            return lines
        }
        for line in lines {
            // A line of progress may stand there; it is written again.
            if isatty(STDERR_FILENO) == 1 { StandardError.put("\r\u{1B}[K") }
            ErrorReport.say(line)
        }
    }
}
