// Holds: written before they are shown, and kept with what was decided.
internal import Foundation
internal import Trajectory

extension Recorder {
    /// Stops a node before it is sent, run or delivered.
    /// - Parameter result: The answer that is held before it is delivered: it was paid, so it is kept first.
    func hold(
        _ node: NodeID,
        completion: CompletionID?,
        stage: Hold.Stage,
        rule: String,
        preview: String,
        result: CompletionResult?,
        at now: Date
    ) throws -> HoldID {
        if let completion, let result { try finish(completion: completion, result, at: now) }
        let run = try setStatus(of: node, completion: completion, to: .held)
        let insert = try connection.statement(
            """
            INSERT INTO hold(run, call, iteration, block, completion, stage, rule, preview, state, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'held', ?)
            """
        )
        insert.bind(run)
        switch node {
        case .call(let id): insert.bind(id.rawValue).bind(nil as Int64?).bind(nil as Int64?)
        case .iteration(let id): insert.bind(nil as Int64?).bind(id.rawValue).bind(nil as Int64?)
        case .block(let id): insert.bind(nil as Int64?).bind(nil as Int64?).bind(id.rawValue)
        }
        insert.bind(completion?.rawValue).bind(stage.rawValue).bind(rule)
        try insert.bind(oneLine(preview, limit: Title.previewLimit)).bind(now).run()
        return HoldID(rawValue: connection.lastInsertedRow)
    }

    /// Writes what was decided about holds, and lets what they held go on. One that was decided stays as it was.
    /// - Returns: Those that this decided.
    func decide(_ holds: [HoldID], _ decision: Hold.Decision, change: String?, at now: Date) throws -> [HoldID] {
        try holds.filter { hold in
            let find = try connection.statement(
                "SELECT call, iteration, block, completion, stage, released_at FROM hold WHERE id = ?"
            )
            let found = try find.bind(hold.rawValue).first {
                ($0.node(from: 0), $0.optionalID(3).map(CompletionID.init(rawValue:)), $0.text(4), $0.isNull(5))
            }
            guard let (node, completion, stage, isOpen) = found, let node else {
                throw StoreError.noSuchNode("there is no hold \(hold.rawValue)", path)
            }
            guard isOpen else { return false }
            let update = try connection.statement(
                "UPDATE hold SET state = 'released', action = ?, answer = ?, change = ?, released_at = ? WHERE id = ?"
            )
            switch decision {
            case .release: update.bind("release").bind(nil as Int64?)
            case .answer(let text): update.bind("answer").bind(try texts.row(of: text))
            case .drop: update.bind("drop").bind(nil as Int64?)
            }
            try update.bind(change).bind(now).bind(hold.rawValue).run()
            let isAnswered = stage == Hold.Stage.beforeDeliver.rawValue
            _ = try setStatus(of: node, completion: completion, to: isAnswered ? .running : .queued)
            return true
        }
    }

    /// Moves a node that has not ended, and its request with it. Gives the run.
    private func setStatus(of node: NodeID, completion: CompletionID?, to status: Status) throws -> Int64 {
        switch node {
        case .call(let id):
            let place = try find(id)
            touch(run: place.run)
            guard !place.status.isFinal else {
                guard status == .held else { return place.run }
                throw StoreError.ended("call \(id.rawValue)", path)
            }
            try connection.statement("UPDATE call SET status = ? WHERE id = ?").bind(status.rawValue).bind(id.rawValue)
                .run()
            if let completion { try moveRequest(completion, to: status, in: place.iteration) }
            move(place, to: status)
            return place.run
        case .iteration(let id):
            let (old, run) = try find(id)
            touch(run: run)
            guard !old.isFinal else {
                guard status == .held else { return run }
                throw StoreError.ended("iteration \(id.rawValue)", path)
            }
            // An iteration is never queued.
            let status = status == .queued ? Status.running : status
            try connection.statement("UPDATE iteration SET status = ? WHERE id = ?")
                .bind(status.rawValue).bind(id.rawValue).run()
            if let completion { try moveRequest(completion, to: status, in: id.rawValue) }
            return run
        case .block(let id):
            let update = try connection.statement(
                """
                UPDATE block SET status = ? WHERE id = ? AND status IN ('queued', 'held', 'running') RETURNING run
                """
            )
            let new = status == .queued ? Status.running : status
            guard let run = try update.bind(new.rawValue).bind(id.rawValue).first({ $0.id(0) }) else {
                throw StoreError.ended("code block \(id.rawValue)", path)
            }
            touch(run: run)
            return run
        }
    }

    private func moveRequest(_ id: CompletionID, to status: Status, in iteration: Int64?) throws {
        let place = try find(id)
        guard !place.status.isFinal, place.status != status else { return }
        try connection.statement("UPDATE completion SET status = ? WHERE id = ?")
            .bind(status.rawValue).bind(id.rawValue).run()
        let requests = (status == .running ? 1 : 0) - (place.status == .running ? 1 : 0)
        if let iteration { operationTotals.add(TotalsDelta(requests: requests), toIteration: iteration) }
    }
}

extension Statement {
    /// Reads the columns call, iteration and block, of which one is set.
    func node(from column: Int32) -> NodeID? {
        optionalID(column).map { .call(CallID(rawValue: $0)) }
            ?? optionalID(column + 1).map { .iteration(IterationID(rawValue: $0)) }
            ?? optionalID(column + 2).map { .block(BlockID(rawValue: $0)) }
    }
}
