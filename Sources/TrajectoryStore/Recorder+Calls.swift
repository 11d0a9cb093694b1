// Sub-calls: queued, started, ended.
internal import Foundation
internal import Trajectory

/// What the end of a call needs to know of it.
struct CallPlace {
    var status: Status
    var run: Int64
    var iteration: Int64?
    var kind: String
}

extension Recorder {
    /// Writes sub-calls as queued, numbered on in their iterations.
    func beginCalls(_ calls: [NewCall], at now: Date?) throws -> [StartedCall] {
        var known: [IterationID: Int] = [:]
        let started = try calls.map { call in
            let ordinal = try (known[call.iteration] ?? callCount(of: call.iteration)) + 1
            known[call.iteration] = ordinal
            return StartedCall(
                call: CallID(rawValue: try newRow()),
                completion: call.completion == nil ? call.ahead : CompletionID(rawValue: try newRow()),
                ordinal: ordinal
            )
        }
        try beginCalls(calls, as: started, at: now)
        return started
    }

    func callCount(of iteration: IterationID) throws -> Int {
        let find = try connection.statement("SELECT calls FROM iteration WHERE id = ?").bind(iteration.rawValue)
        guard let count = try find.first({ $0.int(0) }) else {
            throw StoreError.noSuchNode("there is no iteration \(iteration.rawValue)", path)
        }
        return count
    }

    /// Writes sub-calls as queued, at the places and with the ids that they were given before.
    func beginCalls(_ calls: [NewCall], as started: [StartedCall], at now: Date?) throws {
        var index = 0
        while index < calls.count {
            let iteration = calls[index].iteration
            var end = index
            while end < calls.count, calls[end].iteration == iteration { end += 1 }
            try beginCalls(calls[index..<end], as: started[index..<end], in: iteration, at: now)
            index = end
        }
    }

    private func beginCalls(
        _ calls: ArraySlice<NewCall>,
        as started: ArraySlice<StartedCall>,
        in iteration: IterationID,
        at now: Date?
    ) throws {
        let find = try connection.statement(
            "SELECT c.run, c.depth FROM iteration i JOIN call c ON c.id = i.call WHERE i.id = ?"
        )
        guard let (run, parentDepth) = try find.bind(iteration.rawValue).first({ ($0.id(0), $0.int(1)) }) else {
            throw StoreError.noSuchNode("there is no iteration \(iteration.rawValue)", path)
        }
        let depth = parentDepth + 1
        touch(run: run)
        var delta = TotalsDelta()
        for (call, place) in zip(calls, started) {
            try insert(call, as: place, run: run, depth: depth, at: now)
            delta.move(from: nil, to: .queued)
            delta.deepest = depth
        }
        operationTotals.add(delta, toIteration: iteration.rawValue)
        try connection.statement("UPDATE iteration SET calls = max(calls, ?) WHERE id = ?")
            .bind(started.last?.ordinal).bind(iteration.rawValue).run()
    }

    private func insert(_ call: NewCall, as place: StartedCall, run: Int64, depth: Int, at now: Date?) throws {
        let prompt = try texts.chain(of: call.prompt)
        let insert = try connection.statement(
            """
            INSERT INTO call(id, run, iteration, ordinal, block, batch, kind, depth, model, status, origin, title, prompt,
                deepest, shared_call, shared_iterations)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(place.call.rawValue).bind(run).bind(call.iteration.rawValue).bind(place.ordinal)
        insert.bind(call.block?.rawValue).bind(call.batch).bind(call.kind.rawValue).bind(depth)
        insert.bind(call.model.isEmpty ? nil : call.model).bind(call.origin.rawValue)
        insert.bind(Title.ofPrompt(call.prompt)).bind(prompt).bind(depth)
        try insert.bind(call.shared?.call.rawValue).bind(call.shared?.iterations ?? 0).run()
        if let shared = call.shared { try countShared(shared, by: place.call.rawValue) }
        if let completion = call.completion {
            let messages = completion.messages == call.prompt ? prompt : try texts.chain(of: completion.messages)
            _ = try self.insert(
                completion,
                as: place.completion,
                messages: messages,
                owner: .call(place.call.rawValue),
                attempt: 1,
                status: .queued,
                at: nil
            )
        } else if let ahead = call.ahead {
            try claim(ahead, by: place.call.rawValue, of: call.iteration.rawValue)
        }
    }

    /// A queued call runs now; leaves a call that is further on as it is.
    func start(call id: CallID, at now: Date?) throws {
        let place = try find(id)
        guard place.status == .queued || place.status == .held else { return }
        touch(run: place.run)
        try connection.statement(
            "UPDATE call SET status = 'running', started_at = coalesce(started_at, ?) WHERE id = ?"
        )
        .bind(now).bind(id.rawValue).run()
        if place.kind == Call.Kind.llm.rawValue {
            try connection.statement(
                "UPDATE completion SET status = 'running', started_at = ? WHERE call = ? AND status IN ('queued', 'held')"
            ).bind(now).bind(id.rawValue).run()
            if let iteration = place.iteration {
                operationTotals.add(TotalsDelta(requests: connection.changes), toIteration: iteration)
            }
        }
        move(place, to: .running)
    }

    func finish(
        call id: CallID,
        status: Status,
        answer: String?,
        failure: Failure?,
        at now: Date?,
        seconds: Double? = nil
    ) throws {
        let place = try find(id)
        guard !place.status.isFinal else { throw StoreError.ended("call \(id.rawValue)", path) }
        touch(run: place.run)
        let preview = oneLine(failure?.message ?? answer ?? "", limit: Title.previewLimit)
        let update = try connection.statement(
            """
            UPDATE call SET status = ?1, answer = coalesce(?2, answer), failure = ?3,
                preview = coalesce(nullif(?4, ''), preview), ended_at = ?5, seconds = ?6 WHERE id = ?7
            """
        )
        update.bind(status.rawValue).bind(try texts.row(of: answer)).bind(failure).bind(preview)
        try update.bind(now).bind(seconds).bind(id.rawValue).run()
        texts.forgetChain(of: id.rawValue)
        move(place, to: status)
    }

    /// Ends an `llm` call and its completion together.
    func finish(
        call id: CallID,
        completion: CompletionID,
        _ result: CompletionResult,
        at now: Date?,
        seconds: Double? = nil
    ) throws {
        let place = try find(id)
        guard !place.status.isFinal else { throw StoreError.ended("call \(id.rawValue)", path) }
        var completionPlace = try findOwn(completion, of: id, run: place.run)
        completionPlace.origin = result.origin ?? completionPlace.origin
        try end(completion, completionPlace, result, at: now)
        touch(run: place.run)
        let failure = result.failure
        let preview = oneLine(failure?.message ?? result.response ?? "", limit: Title.previewLimit)
        var delta = TotalsDelta(usage: completionPlace.paid(result.usage))
        if completionPlace.status == .running { delta.requests = -1 }
        let update = try connection.statement(
            """
            UPDATE call SET status = ?1,
                answer = (SELECT response FROM completion WHERE id = ?2), failure = ?3, preview = ?4, ended_at = ?5,
                seconds = ?6,
                tokens_in = coalesce(tokens_in + ?7, ?7, tokens_in),
                tokens_out = coalesce(tokens_out + ?8, ?8, tokens_out),
                tokens_cached = coalesce(tokens_cached + ?9, ?9, tokens_cached),
                tokens_reasoning = coalesce(tokens_reasoning + ?10, ?10, tokens_reasoning),
                cost = coalesce(cost + ?11, ?11, cost),
                completions = completions + ?12, unknown_tokens = unknown_tokens + ?13,
                unknown_cost = unknown_cost + ?14
            WHERE id = ?15
            """
        )
        update.bind(result.status.rawValue).bind(completion.rawValue).bind(failure).bind(preview).bind(now)
        update.bind(seconds).bind(delta.usage.known).bind(delta.usage.completions)
        update.bind(delta.usage.completionsOfUnknownTokens)
        try update.bind(delta.usage.completionsOfUnknownCost).bind(id.rawValue).run()
        delta.move(from: place.status, to: result.status)
        if let iteration = place.iteration { operationTotals.add(delta, toIteration: iteration) }
    }

    private func findOwn(_ id: CompletionID, of call: CallID, run: Int64) throws -> CompletionPlace {
        let find = try connection.statement(
            "SELECT status, attempt, started_at, origin FROM completion WHERE id = ? AND call = ?"
        )
        let place = try find.bind(id.rawValue).bind(call.rawValue).first {
            CompletionPlace(
                status: Status(rawValue: $0.text(0)) ?? .failed,
                attempt: $0.int(1),
                startedAt: $0.optionalDate(2),
                origin: Origin(rawValue: $0.text(3)) ?? .live,
                call: call.rawValue,
                run: run,
                current: $0.int(1)
            )
        }
        guard let place else {
            throw StoreError.noSuchNode("call \(call.rawValue) has no completion \(id.rawValue)", path)
        }
        return place
    }

    func find(_ id: CallID) throws -> CallPlace {
        let find = try connection.statement("SELECT status, run, iteration, kind FROM call WHERE id = ?")
        let place = try find.bind(id.rawValue).first {
            CallPlace(
                status: Status(rawValue: $0.text(0)) ?? .failed,
                run: $0.id(1),
                iteration: $0.optionalID(2),
                kind: $0.text(3)
            )
        }
        guard let place else { throw StoreError.noSuchNode("there is no call \(id.rawValue)", path) }
        return place
    }

    func move(_ place: CallPlace, to status: Status) {
        guard let iteration = place.iteration else { return }
        var delta = TotalsDelta()
        delta.move(from: place.status, to: status)
        operationTotals.add(delta, toIteration: iteration)
    }
}
