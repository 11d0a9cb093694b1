// Runs and sessions: begun, their status, ended.
internal import Foundation
internal import Trajectory

extension Recorder {
    /// Writes a run, its session when that is new, its contexts, and its root call.
    /// - Parameter isWhole: Whether it is shown. One that is imported in portions is not, and names this process as an
    ///   engine's run does, so that others know whether somebody is at work on it.
    func begin(run: NewRun, isWhole: Bool = true, at now: Date?) throws -> CallID {
        let session = run.session ?? RunID.random()
        try connection.statement("INSERT INTO session(id, created_at) VALUES (?, ?) ON CONFLICT(id) DO NOTHING")
            .bind(session.rawValue).bind(run.createdAt).run()
        let turn = try connection.statement("SELECT coalesce(max(turn), 0) + 1 FROM run WHERE session = ?")
            .bind(session.rawValue).first { $0.int(0) }
        let engine = run.origin == .imported && isWhole ? nil : EngineProcess.current
        let insert = try connection.statement(
            """
            INSERT INTO run(id, session, turn, question, model, sub_model, environment, mode, status, origin, source,
                source_format, is_whole, settings, created_at, heartbeat_at, pid, host, boot, forked_from, forked_at,
                change, name, note, hash_seed, random_seed, notices)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(run.id.rawValue).bind(session.rawValue).bind(turn).bind(blob: run.question)
        insert.bind(run.model).bind(run.subModel).bind(run.environment).bind(run.mode)
        insert.bind(run.origin.rawValue).bind(run.source).bind(run.sourceFormat).bind(isWhole ? 1 : 0)
        insert.bind(Column.json(run.settings) ?? "{}").bind(run.createdAt).bind(engine == nil ? nil : Date())
        insert.bind(engine?.pid).bind(engine?.host).bind(engine?.boot)
        insert.bind(run.forkedFrom?.rawValue).bind(run.forkedAt?.description).bind(run.change)
        insert.bind(run.name).bind(run.note).bind(run.hashSeed.map(Int.init))
        // SQLite's integers have a sign; the bits are what counts.
        insert.bind(run.randomSeed.map(Int64.init(bitPattern:))).bind(Column.json(run.notices) ?? "[]")
        try insert.run()
        let row = connection.lastInsertedRow
        touch(run: row)
        for (ordinal, context) in run.contexts.enumerated() { try add(context, at: ordinal, toRun: row) }

        let prompt = try texts.chain(of: [Message(role: .user, content: run.question)])
        let root = try connection.statement(
            """
            INSERT INTO call(id, run, ordinal, kind, depth, model, status, origin, title, prompt, started_at, shared_call,
                shared_iterations)
            VALUES (?, ?, 1, 'rlm', 0, ?, 'running', ?, ?, ?, ?, ?, ?)
            """
        )
        let shared = try sharedRoot(of: run)
        let call = try newRow()
        root.bind(call).bind(row).bind(run.model).bind(run.origin.rawValue).bind(
            oneLine(run.question, limit: Title.limit))
        try root.bind(prompt).bind(now).bind(shared?.call.rawValue).bind(shared?.iterations ?? 0).run()
        if let shared { try countShared(shared, by: call) }
        try connection.statement("UPDATE run SET root = ? WHERE row = ?").bind(call).bind(row).run()
        return CallID(rawValue: call)
    }

    private func add(_ context: Context, at ordinal: Int, toRun row: Int64) throws {
        try connection.statement("INSERT INTO context(hash, byte_count) VALUES (?, ?) ON CONFLICT(hash) DO NOTHING")
            .bind(context.hash).bind(context.byteCount).run()
        let insert = try connection.statement(
            "INSERT INTO run_context(run, ordinal, name, context, type, parts, source) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        insert.bind(row).bind(ordinal).bind(context.name).bind(context.hash).bind(context.type.rawValue)
        try insert.bind(Column.json(context.parts) ?? "[]").bind(context.source).run()
    }

    func setBeginning(of run: RunID, question: String?, contexts: [Context]) throws {
        let (row, _, root) = try find(run)
        touch(run: row)
        if let question {
            try connection.statement("UPDATE run SET question = ? WHERE row = ?").bind(blob: question).bind(row).run()
            try connection.statement("UPDATE call SET title = ?, prompt = ? WHERE id = ?")
                .bind(oneLine(question, limit: Title.limit))
                .bind(try texts.chain(of: [Message(role: .user, content: question)])).bind(root).run()
        }
        let known =
            try connection.statement("SELECT count(*) FROM run_context WHERE run = ?").bind(row)
            .first { $0.int(0) } ?? 0
        for (ordinal, context) in contexts.enumerated() { try add(context, at: known + ordinal, toRun: row) }
    }

    /// Ends a run, and its root call with it where that has not ended by itself.
    func finish(
        run: RunID,
        status: Status,
        stopReason: StopReason,
        answer: String?,
        failure: Failure?,
        at now: Date?,
        seconds: Double? = nil
    ) throws {
        let (row, old, root) = try find(run)
        guard !old.isFinal else { throw StoreError.ended("run \(run)", path) }
        let update = try connection.statement(
            "UPDATE run SET status = ?, stop_reason = ?, answer = ?, failure = ?, ended_at = ? WHERE row = ?"
        )
        update.bind(status.rawValue).bind(stopReason.rawValue).bind(try texts.row(of: answer)).bind(failure)
        try update.bind(now).bind(row).run()
        touch(run: row)
        if status.isFinal { try endWhatIsOpen(inRun: row, but: root, at: now) }
        guard let root, status.isFinal else { return }
        let isOpen = try connection.statement("SELECT status FROM call WHERE id = ?").bind(root)
            .first { Status(rawValue: $0.text(0))?.isFinal == false }
        if isOpen == true {
            try finish(
                call: CallID(rawValue: root),
                status: status,
                answer: answer,
                failure: failure,
                at: now,
                seconds: seconds
            )
        }
    }

    /// Ends what a run leaves without an end, such as rows of an earlier engine that nobody asked for again, and what it
    /// holds.
    private func endWhatIsOpen(inRun row: Int64, but root: Int64?, at now: Date?) throws {
        let isOpen = "run = ? AND (\(Schema.isNoted)) AND status IN ('queued', 'held', 'running')"
        let failure = Failure(kind: "interrupted", message: "its run ended before it did")
        func endRequests(_ owner: String, _ id: Int64) throws {
            let find = try connection.statement(
                composed: "SELECT id FROM completion WHERE \(owner) = ? AND status IN ('queued', 'held', 'running')")
            for completion in try find.bind(id).rows({ $0.id(0) }) {
                try finish(
                    completion: CompletionID(rawValue: completion),
                    CompletionResult(response: nil, status: .cancelled, failure: failure), at: now)
            }
        }
        let calls = try connection.statement(composed: "SELECT id FROM call WHERE \(isOpen)").bind(row).rows {
            $0.id(0)
        }
        for call in calls where call != root {
            try endRequests("call", call)
            try finish(call: CallID(rawValue: call), status: .cancelled, answer: nil, failure: failure, at: now)
        }
        let iterations = try connection.statement(composed: "SELECT id FROM iteration WHERE \(isOpen)").bind(row)
            .rows { $0.id(0) }
        for iteration in iterations {
            try endRequests("iteration", iteration)
            try finish(iteration: IterationID(rawValue: iteration), status: .cancelled, at: now)
        }
        try connection.statement(
            composed: "UPDATE block SET status = 'cancelled', ended_at = ?2 WHERE current = 1 AND "
                + isOpen.replacing("?", with: "?1")
        ).bind(row).bind(now).run()
        try connection.statement(
            "UPDATE hold SET state = 'released', released_at = ? WHERE run = ? AND state = 'held' AND released_at IS NULL"
        ).bind(now).bind(row).run()
    }

    /// Another status for a run. One that is not final opens the run again, for this process, when it had ended.
    func setStatus(run: RunID, _ status: Status, at now: Date?) throws {
        let (row, old, root) = try find(run)
        touch(run: row)
        if status.isFinal {
            try connection.statement("UPDATE run SET status = ?, ended_at = ? WHERE row = ?")
                .bind(status.rawValue).bind(now).bind(row).run()
            return
        }
        let engine = EngineProcess.current
        // Of two that want to go on with a run, one does.
        if status == .running, old == .running,
            let (other, heartbeatAt) = try connection.statement(
                "SELECT pid, host, boot, heartbeat_at FROM run WHERE row = ?"
            ).bind(row).first({ ($0.engine(from: 0), $0.optionalDate(3)) }),
            !EngineProcess.isGone(other, heartbeatAt: heartbeatAt)
        {
            throw StoreError(
                code: .noSuchNode, path: path,
                message: "run \(run) is going on already, and one engine alone writes it")
        }
        let update = try connection.statement(
            """
            UPDATE run SET status = ?, ended_at = NULL, stop_reason = NULL, failure = NULL, heartbeat_at = ?, pid = ?,
                host = ?, boot = ? WHERE row = ?
            """
        )
        update.bind(status.rawValue).bind(Date()).bind(engine.pid).bind(engine.host).bind(engine.boot)
        try update.bind(row).run()
        // Its root may have ended when the engine went away between that and the end of the run.
        guard let root else { return }
        try connection.statement(
            """
            UPDATE call SET status = 'running', ended_at = NULL, seconds = NULL
            WHERE id = ? AND status IN ('succeeded', 'failed', 'cancelled', 'limited')
            """
        ).bind(root).run()
    }

    /// What a person calls a run and wrote about it; nil leaves what is there, an empty text takes it away.
    func describe(run: RunID, name: String?, note: String?) throws {
        let (row, _, _) = try find(run)
        touch(run: row)
        try connection.statement(
            "UPDATE run SET name = nullif(coalesce(?, name), ''), note = nullif(coalesce(?, note), '') WHERE row = ?"
        ).bind(name).bind(note).bind(row).run()
    }

    func addNotices(_ notices: [String], to run: RunID) throws {
        let (row, _, _) = try find(run)
        touch(run: row)
        let known = try connection.statement("SELECT notices FROM run WHERE row = ?").bind(row).first { $0.text(0) }
        let all = (Column.value([String].self, json: known) ?? []) + notices
        try connection.statement("UPDATE run SET notices = ? WHERE row = ?").bind(Column.json(all) ?? "[]").bind(row)
            .run()
    }

    func heartbeat(run: RunID) throws {
        let engine = EngineProcess.current
        let update = try connection.statement(
            "UPDATE run SET heartbeat_at = ?, pid = ?, host = ?, boot = ? WHERE id = ?"
        )
        update.bind(Date()).bind(engine.pid).bind(engine.host).bind(engine.boot)
        try update.bind(run.rawValue).run()
    }

    func find(_ run: RunID) throws -> (row: Int64, status: Status, root: Int64?) {
        let find = try connection.statement("SELECT row, status, root FROM run WHERE id = ?").bind(run.rawValue)
        let found = try find.first { ($0.id(0), Status(rawValue: $0.text(1)) ?? .failed, $0.optionalID(2)) }
        guard let found else {
            throw StoreError(
                code: .noSuchRun,
                path: path,
                message: "there is no run '\(run)' in the trajectory store '\(path)'"
            )
        }
        return found
    }
}
