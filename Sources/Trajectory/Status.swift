/// How far a node or run has come.
package enum Status: String, Sendable, CaseIterable, Codable {
    case queued, held, running, succeeded, failed, cancelled, limited

    /// Whether nothing more will happen by itself.
    package var isFinal: Bool {
        switch self {
        case .queued, .held, .running: false
        case .succeeded, .failed, .cancelled, .limited: true
        }
    }
}

/// How an answer came.
package enum Origin: String, Sendable, CaseIterable, Codable {
    /// From a model, when it was asked for.
    case live
    /// From a model, before it was asked for (look-ahead).
    case ahead
    /// From the store.
    case recorded
    /// Written by a person.
    case edited
    /// From another tool's file.
    case imported
}

/// Whether what is recorded still follows from what it was made of.
package enum Freshness: String, Sendable, CaseIterable, Codable {
    case fresh
    /// An input of it has changed since.
    case stale
    /// Executing it again did not repeat what was recorded.
    case diverged
}

/// Why a run ended.
package enum StopReason: String, Sendable, CaseIterable, Codable {
    case answered
    case maxIterations = "max_iterations"
    case maxBudget = "max_budget"
    case maxTokens = "max_tokens"
    case maxTimeout = "max_timeout"
    case maxErrors = "max_errors"
    case maxSubcalls = "max_subcalls"
    /// The conversation outgrew the model's window.
    case contextOverflow = "context_overflow"
    case cancelled
    case failed
    /// Its engine went away without a word.
    case interrupted
    /// It waits for a person to decide what is held.
    case held

    /// The limit a run met, in a person's words.
    package var sentence: String {
        switch self {
        case .answered: "answered"
        case .maxIterations: "out of iterations"
        case .maxBudget: "budget used up"
        case .maxTokens: "tokens used up"
        case .maxTimeout: "time used up"
        case .maxErrors: "too many errors"
        case .maxSubcalls: "sub-calls used up"
        case .contextOverflow: "the conversation outgrew the model"
        case .cancelled: "cancelled"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .held: "held"
        }
    }
}
