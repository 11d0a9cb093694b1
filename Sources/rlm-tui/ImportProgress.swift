import Foundation
import Synchronization
import TrajectoryStore

/// One line on a terminal about an import that takes longer than a moment.
final class ImportProgress: Sendable {
    private struct State {
        var shownAt = Date() + 0.5 - ImportProgress.interval
        var isShown = false
    }

    private static let interval: TimeInterval = 0.25

    private let name: String
    private let byteCount: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    init(file: String) {
        name = (file as NSString).lastPathComponent
        var look = stat()
        byteCount = stat(file, &look) == 0 ? Int(look.st_size) : 0
    }

    func show(_ progress: RunImport.Progress) {
        guard isTerminal else { return }
        let isDue = state.withLock { state in
            let now = Date()
            guard now.timeIntervalSince(state.shownAt) >= Self.interval else { return false }
            state = State(shownAt: now, isShown: true)
            return true
        }
        guard isDue else { return }
        let share = byteCount > 0 ? "\(min(100, progress.bytesRead * 100 / byteCount)) % read" : "reading"
        let line = "rlm-tui: importing \(name) · \(share) · \(progress.calls.counted("call"))"
        StandardError.put("\r\u{1B}[K" + TerminalText.plain(line))
    }

    /// Takes the line away.
    func end() {
        let wasShown = state.withLock { state in
            defer { state.isShown = false }
            return state.isShown
        }
        if wasShown { StandardError.put("\r\u{1B}[K") }
    }
}
