// What is known about a run besides its row in the store: whether anybody is still working on it, and since when.

package import Foundation
package import Trajectory

/// A run as the top lines and the list of runs show it.
package struct RunHeader: Hashable, Sendable {
    /// An engine says it is alive every few seconds. One that has been silent for this long, in seconds, is gone.
    package static let silenceOfTheDead: Double = 30

    package var run: Run
    /// Whether the engine of this run lives in this process.
    package var isOwn: Bool
    /// Seconds that the screen has shown already: whatever clocks and engines do, it never shows fewer afterwards.
    package var shownElapsed: Double?
    /// Seconds by which the clock was set back while the run went on.
    package var clockSetBack: Double = 0
    /// How fast it spends; nil until there is a rate.
    package var rate: SpendingRate?
    /// Failed iterations in a row up to now; nil where they were not read.
    package var errorsInARow: Int?
    /// Whether no new request leaves, by hand.
    package var isPaused = false
    /// What waits for a person, blocks and answers included; nil where it was not counted.
    package var holds: Int?
    /// Rules that hold what comes.
    package var holdRules = 0

    package init(run: Run, isOwn: Bool = false) {
        self.run = run
        self.isOwn = isOwn
    }

    /// Whether somebody is working on it.
    package func isLive(at now: Date) -> Bool {
        guard !run.status.isFinal, run.origin != .imported else { return false }
        // The engine of a run that waits for a person has ended in good order.
        if run.status == .held { return isOwn }
        return isOwn || now.timeIntervalSince(run.heartbeatAt ?? run.createdAt) < Self.silenceOfTheDead
    }

    /// Whether its engine went away without a word.
    package func isInterrupted(at now: Date) -> Bool {
        run.stopReason == .interrupted || (!run.status.isFinal && run.status != .held && !isLive(at: now))
    }

    /// Seconds from its beginning to its end, or to now while it goes on; nil where the end is unknown.
    package func elapsed(at now: Date) -> Double? {
        let isLive = run.endedAt == nil && isLive(at: now)
        let end = run.endedAt ?? (isLive ? now : run.heartbeatAt)
        let seconds = end.map { max(0, $0.timeIntervalSince(run.createdAt) + (isLive ? clockSetBack : 0)) }
        guard let shownElapsed else { return seconds }
        return max(shownElapsed, seconds ?? 0)
    }

    /// Requests on their way to a model. Where nobody counted them: the calls that run, but for the root, which holds the
    /// others.
    package var requestsInFlight: Int {
        run.requestsInFlight ?? max(0, run.calls.running - (run.status.isFinal ? 0 : 1))
    }

    /// What waits for a person.
    package var held: Int { max(holds ?? 0, run.calls.held) }

    /// `running`, `paused`, `failed`, `limited: out of iterations`, `interrupted`.
    package func state(at now: Date) -> String {
        if isInterrupted(at: now) { return StopReason.interrupted.sentence }
        if isPaused { return "paused" }
        if run.status == .limited, let reason = run.stopReason { return "limited: \(reason.sentence)" }
        return run.status.rawValue
    }

    /// Why it ended as it did, where there is something to explain; nil otherwise.
    package func explanation(at now: Date) -> String? {
        if let failure = run.failure { return failure.description }
        if isInterrupted(at: now) {
            return "interrupted: its engine went away without a word; what it had paid for is here"
        }
        switch (run.status, run.stopReason) {
        case (.limited, let reason?): return "limited: \(reason.sentence)" + limit(reason)
        case (.failed, let reason?) where reason != .failed: return "failed: \(reason.sentence)"
        case (.failed, _): return "failed, and no reason was recorded"
        case (.cancelled, _): return "cancelled before it was done"
        default: return nil
        }
    }

    private func limit(_ reason: StopReason) -> String {
        let figures = Figures()
        let settings = run.settings
        let limit: String? =
            switch reason {
            case .maxIterations: settings.maxIterations.map { "\($0) iterations" }
            case .maxBudget: settings.maxBudget.map { figures.cost($0) }
            case .maxTokens: settings.maxTokens.map { "\(figures.count($0)) tokens" }
            case .maxTimeout: settings.maxTimeout.map { figures.duration($0) }
            case .maxErrors: settings.maxErrors.map { "\($0) errors" }
            case .maxSubcalls: settings.maxSubcalls.map { "\($0) sub-calls" }
            case .answered, .contextOverflow, .cancelled, .failed, .interrupted, .held: nil
            }
        return limit.map { " (limit \($0)); the answer is a best effort" } ?? "; the answer is a best effort"
    }
}
