// Queries that give runs.
internal import Foundation
package import Trajectory

extension TrajectoryStore {
    /// A run with the totals of its root call; `run(_:)` reads the columns by their places.
    private static let selectRun = """
        SELECT r.row, r.id, r.session, r.turn, r.question, r.model, r.sub_model, r.environment, r.mode,
            r.status, r.stop_reason, t.content, r.failure, r.origin, r.source, r.source_format, r.forked_from,
            r.forked_at, r.settings, r.created_at, r.ended_at, r.heartbeat_at, r.pid, r.host, r.boot, r.root,
            c.iterations + c.shared_iterations, c.status,
            c.tokens_in, c.tokens_out, c.tokens_cached, c.tokens_reasoning, c.cost, c.completions,
            c.unknown_tokens, c.unknown_cost, c.calls_queued, c.calls_running, c.calls_held, c.calls_done,
            c.calls_failed, c.calls_cancelled, c.calls_limited, c.requests, c.deepest, r.name, r.note, r.change,
            r.hash_seed, r.random_seed, r.notices
        FROM run r LEFT JOIN call c ON c.id = r.root LEFT JOIN text t ON t.id = r.answer
        """
    private static let newestRuns =
        selectRun + " WHERE r.is_whole ORDER BY r.created_at DESC, r.row DESC LIMIT ? OFFSET ?"
    private static let runByID = selectRun + " WHERE r.id = ? AND r.is_whole"

    /// Runs, newest first.
    package func runs(limit: Int, offset: Int = 0) throws -> [Run] {
        try readers.read { connection in
            try connection.statement(composed: Self.newestRuns).bind(limit).bind(offset).rows(Self.run)
        }
    }

    package func runCount() throws -> Int {
        try readers.read { try $0.statement("SELECT count(*) FROM run WHERE is_whole").first { $0.int(0) } ?? 0 }
    }

    /// Throws `noSuchRun`.
    package func run(_ id: RunID) throws -> Run { try readers.read { try run(id, $0) } }

    func run(_ id: RunID, _ connection: Connection) throws -> Run {
        let find = try connection.statement(composed: Self.runByID)
        guard let run = try find.bind(id.rawValue).first(Self.run) else { throw noSuchRun(id.rawValue) }
        return run
    }

    /// Finds a run as people name it: an id, a unique beginning of one, or `latest`. Throws `noSuchRun`, or
    /// `ambiguousRun` with the candidates.
    package func run(matching text: String) throws -> Run {
        try readers.read { connection in
            if text == "latest" {
                let find = try connection.statement(
                    "SELECT id FROM run WHERE is_whole ORDER BY created_at DESC, row DESC LIMIT 1")
                guard let id = try find.first({ RunID(rawValue: $0.text(0)) }) else { throw noSuchRun(text) }
                return try run(id, connection)
            }
            let beginning = text.lowercased()
            guard !beginning.isEmpty else { throw noSuchRun(text) }
            let find = try connection.statement(
                """
                SELECT id, question FROM run WHERE id >= ?1 AND id < ?1 || char(1114111) AND is_whole ORDER BY id LIMIT 6
                """
            )
            let found = try find.bind(beginning).rows { (id: $0.text(0), question: $0.text(1)) }
            if let exact = found.first(where: { $0.id == beginning }) ?? (found.count == 1 ? found.first : nil) {
                return try run(RunID(rawValue: exact.id), connection)
            }
            guard !found.isEmpty else { throw noSuchRun(text) }
            let candidates = found.prefix(5).map { "\($0.id) (\(oneLine($0.question, limit: 40)))" }
            throw StoreError(
                code: .ambiguousRun,
                path: path,
                message: "'\(text)' begins the ids of several runs: \(candidates.joined(separator: ", "))"
                    + (found.count > 5 ? " and more" : "") + "; write more of it"
            )
        }
    }

    func noSuchRun(_ text: String) -> StoreError {
        StoreError(
            code: .noSuchRun,
            path: path,
            message: "there is no run '\(oneLine(text, limit: 80))' in the trajectory store '\(path)'; 'rlm-tui list' "
                + "shows what is there"
        )
    }

    /// The contexts of a run, in order.
    package func contexts(of run: RunID) throws -> [Context] {
        try readers.read { connection in
            let find = try connection.statement(
                """
                SELECT k.name, k.context, c.byte_count, k.type, k.parts, k.source
                FROM run_context k JOIN context c ON c.hash = k.context JOIN run r ON r.row = k.run
                WHERE r.id = ? ORDER BY k.ordinal
                """
            )
            return try find.bind(run.rawValue).rows {
                Context(
                    name: $0.text(0),
                    hash: $0.text(1),
                    byteCount: $0.int(2),
                    type: ContextType(rawValue: $0.text(3)) ?? .text,
                    parts: Column.value([Context.Part].self, json: $0.text(4)) ?? [],
                    source: $0.text(5)
                )
            }
        }
    }

    private static func run(_ row: Statement) -> Run {
        var status = Status(rawValue: row.text(9)) ?? .failed
        var stopReason = row.optionalText(10).flatMap(StopReason.init(rawValue:))
        var calls = row.callCounts(from: 36)
        let heartbeatAt = row.optionalDate(21)
        if status == .held {
            // Its engine has ended in good order, and another one goes on once somebody has decided.
            stopReason = .held
        } else if !status.isFinal, EngineProcess.isGone(row.engine(from: 22), heartbeatAt: heartbeatAt) {
            status = .cancelled
            stopReason = .interrupted
        }
        if status.isFinal { calls.interrupt() }
        if !row.isNull(25) {
            let root = Status(rawValue: row.text(27)) ?? .failed
            let ending = root.isFinal || !status.isFinal ? root : .cancelled
            calls.count(ending, by: 1)
        }
        var run = Run(
            id: RunID(rawValue: row.text(1)),
            session: RunID(rawValue: row.text(2)),
            turn: row.int(3),
            question: row.text(4),
            model: row.optionalText(5),
            subModel: row.optionalText(6),
            environment: row.optionalText(7),
            mode: row.text(8),
            status: status,
            stopReason: stopReason,
            answer: row.optionalText(11),
            failure: row.failure(12),
            origin: Origin(rawValue: row.text(13)) ?? .live,
            source: row.optionalText(14),
            sourceFormat: row.optionalText(15),
            forkedFrom: row.optionalText(16).map(RunID.init(rawValue:)),
            forkedAt: row.optionalText(17).flatMap { try? Address($0) },
            settings: Column.value(RunSettings.self, json: row.text(18)) ?? RunSettings(),
            createdAt: row.optionalDate(19) ?? Date(timeIntervalSince1970: 0),
            endedAt: row.optionalDate(20),
            heartbeatAt: heartbeatAt,
            root: row.optionalID(25).map(CallID.init(rawValue:)),
            iterations: row.int(26),
            calls: calls,
            usage: row.usageTotal(from: 28),
            deepest: row.int(44)
        )
        run.requestsInFlight = status.isFinal ? 0 : row.int(43)
        run.name = row.optionalText(45)
        run.note = row.optionalText(46)
        run.change = row.optionalText(47)
        run.hashSeed = row.optionalInt(48).flatMap(UInt32.init(exactly:))
        run.randomSeed = row.optionalID(49).map(UInt64.init(bitPattern:))
        run.notices = Column.value([String].self, json: row.text(50)) ?? []
        return run
    }
}

extension Statement {
    func failure(_ column: Int32) -> Failure? { Column.value(Failure.self, json: optionalText(column)) }

    func usage(from column: Int32) -> Usage {
        Usage(
            inputTokens: optionalInt(column),
            outputTokens: optionalInt(column + 1),
            cachedTokens: optionalInt(column + 2),
            reasoningTokens: optionalInt(column + 3),
            cost: optionalDouble(column + 4)
        )
    }

    /// Reads 8 columns.
    func usageTotal(from column: Int32) -> UsageTotal {
        UsageTotal(
            known: usage(from: column),
            completions: int(column + 5),
            completionsOfUnknownTokens: int(column + 6),
            completionsOfUnknownCost: int(column + 7)
        )
    }

    /// Reads 7 columns.
    func callCounts(from column: Int32) -> CallCounts {
        CallCounts(
            queued: int(column),
            running: int(column + 1),
            held: int(column + 2),
            done: int(column + 3),
            failed: int(column + 4),
            cancelled: int(column + 5),
            limited: int(column + 6)
        )
    }

    /// Reads the columns pid, host and boot.
    func engine(from column: Int32) -> EngineProcess? {
        guard let pid = optionalInt(column) else { return nil }
        return EngineProcess(pid: pid, host: text(column + 1), boot: text(column + 2))
    }
}

extension CallCounts {
    /// As calls stand whose engine is gone: those that had not ended never will.
    mutating func interrupt() {
        self = CallCounts(
            done: total, failed: failed, cancelled: cancelled + queued + running + held, limited: limited)
    }
}
