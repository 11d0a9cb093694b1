// What a change adds to the totals of the nodes above it, gathered in memory until the transaction ends.
internal import Trajectory

/// A difference of subtree totals. Counts may be negative (a call that leaves `queued`).
struct TotalsDelta: Equatable {
    var usage = UsageTotal()
    var calls = CallCounts()
    /// Requests on their way to a model.
    var requests = 0
    /// The deepest call seen below, 0 for none.
    var deepest = 0

    /// Whether it changes nothing, as where a call began and ended in one transaction.
    var isEmpty: Bool { self == TotalsDelta() }

    static func += (total: inout TotalsDelta, other: TotalsDelta) {
        total.usage += other.usage
        total.calls.queued += other.calls.queued
        total.calls.running += other.calls.running
        total.calls.held += other.calls.held
        total.calls.done += other.calls.done
        total.calls.failed += other.calls.failed
        total.calls.cancelled += other.calls.cancelled
        total.calls.limited += other.calls.limited
        total.requests += other.requests
        total.deepest = max(total.deepest, other.deepest)
    }

    /// Moves one call from a status to another; nil stands for "not there".
    mutating func move(from old: Status?, to new: Status?) {
        if let old { calls.count(old, by: -1) }
        if let new { calls.count(new, by: 1) }
    }
}

extension CallCounts {
    mutating func count(_ status: Status, by number: Int) {
        switch status {
        case .queued: queued += number
        case .running: running += number
        case .held: held += number
        case .failed:
            done += number
            failed += number
        case .cancelled:
            done += number
            cancelled += number
        case .limited:
            done += number
            limited += number
        case .succeeded: done += number
        }
    }
}

/// The differences of one operation or transaction, by the lowest node each concerns. They move up the tree once, when
/// the transaction ends, so that 5,000 sub-calls change each node above them one time.
struct PendingTotals {
    private(set) var iterations: [Int64: TotalsDelta] = [:]
    private(set) var calls: [Int64: TotalsDelta] = [:]

    var isEmpty: Bool { iterations.isEmpty && calls.isEmpty }

    mutating func add(_ delta: TotalsDelta, toIteration id: Int64) {
        iterations[id, default: TotalsDelta()] += delta
    }

    mutating func add(_ delta: TotalsDelta, toCall id: Int64) {
        calls[id, default: TotalsDelta()] += delta
    }

    mutating func merge(_ other: PendingTotals) {
        for (id, delta) in other.iterations { add(delta, toIteration: id) }
        for (id, delta) in other.calls { add(delta, toCall: id) }
    }

    mutating func removeAll() {
        iterations.removeAll(keepingCapacity: true)
        calls.removeAll(keepingCapacity: true)
    }

    mutating func takeCalls() -> [Int64: TotalsDelta] {
        defer { calls = [:] }
        return calls
    }

    mutating func takeIterations() -> [Int64: TotalsDelta] {
        defer { iterations = [:] }
        return iterations
    }
}
