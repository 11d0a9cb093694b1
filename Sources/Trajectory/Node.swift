package import Foundation

/// A node of the call tree as a list or tree shows it: small, without its long texts.
package struct Node: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable {
        case rlm, llm, iteration, block
    }

    package var id: NodeID
    package var address: Address
    package var kind: Kind
    /// Of the call it is or belongs to.
    package var depth: Int
    package var status: Status
    package var origin: Origin
    package var freshness: Freshness
    /// `PROVIDER/NAME` as recorded; nil for blocks, and where the source did not say.
    package var model: String?
    /// What it is about, on one line of at most 200 characters: the prompt's beginning, the code's first line,
    /// or the failure. Untrusted text.
    package var title: String
    package var failure: Failure?
    /// The beginning of its answer or output, on one line of at most 400 characters. Untrusted text.
    package var preview: String
    /// Its own completion alone: the current attempt.
    package var own: UsageTotal
    /// Itself and everything below, every attempt that was paid included.
    package var subtree: UsageTotal
    /// Calls below it, itself not counted.
    package var calls: CallCounts
    /// Attempts there are; 1 for most.
    package var attempts: Int
    /// Rows `children` would give.
    package var childCount: Int
    /// The block that made it, for a sub-call.
    package var block: Int?
    /// Sub-calls of one batch share this number (unique in the iteration); nil for a single call.
    package var batch: Int?
    package var startedAt: Date?
    package var endedAt: Date?
    /// Wall time; nil while it runs and where it is unknown.
    package var seconds: Double?
    /// Whether its own answer ends where the token limit cut it.
    package var isCut = false

    package init(
        id: NodeID, address: Address, kind: Kind, depth: Int, status: Status, origin: Origin, freshness: Freshness,
        model: String?, title: String, failure: Failure?, preview: String, own: UsageTotal, subtree: UsageTotal,
        calls: CallCounts, attempts: Int, childCount: Int, block: Int?, batch: Int?, startedAt: Date?, endedAt: Date?,
        seconds: Double?
    ) {
        self.id = id
        self.address = address
        self.kind = kind
        self.depth = depth
        self.status = status
        self.origin = origin
        self.freshness = freshness
        self.model = model
        self.title = title
        self.failure = failure
        self.preview = preview
        self.own = own
        self.subtree = subtree
        self.calls = calls
        self.attempts = attempts
        self.childCount = childCount
        self.block = block
        self.batch = batch
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.seconds = seconds
    }
}

/// How many calls are in which state. `done` counts succeeded, failed, cancelled and limited ones together.
package struct CallCounts: Hashable, Sendable {
    package var queued: Int
    package var running: Int
    package var held: Int
    package var done: Int
    /// Part of `done`, as the next two are.
    package var failed: Int
    package var cancelled: Int
    package var limited: Int

    package init(
        queued: Int = 0, running: Int = 0, held: Int = 0, done: Int = 0, failed: Int = 0, cancelled: Int = 0,
        limited: Int = 0
    ) {
        self.queued = queued
        self.running = running
        self.held = held
        self.done = done
        self.failed = failed
        self.cancelled = cancelled
        self.limited = limited
    }

    package var total: Int { queued + running + held + done }
    package var succeeded: Int { max(0, done - failed - cancelled - limited) }
}
