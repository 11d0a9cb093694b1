// Stores in folders of their own, and the totals counted anew from the rows.
import Foundation
import Trajectory

@testable import TrajectoryStore

/// A folder that goes away with its last user.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "store-tests-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var storePath: String { "\(path)/trajectories.sqlite" }
}

func newRun(_ id: String = RunID.random().rawValue, question: String = "Why?") -> NewRun {
    NewRun(id: RunID(rawValue: id), question: question, model: "test/root", createdAt: Date())
}

func newCompletion(_ texts: String...) -> NewCompletion {
    NewCompletion(model: "test/model", messages: texts.map { Message(role: .user, content: $0) })
}

func llmCall(in iteration: IterationID, _ prompt: String, block: BlockID? = nil, batch: Int? = nil) -> NewCall {
    NewCall(
        iteration: iteration,
        block: block,
        kind: .llm,
        depth: 1,
        model: "test/sub",
        prompt: [Message(role: .user, content: prompt)],
        batch: batch,
        completion: newCompletion(prompt)
    )
}

func answered(_ text: String, _ usage: Usage = Usage(inputTokens: 10, outputTokens: 2)) -> CompletionResult {
    CompletionResult(response: text, status: .succeeded, usage: usage)
}

/// Totals of calls and iterations, as they are kept or as the rows below give them.
struct Totals: Equatable {
    var usage = UsageTotal()
    var calls = CallCounts()
    var requests = 0
    var deepest = 0

    static func += (total: inout Totals, other: Totals) {
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
}

extension TrajectoryStore {
    /// Nodes whose kept totals are not what their rows give; empty when all is well. Costs must be sums of quarters, so
    /// that adding them in another order gives the same.
    func wrongTotals() throws -> [String] {
        try readers.read { connection in
            let columns = """
                tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, completions, unknown_tokens, unknown_cost,
                calls_queued, calls_running, calls_held, calls_done, calls_failed, calls_cancelled, calls_limited, requests,
                deepest
                """
            func kept(_ row: Statement) -> Totals {
                Totals(
                    usage: row.usageTotal(from: 4),
                    calls: row.callCounts(from: 12),
                    requests: row.int(19),
                    deepest: row.int(20)
                )
            }
            var own: [String: UsageTotal] = [:]
            let completions = try connection.prepare(
                """
                SELECT k.iteration, coalesce(k.call, r.root), k.tokens_in, k.tokens_out, k.tokens_cached,
                    k.tokens_reasoning, k.cost, k.status, coalesce(k.iteration, c.iteration)
                FROM completion k LEFT JOIN call c ON c.id = k.call LEFT JOIN run r ON r.row = k.run
                WHERE k.status IN ('running', 'succeeded', 'failed', 'cancelled', 'limited')
                    AND k.origin NOT IN ('recorded', 'edited')
                """
            )
            defer { completions.finalize() }
            var requests: [String: Int] = [:]
            _ = try completions.rows { row in
                let key = row.optionalID(0).map { "i\($0)" } ?? "c\(row.id(1))"
                if row.text(7) == "running" {
                    requests[row.optionalID(8).map { "i\($0)" } ?? key, default: 0] += 1
                } else {
                    own[key, default: UsageTotal()] += UsageTotal(row.usage(from: 2))
                }
            }
            let callRows = try connection.prepare(
                "SELECT id, iteration, status, depth, \(columns), shared_call, shared_iterations FROM call"
            )
            defer { callRows.finalize() }
            let calls = try callRows.rows {
                (
                    id: $0.id(0), iteration: $0.optionalID(1), status: Status(rawValue: $0.text(2))!, depth: $0.int(3),
                    kept: kept($0), shared: $0.optionalID(21), sharedCount: $0.int(22)
                )
            }
            let iterationRows = try connection.prepare("SELECT id, call, ordinal, 0, \(columns) FROM iteration")
            defer { iterationRows.finalize() }
            let iterations = try iterationRows.rows {
                (id: $0.id(0), call: $0.id(1), ordinal: $0.int(2), kept: kept($0))
            }

            let callsBelow = Dictionary(grouping: calls.filter { $0.iteration != nil }) { $0.iteration! }
            let iterationsBelow = Dictionary(grouping: iterations) { $0.call }
            var wrong: [String] = []
            typealias CallRow = (
                id: Int64, iteration: Int64?, status: Status, depth: Int, kept: Totals, shared: Int64?, sharedCount: Int
            )
            let callsByID = Dictionary(uniqueKeysWithValues: calls.map { ($0.id, $0) })
            /// The counts of calls below the iterations that a call shares with an original.
            func shared(_ original: Int64?, _ count: Int) -> Totals {
                guard let original, count > 0, let call = callsByID[original] else { return Totals() }
                var totals = shared(call.shared, min(count, call.sharedCount))
                for iteration in iterationsBelow[original] ?? [] where iteration.ordinal <= count {
                    var calls = iteration.kept.calls
                    calls.interrupt()
                    totals += Totals(calls: calls, deepest: iteration.kept.deepest)
                }
                return totals
            }
            func count(call: CallRow) -> Totals {
                var totals = Totals(
                    usage: own["c\(call.id)"] ?? UsageTotal(),
                    requests: requests["c\(call.id)"] ?? 0,
                    deepest: call.depth
                )
                totals += shared(call.shared, call.sharedCount)
                for iteration in iterationsBelow[call.id] ?? [] {
                    var below = Totals(
                        usage: own["i\(iteration.id)"] ?? UsageTotal(),
                        requests: requests["i\(iteration.id)"] ?? 0
                    )
                    for child in callsBelow[iteration.id] ?? [] {
                        below += count(call: child)
                        below.calls.count(child.status, by: 1)
                    }
                    if below != iteration.kept {
                        wrong.append("iteration \(iteration.id): kept \(iteration.kept), counted \(below)")
                    }
                    totals += below
                }
                if totals != call.kept { wrong.append("call \(call.id): kept \(call.kept), counted \(totals)") }
                return totals
            }
            for root in calls where root.iteration == nil { _ = count(call: root) }
            return wrong
        }
    }
}
