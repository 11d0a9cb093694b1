/// What a person who looks for what went wrong or waits wants to find: the nodes that are not simply well.
package enum Problem: String, Sendable, CaseIterable, Codable {
    case failed, cancelled, limited, held, stale, diverged
}

extension Node {
    /// What is wrong with it, the gravest first; nil when nothing is.
    package var problem: Problem? { Problem(status: status, freshness: freshness) }
}

extension Problem {
    package init?(status: Status, freshness: Freshness) {
        switch (status, freshness) {
        case (.failed, _): self = .failed
        case (.cancelled, _): self = .cancelled
        case (.limited, _): self = .limited
        case (.held, _): self = .held
        case (_, .stale): self = .stale
        case (_, .diverged): self = .diverged
        case (.queued, .fresh), (.running, .fresh), (.succeeded, .fresh): return nil
        }
    }
}
