import LMClients
import Synchronization
import Trajectory
import TrajectoryStore

/// Hands the growing text of a streaming answer to the store, at most ten times a second.
final class LivePreview: Sendable {
    private struct State {
        /// A client may hand on text with reasoning in it.
        var splitter = ReasoningSplitter()
        var shownAt: ContinuousClock.Instant?
    }

    private static let interval: Duration = .milliseconds(100)
    /// Bytes of the end of a long answer that are shown while it grows.
    private static let limit = 1 << 16
    private let completion: CompletionID
    private let writer: TrajectoryWriter
    private let state = Mutex(State())

    init(completion: CompletionID, writer: TrajectoryWriter) {
        self.completion = completion
        self.writer = writer
    }

    /// An empty piece begins anew, after a retry.
    func add(_ piece: String) {
        let text = state.withLock { state -> String? in
            if piece.isEmpty { state.splitter = ReasoningSplitter() } else { _ = state.splitter.read(piece) }
            let now = ContinuousClock.now
            if let shown = state.shownAt, now - shown < Self.interval { return nil }
            state.shownAt = now
            return Self.end(of: state.splitter.text)
        }
        if let text { writer.enqueuePartialResponse(completion, text: text) }
    }

    private static func end(of text: String) -> String {
        guard text.utf8.count > limit else { return text }
        // The first character may be cut in half.
        return "…" + String(decoding: text.utf8.suffix(limit), as: UTF8.self).drop { $0 == "\u{FFFD}" }
    }
}
