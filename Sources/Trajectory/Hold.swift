package import Foundation

/// A request, block or answer that was stopped by a hold rule or by hand, and what a person decided about it.
package struct Hold: Hashable, Sendable {
    /// Where it was stopped.
    package enum Stage: String, Sendable, Codable, CaseIterable {
        case beforeSend = "before-send"
        case beforeRun = "before-run"
        case beforeDeliver = "before-deliver"
    }

    /// What a person decided.
    package enum Decision: Hashable, Sendable {
        /// It goes on, as it is or as `Hold.change` says.
        case release
        /// This answer stands in for the model's.
        case answer(String)
        /// It is dropped; the code that asked sees a failed sub-call.
        case drop
    }

    package var id: HoldID
    package var run: RunID
    package var node: NodeID
    package var address: Address
    /// The request that is held; nil for a block.
    package var completion: CompletionID?
    package var stage: Stage
    /// The rule that held it, as it was written; `by hand` where a person did.
    package var rule: String
    /// The beginning of what is held, on one line. Untrusted text.
    package var preview: String
    /// Nil while it is held.
    package var decision: Decision?
    /// What a person changed in what is held, as JSON; nil where nothing was.
    package var change: String?
    package var createdAt: Date
    package var releasedAt: Date?

    package init(
        id: HoldID, run: RunID, node: NodeID, address: Address, completion: CompletionID?, stage: Stage, rule: String,
        preview: String, decision: Decision?, change: String?, createdAt: Date, releasedAt: Date?
    ) {
        self.id = id
        self.run = run
        self.node = node
        self.address = address
        self.completion = completion
        self.stage = stage
        self.rule = rule
        self.preview = preview
        self.decision = decision
        self.change = change
        self.createdAt = createdAt
        self.releasedAt = releasedAt
    }
}
