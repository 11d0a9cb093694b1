// What forks share with their originals, and what is stale.
internal import Foundation
internal import Trajectory

extension Recorder {
    /// What the root call of a new fork has in common with its original's: the iterations before the one that the fork's
    /// address is in.
    func sharedRoot(of run: NewRun) throws -> SharedIterations? {
        guard let original = run.forkedFrom else { return nil }
        let (_, _, root) = try find(original)
        guard let root else { throw StoreError.lost(path) }
        guard case .iteration(let first)? = run.forkedAt?.steps.first, first > 1 else { return nil }
        let shared = SharedIterations(call: CallID(rawValue: root), iterations: first - 1)
        try check(shared)
        return shared
    }

    private func check(_ shared: SharedIterations) throws {
        let find = try connection.statement(
            "SELECT iterations + shared_iterations FROM call WHERE id = ? AND kind = 'rlm'")
        guard let count = try find.bind(shared.call.rawValue).first({ $0.int(0) }), count >= shared.iterations else {
            throw StoreError.noSuchNode(
                "call \(shared.call.rawValue) has no \(shared.iterations) iterations to be shared",
                path
            )
        }
    }

    /// Counts the calls below shared iterations on the call that shares them, since its tree shows them. What they used
    /// was paid where it was made.
    func countShared(_ shared: SharedIterations, by call: Int64) throws {
        try check(shared)
        var delta = TotalsDelta()
        var next: SharedIterations? = shared
        while let part = next {
            let sum = try connection.statement(
                """
                SELECT coalesce(sum(calls_done + calls_queued + calls_running + calls_held), 0),
                    coalesce(sum(calls_failed), 0),
                    coalesce(sum(calls_cancelled + calls_queued + calls_running + calls_held), 0),
                    coalesce(sum(calls_limited), 0), coalesce(max(deepest), 0)
                FROM iteration WHERE call = ? AND ordinal <= ?
                """
            )
            _ = try sum.bind(part.call.rawValue).bind(part.iterations).first {
                delta.calls.done += $0.int(0)
                delta.calls.failed += $0.int(1)
                delta.calls.cancelled += $0.int(2)
                delta.calls.limited += $0.int(3)
                delta.deepest = max(delta.deepest, $0.int(4))
            }
            let find = try connection.statement("SELECT shared_call, shared_iterations FROM call WHERE id = ?")
            let before = try find.bind(part.call.rawValue).first { ($0.optionalID(0), $0.int(1)) }
            next = before.flatMap { original, count in
                guard let original, count > 0 else { return nil }
                return SharedIterations(call: CallID(rawValue: original), iterations: min(count, part.iterations))
            }
        }
        operationTotals.add(delta, toCall: call)
    }

    // MARK: Freshness

    func setFreshness(_ freshness: Freshness, of nodes: [NodeID]) throws {
        for node in nodes {
            let run: Int64?
            switch node {
            case .call(let id):
                run = try connection.statement("UPDATE call SET freshness = ? WHERE id = ? RETURNING run")
                    .bind(freshness.rawValue).bind(id.rawValue).first { $0.id(0) }
            case .iteration(let id):
                run = try connection.statement("UPDATE iteration SET freshness = ? WHERE id = ? RETURNING run")
                    .bind(freshness.rawValue).bind(id.rawValue).first { $0.id(0) }
            case .block(let id):
                run = try connection.statement("UPDATE block SET freshness = ? WHERE id = ? RETURNING run")
                    .bind(freshness.rawValue).bind(id.rawValue).first { $0.id(0) }
            }
            guard let run else { throw StoreError.noSuchNode("there is no node \(node)", path) }
            touch(run: run)
        }
    }

    /// Marks everything stale that a change of a node may change in turn: what its block prints, later blocks and the
    /// calls they made, later iterations, and so on up to the root, with all that is below these. Calls of the same batch
    /// do not depend on each other. The node itself stays as it is.
    func markStale(after node: NodeID) throws {
        var call: Int64
        var ordinal: Int
        switch node {
        case .call(let id):
            guard let iteration = try markStale(afterCall: id.rawValue) else { return }
            (call, ordinal) = iteration
        case .block(let id):
            let find = try connection.statement("SELECT iteration, ordinal FROM block WHERE id = ?").bind(id.rawValue)
            guard let (iteration, block) = try find.first({ ($0.id(0), $0.int(1)) }) else {
                throw StoreError.noSuchNode("there is no code block \(id.rawValue)", path)
            }
            try markStale(in: iteration, fromBlock: block, afterCall: 0, batch: nil, isBlockItself: false)
            (call, ordinal) = try place(ofIteration: iteration)
        case .iteration(let id):
            try markStale(in: id.rawValue, fromBlock: 0, afterCall: 0, batch: nil, isBlockItself: false)
            (call, ordinal) = try place(ofIteration: id.rawValue)
        }
        while true {
            let run = try connection.statement(
                "UPDATE iteration SET freshness = 'stale' WHERE call = ? AND ordinal > ? RETURNING id, run"
            ).bind(call).bind(ordinal).rows { ($0.id(0), $0.id(1)) }
            for (iteration, row) in run {
                touch(run: row)
                try markStale(in: iteration, fromBlock: 0, afterCall: 0, batch: nil, isBlockItself: false)
            }
            let row = try connection.statement("UPDATE call SET freshness = 'stale' WHERE id = ? RETURNING run")
                .bind(call).first { $0.id(0) }
            if let row { touch(run: row) }
            guard let above = try markStale(afterCall: call) else { return }
            (call, ordinal) = above
        }
    }

    /// Gives the iteration that the call is in; nil for a root.
    private func markStale(afterCall id: Int64) throws -> (call: Int64, ordinal: Int)? {
        let find = try connection.statement(
            """
            SELECT c.iteration, c.ordinal, c.batch, b.ordinal FROM call c LEFT JOIN block b ON b.id = c.block
            WHERE c.id = ?
            """
        )
        let found = try find.bind(id).first { ($0.optionalID(0), $0.int(1), $0.optionalInt(2), $0.optionalInt(3)) }
        guard let (iteration, ordinal, batch, block) = found else {
            throw StoreError.noSuchNode("there is no call \(id)", path)
        }
        guard let iteration else { return nil }
        try markStale(in: iteration, fromBlock: block ?? 0, afterCall: ordinal, batch: batch, isBlockItself: true)
        let row = try connection.statement("UPDATE iteration SET freshness = 'stale' WHERE id = ? RETURNING run")
            .bind(iteration).first { $0.id(0) }
        if let row { touch(run: row) }
        return try place(ofIteration: iteration)
    }

    /// Blocks after one (and itself), and calls after one that are not of its batch, with all below them.
    private func markStale(
        in iteration: Int64,
        fromBlock block: Int,
        afterCall ordinal: Int,
        batch: Int?,
        isBlockItself: Bool
    ) throws {
        try connection.statement(
            "UPDATE block SET freshness = 'stale' WHERE iteration = ? AND ordinal >= ? AND current = 1"
        ).bind(iteration).bind(isBlockItself ? block : block + 1).run()
        let calls = try connection.statement(
            """
            UPDATE call SET freshness = 'stale' WHERE iteration = ?1 AND ordinal > ?2 AND (?3 IS NULL OR batch IS NOT ?3)
                AND coalesce((SELECT b.ordinal FROM block b WHERE b.id = call.block), ?4) >= ?4
            RETURNING id, kind, run
            """
        ).bind(iteration).bind(ordinal).bind(batch).bind(block).rows { ($0.id(0), $0.text(1), $0.id(2)) }
        for (call, kind, run) in calls {
            touch(run: run)
            guard kind == Call.Kind.rlm.rawValue else { continue }
            let below = try connection.statement("UPDATE iteration SET freshness = 'stale' WHERE call = ? RETURNING id")
                .bind(call).rows { $0.id(0) }
            for iteration in below {
                try markStale(in: iteration, fromBlock: 0, afterCall: 0, batch: nil, isBlockItself: false)
            }
        }
    }

    private func place(ofIteration id: Int64) throws -> (call: Int64, ordinal: Int) {
        let find = try connection.statement("SELECT call, ordinal FROM iteration WHERE id = ?").bind(id)
        guard let place = try find.first({ ($0.id(0), $0.int(1)) }) else {
            throw StoreError.noSuchNode("there is no iteration \(id)", path)
        }
        return place
    }
}
