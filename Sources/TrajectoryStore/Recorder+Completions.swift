// Completions: requests to models and their answers.
internal import Foundation
internal import Trajectory

/// What a completion belongs to, and where it stands.
struct CompletionPlace {
    var status: Status
    var attempt: Int
    var startedAt: Date?
    var origin: Origin
    var iteration: Int64?
    var call: Int64?
    /// The iteration that `call` is in.
    var caller: Int64?
    var run: Int64
    /// The attempt its owner shows.
    var current: Int

    /// What it adds to the totals: an answer from the store or from a person was not paid.
    func paid(_ usage: Usage) -> UsageTotal {
        switch origin {
        case .recorded, .edited: UsageTotal()
        case .live, .ahead, .imported: UsageTotal(usage)
        }
    }
}

/// What a completion belongs to.
enum CompletionOwner {
    case iteration(Int64)
    case call(Int64)
    /// Fetched ahead for a run; nobody has asked for it.
    case run(Int64)
}

extension Recorder {
    /// - Parameter row: The id it was given before; nil takes a new one.
    func insert(
        _ completion: NewCompletion,
        as row: CompletionID? = nil,
        messages: Int64?,
        owner: CompletionOwner,
        attempt: Int,
        status: Status,
        at now: Date?
    ) throws -> CompletionID {
        let row = try row ?? CompletionID(rawValue: newRow())
        let insert = try connection.statement(
            """
            INSERT INTO completion(id, iteration, call, run, attempt, request_key, model, parameters, messages, status,
                origin, started_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(row.rawValue)
        switch owner {
        case .iteration(let id): insert.bind(id).bind(nil as Int64?).bind(nil as Int64?)
        case .call(let id): insert.bind(nil as Int64?).bind(id).bind(nil as Int64?)
        case .run(let id): insert.bind(nil as Int64?).bind(nil as Int64?).bind(id)
        }
        insert.bind(attempt).bind(blob: completion.requestKey)
        insert.bind(completion.model.isEmpty ? nil : completion.model).bind(completion.parameters).bind(messages)
        try insert.bind(status.rawValue).bind(completion.origin.rawValue).bind(now).run()
        return row
    }

    /// Ends a completion, counts what it used, and shows its answer on its owner.
    func finish(completion id: CompletionID, _ result: CompletionResult, at now: Date?) throws {
        var place = try find(id)
        place.origin = result.origin ?? place.origin
        try end(id, place, result, at: now)
        touch(run: place.run)
        var delta = TotalsDelta(usage: place.paid(result.usage))
        let requests = place.status == .running ? -1 : 0
        let isCurrent = place.attempt == place.current
        let failure = result.failure.map { oneLine($0.message, limit: Title.previewLimit) }
        let response = oneLine(result.response ?? "", limit: Title.previewLimit)
        if let iteration = place.iteration {
            delta.requests = requests
            operationTotals.add(delta, toIteration: iteration)
            guard isCurrent else { return }
            try connection.statement(
                """
                UPDATE iteration SET title = CASE WHEN blocks = 0 THEN ? ELSE title END, preview = ?, failure = ?
                WHERE id = ?
                """
            ).bind(Title.ofResponse(result.response ?? "")).bind(failure ?? response).bind(result.failure)
                .bind(iteration).run()
        } else if let call = place.call {
            operationTotals.add(delta, toCall: call)
            if let caller = place.caller { operationTotals.add(TotalsDelta(requests: requests), toIteration: caller) }
            guard isCurrent else { return }
            try connection.statement("UPDATE call SET preview = ?, failure = ?, answer = ? WHERE id = ?")
                .bind(failure ?? response).bind(result.failure).bind(try texts.row(of: result.response)).bind(call)
                .run()
        } else if let root = try rootCall(ofRun: place.run) {
            // Nobody has asked for it yet; it was paid all the same.
            delta.requests = requests
            operationTotals.add(delta, toCall: root)
        }
    }

    /// Writes the result to the completion's own row. A completion ends once.
    func end(_ id: CompletionID, _ place: CompletionPlace, _ result: CompletionResult, at now: Date?) throws {
        guard !place.status.isFinal else { throw StoreError.ended("completion \(id.rawValue)", path) }
        let firstByte = result.secondsToFirstByte.flatMap { seconds in place.startedAt?.addingTimeInterval(seconds) }
        let response = try texts.row(of: result.response)
        let update = try connection.statement(
            """
            UPDATE completion SET status = ?, response = ?, reasoning = ?, partial = NULL, failure = ?, tokens_in = ?,
                tokens_out = ?, tokens_cached = ?, tokens_reasoning = ?, cost = ?, finish_reason = ?, retries = ?,
                first_byte_at = coalesce(?, first_byte_at), ended_at = ?, origin = ?
            WHERE id = ?
            """
        )
        update.bind(result.status.rawValue).bind(response).bind(try texts.row(of: result.reasoning))
        update.bind(result.failure).bind(result.usage)
        update.bind(result.finishReason).bind(result.retries).bind(firstByte).bind(now)
        try update.bind((result.origin ?? place.origin).rawValue).bind(id.rawValue).run()
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

    func find(_ id: CompletionID) throws -> CompletionPlace {
        let find = try connection.statement(
            """
            SELECT k.status, k.attempt, k.started_at, k.origin, k.iteration, k.call, own.iteration,
                coalesce(own.run, i.run, k.run), coalesce(own.attempt, i.attempt, k.attempt)
            FROM completion k LEFT JOIN call own ON own.id = k.call LEFT JOIN iteration i ON i.id = k.iteration
            WHERE k.id = ?
            """
        )
        let place = try find.bind(id.rawValue).first {
            CompletionPlace(
                status: Status(rawValue: $0.text(0)) ?? .failed,
                attempt: $0.int(1),
                startedAt: $0.optionalDate(2),
                origin: Origin(rawValue: $0.text(3)) ?? .live,
                iteration: $0.optionalID(4),
                call: $0.optionalID(5),
                caller: $0.optionalID(6),
                run: $0.id(7),
                current: $0.int(8)
            )
        }
        guard let place else { throw StoreError.noSuchNode("there is no completion \(id.rawValue)", path) }
        return place
    }
}
