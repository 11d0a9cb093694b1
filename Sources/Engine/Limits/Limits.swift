package import Trajectory

/// The bounds of a run, shared by every call of its tree. Nil means unbounded.
package struct Limits: Hashable, Sendable {
    /// `rlm` calls are made at depths below this; deeper `rlm_query` becomes `llm_query`.
    package var depth: Int
    /// Of each `rlm` call.
    package var iterations: Int
    /// US dollars.
    package var budget: Double?
    /// Input and output tokens of all completions together.
    package var tokens: Int?
    /// Wall seconds.
    package var timeout: Double?
    /// Failed iterations in a row.
    package var errors: Int?
    package var subcalls: Int?
    package var concurrentSubcalls: Int

    package init(
        depth: Int = 1,
        iterations: Int = 30,
        budget: Double? = nil,
        tokens: Int? = nil,
        timeout: Double? = nil,
        errors: Int? = 10,
        subcalls: Int? = 10_000,
        concurrentSubcalls: Int = 32
    ) {
        self.depth = depth
        self.iterations = iterations
        self.budget = budget
        self.tokens = tokens
        self.timeout = timeout
        self.errors = errors
        self.subcalls = subcalls
        self.concurrentSubcalls = concurrentSubcalls
    }
}

/// A limit of the run was met. Ends the block that asked, then the call, then the run.
package struct LimitReached: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: StopReason
    /// Which limit, how far it was used, and how to raise it.
    package let message: String

    package var description: String { message }
    package var failure: Failure { Failure(kind: "limit", message: message) }
}
