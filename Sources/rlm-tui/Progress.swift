import Foundation
import Trajectory
import TrajectoryStore

/// Says on stderr how far a headless run is: one line that is rewritten where stderr is a terminal, otherwise a
/// line for each iteration from the second on: where the first fails, the reason alone is to be read.
struct Progress {
    let run: RunID
    let store: TrajectoryStore

    func report() async {
        let isTerminal = isatty(STDERR_FILENO) == 1
        var shown = ""
        while !Task.isCancelled {
            if let state = try? store.run(run) {
                let line = Self.line(state, withTime: isTerminal)
                if line != shown && (isTerminal || state.iterations > 1) {
                    write(isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n")
                    shown = line
                }
            }
            try? await Task.sleep(for: .milliseconds(isTerminal ? 200 : 500))
        }
        if isTerminal { write("\r\u{1B}[K") }
    }

    private static func line(_ run: Run, withTime: Bool) -> String {
        var parts = ["\(run.id.short)", "iteration \(run.iterations)"]
        if withTime {
            let calls = run.calls
            parts.append("\(calls.done.counted("call")) done, \(calls.running.grouped) in flight")
            parts.append("\(Int(Date().timeIntervalSince(run.createdAt))) s")
        }
        return "rlm-tui: " + parts.joined(separator: " · ")
    }

    private func write(_ text: String) { StandardError.put(text) }
}
