// What happened elsewhere: written at once as it ended.
internal import Foundation
internal import Trajectory

extension Recorder {
    /// Writes an `llm` call that has ended, with its completion. Its iteration's count of calls is set later, by
    /// `setCallCount`.
    /// - Parameter run: The row of its run.
    func add(_ call: NewCall, as place: StartedCall, _ result: CompletionResult, of run: Int64, seconds: Double?) throws
    {
        let prompt = try texts.chain(of: call.prompt)
        let answer = try texts.row(of: result.response)
        let usage = UsageTotal(result.usage)
        let preview = oneLine(result.failure?.message ?? result.response ?? "", limit: Title.previewLimit)
        let model = call.model.isEmpty ? nil : call.model
        let failure = result.failure.flatMap(Column.json)
        let insert = try connection.statement(
            """
            INSERT INTO call(id, run, iteration, ordinal, block, batch, kind, depth, model, status, origin, title, preview,
                failure, prompt, answer, seconds, deepest, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost,
                completions, unknown_tokens, unknown_cost)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(place.call.rawValue).bind(run).bind(call.iteration.rawValue).bind(place.ordinal)
        insert.bind(call.block?.rawValue).bind(call.batch).bind(call.kind.rawValue).bind(call.depth).bind(model)
        insert.bind(result.status.rawValue).bind(call.origin.rawValue).bind(Title.ofPrompt(call.prompt)).bind(preview)
        insert.bind(failure).bind(prompt).bind(answer).bind(seconds).bind(call.depth).bind(usage.known)
        insert.bind(usage.completions).bind(usage.completionsOfUnknownTokens)
        try insert.bind(usage.completionsOfUnknownCost).run()

        let completion = try connection.statement(
            """
            INSERT INTO completion(id, call, attempt, model, parameters, messages, response, reasoning, status, origin,
                failure, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, finish_reason, retries)
            VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        completion.bind(place.completion?.rawValue).bind(place.call.rawValue).bind(model)
        completion.bind(call.completion?.parameters ?? "{}").bind(prompt).bind(answer)
        completion.bind(try texts.row(of: result.reasoning)).bind(result.status.rawValue).bind(call.origin.rawValue)
        completion.bind(failure).bind(result.usage)
        try completion.bind(result.finishReason).bind(result.retries).run()

        touch(run: run)
        var delta = TotalsDelta(usage: usage)
        delta.move(from: nil, to: result.status)
        delta.deepest = call.depth
        operationTotals.add(delta, toIteration: call.iteration.rawValue)
    }

    func setCallCount(_ count: Int, of iteration: IterationID) throws {
        try connection.statement("UPDATE iteration SET calls = ? WHERE id = ?").bind(count).bind(iteration.rawValue)
            .run()
    }

    /// Whole runs that came from a file of these bytes.
    func runs(ofSource hash: String) throws -> [RunID] {
        try connection.statement("SELECT id FROM run WHERE source_hash = ? AND is_whole ORDER BY row").bind(hash)
            .rows { RunID(rawValue: $0.text(0)) }
    }

    /// Makes runs that were written in portions whole. No process is at work on them any more.
    func publish(_ runs: [RunID], sourceHash: String) throws {
        for run in runs {
            let (row, _, _) = try find(run)
            touch(run: row)
            try connection.statement(
                """
                UPDATE run SET is_whole = 1, source_hash = ?, heartbeat_at = NULL, pid = NULL, host = NULL, boot = NULL
                WHERE row = ?
                """
            ).bind(sourceHash).bind(row).run()
        }
    }
}
