// Completions: requests to models and their answers.
internal import Foundation
internal import Trajectory

/// What a completion belongs to, and where it stands.
struct CompletionPlace {
    var status: Status
    var attempt: Int
    var startedAt: Date?
    var iteration: Int64?
    var call: Int64?
    var run: Int64
    /// The attempt its owner shows.
    var current: Int
}

extension Recorder {
    func insert(
        _ completion: NewCompletion,
        messages: Int64?,
        iteration: Int64?,
        call: Int64?,
        attempt: Int,
        status: Status,
        at now: Date?
    ) throws -> CompletionID {
        let insert = try connection.statement(
            """
            INSERT INTO completion(iteration, call, attempt, request_key, model, parameters, messages, status, origin,
                started_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(iteration).bind(call).bind(attempt).bind(blob: completion.requestKey)
        insert.bind(completion.model.isEmpty ? nil : completion.model).bind(completion.parameters).bind(messages)
        try insert.bind(status.rawValue).bind(completion.origin.rawValue).bind(now).run()
        return CompletionID(rawValue: connection.lastInsertedRow)
    }

    /// Ends a completion, counts what it used, and shows its answer on its owner.
    func finish(completion id: CompletionID, _ result: CompletionResult, at now: Date?) throws {
        let place = try find(id)
        try end(id, place, result, at: now)
        touch(run: place.run)
        let delta = TotalsDelta(usage: UsageTotal(result.usage))
        let isCurrent = place.attempt == place.current
        let failure = result.failure.map { oneLine($0.message, limit: Title.previewLimit) }
        if let iteration = place.iteration {
            operationTotals.add(delta, toIteration: iteration)
            guard isCurrent else { return }
            let response = oneLine(result.response ?? "", limit: Title.previewLimit)
            try connection.statement(
                """
                UPDATE iteration SET title = CASE WHEN blocks = 0 THEN ? ELSE title END, preview = ?, failure = ?
                WHERE id = ?
                """
            ).bind(Title.ofResponse(result.response ?? "")).bind(failure ?? response).bind(result.failure)
                .bind(iteration).run()
        } else if let call = place.call {
            operationTotals.add(delta, toCall: call)
            guard isCurrent else { return }
            let preview = failure ?? oneLine(result.response ?? "", limit: Title.previewLimit)
            try connection.statement("UPDATE call SET preview = ?, failure = ?, answer = ? WHERE id = ?")
                .bind(preview).bind(result.failure).bind(try texts.row(of: result.response)).bind(call).run()
        }
    }

    /// Writes the result to the completion's own row. A completion ends once.
    func end(_ id: CompletionID, _ place: CompletionPlace, _ result: CompletionResult, at now: Date?) throws {
        guard !place.status.isFinal else { throw StoreError.ended("completion \(id.rawValue)", path) }
        let firstByte = result.secondsToFirstByte.flatMap { seconds in place.startedAt?.addingTimeInterval(seconds) }
        let response = try texts.row(of: result.response)
        let update = try connection.statement(
            """
            UPDATE completion SET status = ?, response = ?, reasoning = ?, partial = NULL, failure = ?, tokens_in = ?, tokens_out = ?,
                tokens_cached = ?, tokens_reasoning = ?, cost = ?, finish_reason = ?, retries = ?,
                first_byte_at = coalesce(?, first_byte_at), ended_at = ?
            WHERE id = ?
            """
        )
        update.bind(result.status.rawValue).bind(response).bind(try texts.row(of: result.reasoning)).bind(
            result.failure
        ).bind(result.usage)
        update.bind(result.finishReason).bind(result.retries).bind(firstByte).bind(now)
        try update.bind(id.rawValue).run()
    }

    /// Shows what has come of a streaming answer; leaves a completion that has ended as it is.
    func partialResponse(_ id: CompletionID, _ text: String, at now: Date?) throws {
        let place = try find(id)
        guard !place.status.isFinal else { return }
        touch(run: place.run)
        try connection.statement(
            "UPDATE completion SET partial = ?, first_byte_at = coalesce(first_byte_at, ?) WHERE id = ?"
        ).bind(blob: text).bind(now).bind(id.rawValue).run()
        guard place.attempt == place.current else { return }
        let preview = oneLine(text, limit: Title.previewLimit)
        if let iteration = place.iteration {
            try connection.statement("UPDATE iteration SET title = ?, preview = ? WHERE id = ? AND blocks = 0")
                .bind(Title.ofResponse(text)).bind(preview).bind(iteration).run()
        } else if let call = place.call {
            try connection.statement("UPDATE call SET preview = ? WHERE id = ?").bind(preview).bind(call).run()
        }
    }

    /// Adds another attempt of an iteration's or `llm` call's completion, which becomes the current one.
    func beginAttempt(of node: NodeID, completion: NewCompletion, at now: Date?) throws -> CompletionID {
        switch node {
        case .block(let block):
            throw StoreError.noSuchNode("code block \(block.rawValue) has no completion of its own", path)
        case .iteration(let iteration):
            touch(run: try find(iteration).run)
            let next = try connection.statement(
                "UPDATE iteration SET attempts = attempts + 1, attempt = attempts + 1 WHERE id = ? RETURNING attempt, call"
            ).bind(iteration.rawValue).first { ($0.int(0), $0.id(1)) }
            guard let (attempt, call) = next else { throw StoreError.lost(path) }
            let messages = try texts.chain(of: completion.messages, for: call)
            return try insert(
                completion,
                messages: messages,
                iteration: iteration.rawValue,
                call: nil,
                attempt: attempt,
                status: .running,
                at: now
            )
        case .call(let call):
            let next = try connection.statement(
                """
                UPDATE call SET attempts = attempts + 1, attempt = attempts + 1 WHERE id = ? AND kind = 'llm'
                RETURNING attempt, run
                """
            ).bind(call.rawValue).first { ($0.int(0), $0.id(1)) }
            guard let (attempt, run) = next else {
                throw StoreError.noSuchNode("there is no llm call \(call.rawValue)", path)
            }
            touch(run: run)
            return try insert(
                completion,
                messages: try texts.chain(of: completion.messages),
                iteration: nil,
                call: call.rawValue,
                attempt: attempt,
                status: .running,
                at: now
            )
        }
    }

    func find(_ id: CompletionID) throws -> CompletionPlace {
        let find = try connection.statement(
            """
            SELECT k.status, k.attempt, k.started_at, k.iteration, k.call,
                coalesce(own.run, above.run), coalesce(own.attempt, i.attempt)
            FROM completion k LEFT JOIN call own ON own.id = k.call
            LEFT JOIN iteration i ON i.id = k.iteration LEFT JOIN call above ON above.id = i.call
            WHERE k.id = ?
            """
        )
        let place = try find.bind(id.rawValue).first {
            CompletionPlace(
                status: Status(rawValue: $0.text(0)) ?? .failed,
                attempt: $0.int(1),
                startedAt: $0.optionalDate(2),
                iteration: $0.optionalID(3),
                call: $0.optionalID(4),
                run: $0.id(5),
                current: $0.int(6)
            )
        }
        guard let place else { throw StoreError.noSuchNode("there is no completion \(id.rawValue)", path) }
        return place
    }
}
