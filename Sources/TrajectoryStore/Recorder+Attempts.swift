// Other attempts of completions and blocks, and answers fetched ahead.
internal import Foundation
internal import Trajectory

extension Recorder {
    /// Adds another attempt of an iteration's or `llm` call's completion.
    /// - Parameter isCurrent: Whether the node shows it from now on; one that is not is only there to be compared.
    func beginAttempt(
        of node: NodeID,
        completion: NewCompletion,
        isCurrent: Bool,
        at now: Date?
    ) throws -> CompletionID {
        switch node {
        case .block(let block):
            throw StoreError.noSuchNode("code block \(block.rawValue) has no completion of its own", path)
        case .iteration(let iteration):
            touch(run: try find(iteration).run)
            let next = try connection.statement(
                """
                UPDATE iteration SET attempts = attempts + 1, attempt = CASE WHEN ? THEN attempts + 1 ELSE attempt END
                WHERE id = ? RETURNING attempts, call
                """
            ).bind(isCurrent ? 1 : 0).bind(iteration.rawValue).first { ($0.int(0), $0.id(1)) }
            guard let (attempt, call) = next else { throw StoreError.lost(path) }
            operationTotals.add(TotalsDelta(requests: 1), toIteration: iteration.rawValue)
            return try insert(
                completion,
                messages: try texts.chain(of: completion.messages, for: call),
                owner: .iteration(iteration.rawValue),
                attempt: attempt,
                status: .running,
                at: now
            )
        case .call(let call):
            let next = try connection.statement(
                """
                UPDATE call SET attempts = attempts + 1, attempt = CASE WHEN ? THEN attempts + 1 ELSE attempt END
                WHERE id = ? AND kind = 'llm' RETURNING attempts, run, iteration
                """
            ).bind(isCurrent ? 1 : 0).bind(call.rawValue).first { ($0.int(0), $0.id(1), $0.optionalID(2)) }
            guard let (attempt, run, iteration) = next else {
                throw StoreError.noSuchNode("there is no llm call \(call.rawValue)", path)
            }
            touch(run: run)
            if let iteration { operationTotals.add(TotalsDelta(requests: 1), toIteration: iteration) }
            return try insert(
                completion,
                messages: try texts.chain(of: completion.messages),
                owner: .call(call.rawValue),
                attempt: attempt,
                status: .running,
                at: now
            )
        }
    }

    /// Adds another attempt of a code block, which is about to run.
    /// - Parameter isCurrent: Whether the node shows it from now on.
    func beginAttempt(
        of block: BlockID,
        code: String,
        origin: Origin,
        isCurrent: Bool,
        at now: Date?
    ) throws -> BlockID {
        let find = try connection.statement(
            """
            SELECT b.run, b.iteration, b.ordinal,
                (SELECT max(a.attempt) FROM block a WHERE a.iteration = b.iteration AND a.ordinal = b.ordinal)
            FROM block b WHERE b.id = ?
            """
        )
        let found = try find.bind(block.rawValue).first { ($0.id(0), $0.id(1), $0.int(2), $0.int(3)) }
        guard let (run, iteration, ordinal, latest) = found else {
            throw StoreError.noSuchNode("there is no code block \(block.rawValue)", path)
        }
        touch(run: run)
        if isCurrent {
            try connection.statement("UPDATE block SET current = 0 WHERE iteration = ? AND ordinal = ? AND current = 1")
                .bind(iteration).bind(ordinal).run()
        }
        return try insertBlock(
            in: iteration,
            of: run,
            ordinal: ordinal,
            attempt: latest + 1,
            isCurrent: isCurrent,
            code: code,
            origin: origin,
            at: now
        )
    }

    // MARK: Ahead

    /// Writes a request that is sent before anybody asked for it.
    func beginAhead(in run: RunID, completion: NewCompletion, at now: Date?) throws -> CompletionID {
        let (row, status, root) = try find(run)
        guard !status.isFinal else { throw StoreError.ended("run \(run)", path) }
        touch(run: row)
        if let root { operationTotals.add(TotalsDelta(requests: 1), toCall: root) }
        return try insert(
            completion,
            messages: try texts.chain(of: completion.messages),
            owner: .run(row),
            attempt: 1,
            status: .running,
            at: now
        )
    }

    /// Gives a completion that was fetched ahead to the call that asks for it now, with what it used.
    func claim(_ ahead: CompletionID, by call: Int64, of iteration: Int64) throws {
        let find = try connection.statement(
            """
            SELECT status, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, run FROM completion
            WHERE id = ? AND run IS NOT NULL
            """
        )
        let found = try find.bind(ahead.rawValue).first {
            (Status(rawValue: $0.text(0)) ?? .failed, $0.usage(from: 1), $0.id(6))
        }
        guard let (status, usage, run) = found else {
            throw StoreError.noSuchNode("there is no unclaimed completion \(ahead.rawValue)", path)
        }
        try connection.statement("UPDATE completion SET call = ?, run = NULL WHERE id = ?")
            .bind(call).bind(ahead.rawValue).run()
        var delta = TotalsDelta()
        if status.isFinal { delta.usage = UsageTotal(usage) } else { delta.requests = 1 }
        if let root = try rootCall(ofRun: run) { operationTotals.add(delta.negated, toCall: root) }
        operationTotals.add(TotalsDelta(usage: delta.usage), toCall: call)
        operationTotals.add(TotalsDelta(requests: delta.requests), toIteration: iteration)
    }

    func rootCall(ofRun row: Int64) throws -> Int64? {
        try connection.statement("SELECT root FROM run WHERE row = ?").bind(row).first { $0.optionalID(0) } ?? nil
    }
}

extension TotalsDelta {
    /// What takes it back. Depth is not taken back.
    var negated: TotalsDelta {
        func minus(_ number: Int?) -> Int? { number.map { -$0 } }
        let known = usage.known
        var negated = TotalsDelta(requests: -requests)
        negated.usage = UsageTotal(
            known: Usage(
                sumOf: minus(known.inputTokens),
                minus(known.outputTokens),
                minus(known.cachedTokens),
                minus(known.reasoningTokens),
                known.cost.map { -$0 }
            ),
            completions: -usage.completions,
            completionsOfUnknownTokens: -usage.completionsOfUnknownTokens,
            completionsOfUnknownCost: -usage.completionsOfUnknownCost
        )
        return negated
    }
}
