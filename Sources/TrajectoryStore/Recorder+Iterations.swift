// Iterations and code blocks.
internal import Foundation
internal import Trajectory

extension Recorder {
    /// Writes the next iteration of an `rlm` call and the request it begins with.
    /// - Parameter ids: Those they were given before; nil takes new ones.
    func beginIteration(
        of call: CallID,
        completion: NewCompletion,
        as ids: (IterationID, CompletionID)? = nil,
        at now: Date?
    ) throws -> (IterationID, CompletionID) {
        let found = try connection.statement(
            "SELECT run, shared_iterations + iterations + 1, status FROM call WHERE id = ? AND kind = 'rlm'"
        ).bind(call.rawValue).first { ($0.id(0), $0.int(1), Status(rawValue: $0.text(2)) ?? .failed) }
        guard let (run, ordinal, status) = found else {
            throw StoreError.noSuchNode("there is no rlm call \(call.rawValue)", path)
        }
        guard !status.isFinal else { throw StoreError.ended("call \(call.rawValue)", path) }
        touch(run: run)
        let iteration = try ids?.0.rawValue ?? newRow()
        try connection.statement(
            "INSERT INTO iteration(id, call, run, ordinal, status, origin, started_at) VALUES (?, ?, ?, ?, 'running', ?, ?)"
        ).bind(iteration).bind(call.rawValue).bind(run).bind(ordinal).bind(completion.origin.rawValue).bind(now).run()
        operationTotals.add(TotalsDelta(requests: 1), toIteration: iteration)
        try connection.statement("UPDATE call SET iterations = iterations + 1 WHERE id = ?").bind(call.rawValue).run()
        let messages = try texts.chain(of: completion.messages, for: call.rawValue)
        let row = try insert(
            completion,
            as: ids?.1,
            messages: messages,
            owner: .iteration(iteration),
            attempt: 1,
            status: .running,
            at: now
        )
        return (IterationID(rawValue: iteration), row)
    }

    func finish(iteration: IterationID, status: Status, at now: Date?, seconds: Double? = nil) throws {
        let (old, run) = try find(iteration)
        guard !old.isFinal else { throw StoreError.ended("iteration \(iteration.rawValue)", path) }
        touch(run: run)
        try connection.statement("UPDATE iteration SET status = ?, ended_at = ?, seconds = ? WHERE id = ?")
            .bind(status.rawValue).bind(now).bind(seconds).bind(iteration.rawValue).run()
    }

    /// Writes a code block that is about to run.
    /// - Parameters:
    ///   - ordinal: From 1, in its iteration.
    ///   - row: The id it was given before; nil takes a new one.
    @discardableResult func beginBlock(
        in iteration: IterationID,
        ordinal: Int,
        code: String,
        origin: Origin = .live,
        as row: BlockID? = nil,
        at now: Date?
    ) throws -> BlockID {
        let (_, run) = try find(iteration)
        touch(run: run)
        let block = try insertBlock(
            in: iteration.rawValue,
            of: run,
            as: row,
            ordinal: ordinal,
            attempt: 1,
            isCurrent: true,
            code: code,
            origin: origin,
            at: now
        )
        let title = Title.ofCode(code)
        let read = try connection.statement("SELECT title FROM iteration WHERE id = ?").bind(iteration.rawValue)
        let earlier = ordinal == 1 ? "" : try read.first { $0.text(0) } ?? ""
        read.reset()
        try connection.statement("UPDATE iteration SET blocks = max(blocks, ?), title = ? WHERE id = ?")
            .bind(ordinal).bind(Title.joined(earlier, title)).bind(iteration.rawValue).run()
        return block
    }

    func insertBlock(
        in iteration: Int64,
        of run: Int64,
        as given: BlockID? = nil,
        ordinal: Int,
        attempt: Int,
        isCurrent: Bool,
        code: String,
        origin: Origin,
        at now: Date?
    ) throws -> BlockID {
        let row = try given?.rawValue ?? newRow()
        let insert = try connection.statement(
            """
            INSERT INTO block(id, iteration, run, ordinal, attempt, current, code, title, status, origin, started_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)
            """
        )
        insert.bind(row).bind(iteration).bind(run).bind(ordinal).bind(attempt).bind(isCurrent ? 1 : 0)
        insert.bind(try texts.row(of: code)).bind(Title.ofCode(code))
        try insert.bind(origin.rawValue).bind(now).run()
        return BlockID(rawValue: row)
    }

    /// Writes what came of a block, and shows it on its iteration.
    func finish(block: BlockID, _ result: BlockRecord, at now: Date?) throws {
        let find = try connection.statement("SELECT status, iteration, current FROM block WHERE id = ?")
        let found = try find.bind(block.rawValue).first {
            (Status(rawValue: $0.text(0)) ?? .failed, IterationID(rawValue: $0.id(1)), $0.int(2) == 1)
        }
        guard let (old, iteration, isCurrent) = found else {
            throw StoreError.noSuchNode("there is no code block \(block.rawValue)", path)
        }
        guard !old.isFinal else { throw StoreError.ended("code block \(block.rawValue)", path) }
        touch(run: try self.find(iteration).run)
        let output = Title.ofOutput(result.output)
        let failure = result.failure.map { oneLine($0.message, limit: Title.previewLimit) }
        let update = try connection.statement(
            """
            UPDATE block SET status = ?, failure = ?, stdout = ?, stderr = ?, cut_bytes = ?, variables = ?,
                stdout_hash = ?, stderr_hash = ?, answer = ?, preview = ?, ended_at = ?, seconds = ?,
                waiting_seconds = ?
            WHERE id = ?
            """
        )
        update.bind(result.status.rawValue).bind(result.failure).bind(try texts.row(of: result.output.stdout))
        update.bind(try texts.row(of: result.output.stderr)).bind(result.output.cutByteCount)
        update.bind(try texts.row(of: result.variables))
        update.bind(blob: result.stdoutHash).bind(blob: result.stderrHash).bind(try texts.row(of: result.answer))
        update.bind(output.isEmpty ? failure ?? "" : output)
        try update.bind(now).bind(result.seconds).bind(result.waitingSeconds).bind(block.rawValue).run()
        guard isCurrent else { return }
        try connection.statement(
            "UPDATE iteration SET preview = coalesce(nullif(?, ''), preview), failure = coalesce(?, failure) WHERE id = ?"
        ).bind(failure ?? output).bind(result.failure).bind(iteration.rawValue).run()
    }

    func find(_ iteration: IterationID) throws -> (status: Status, run: Int64) {
        let find = try connection.statement(
            "SELECT i.status, c.run FROM iteration i JOIN call c ON c.id = i.call WHERE i.id = ?"
        )
        let found = try find.bind(iteration.rawValue).first { (Status(rawValue: $0.text(0)) ?? .failed, $0.id(1)) }
        guard let found else { throw StoreError.noSuchNode("there is no iteration \(iteration.rawValue)", path) }
        return found
    }
}
