// Rows of calls, iterations and blocks, read as nodes.
internal import Foundation
internal import Trajectory

/// Reads nodes within one transaction of a reader.
struct NodeRows {
    let connection: Connection
    let path: String

    func node(_ id: NodeID, address: Address, attempt: Int?) throws -> Node {
        switch id {
        case .call(let call): try self.call(call.rawValue, address: address, attempt: attempt)
        case .iteration(let iteration): try self.iteration(iteration.rawValue, address: address, attempt: attempt)
        case .block(let block): try self.block(block.rawValue, address: address, attempt: attempt)
        }
    }

    // MARK: Calls

    /// `callNode` reads the columns by their places.
    private static let selectCall = """
        SELECT c.id, c.ordinal, c.kind, c.depth, c.status, coalesce(k.origin, c.origin), c.freshness,
            coalesce(k.model, c.model), c.title, c.failure, c.preview, c.attempts, c.iterations + c.shared_iterations,
            b.ordinal, c.batch, c.started_at, c.ended_at, c.seconds,
            k.tokens_in, k.tokens_out, k.tokens_cached, k.tokens_reasoning, k.cost, k.status,
            c.tokens_in, c.tokens_out, c.tokens_cached, c.tokens_reasoning, c.cost, c.completions,
            c.unknown_tokens, c.unknown_cost, c.calls_queued, c.calls_running, c.calls_held, c.calls_done,
            c.calls_failed, c.calls_cancelled, c.calls_limited, k.finish_reason, k.origin
        FROM call c LEFT JOIN block b ON b.id = c.block LEFT JOIN completion k ON k.call = c.id

        """
    private static let callByID = selectCall + "AND k.attempt = coalesce(?1, c.attempt) WHERE c.id = ?2"
    private static let callsOfIteration =
        selectCall + "AND k.attempt = c.attempt WHERE c.iteration = ? AND c.ordinal BETWEEN ? AND ? ORDER BY c.ordinal"

    func call(_ id: Int64, address: Address, attempt: Int? = nil) throws -> Node {
        let isInterrupted = try isInterrupted(runOfCall: id)
        let find = try connection.statement(composed: Self.callByID)
        let node = try find.bind(attempt).bind(id).first { row in
            var node = callNode(row, isInterrupted) { _ in address }
            if attempt != nil, !row.isNull(23) { node.status = status(row, 23, isInterrupted) }
            return node
        }
        guard let node else { throw StoreError.noSuchNode("there is no call \(id)", path) }
        return node
    }

    func calls(of iteration: Int64, from first: Int, through last: Int, below address: Address) throws -> [Node] {
        let isInterrupted = try isInterrupted(runOfIteration: iteration)
        let find = try connection.statement(composed: Self.callsOfIteration)
        return try find.bind(iteration).bind(first).bind(last).rows {
            callNode($0, isInterrupted) { address.appending(.call($0)) }
        }
    }

    private func callNode(_ row: Statement, _ isInterrupted: Bool, _ address: (Int) -> Address) -> Node {
        var calls = row.callCounts(from: 32)
        if isInterrupted { calls.interrupt() }
        var node = Node(
            id: .call(CallID(rawValue: row.id(0))),
            address: address(row.int(1)),
            kind: Node.Kind(rawValue: row.text(2)) ?? .llm,
            depth: row.int(3),
            status: status(row, 4, isInterrupted),
            origin: Origin(rawValue: row.text(5)) ?? .live,
            freshness: Freshness(rawValue: row.text(6)) ?? .fresh,
            model: row.optionalText(7),
            title: row.text(8),
            failure: row.failure(9),
            preview: row.text(10),
            own: own(row, usage: 18, status: 23, origin: 40),
            subtree: row.usageTotal(from: 24),
            calls: calls,
            attempts: row.int(11),
            childCount: row.int(12),
            block: row.optionalInt(13),
            batch: row.optionalInt(14),
            startedAt: row.optionalDate(15),
            endedAt: row.optionalDate(16),
            seconds: seconds(row, from: 15)
        )
        node.isCut = FinishReason.isCut(row.optionalText(39))
        return node
    }

    // MARK: Iterations

    /// `iterationNode` reads the columns by their places.
    private static let selectIteration = """
        SELECT i.id, i.ordinal, i.status, coalesce(k.origin, i.origin), i.freshness, k.model, i.title, i.failure,
            i.preview, i.attempts, i.blocks + i.calls, i.started_at, i.ended_at, i.seconds,
            k.tokens_in, k.tokens_out, k.tokens_cached, k.tokens_reasoning, k.cost, k.status,
            i.tokens_in, i.tokens_out, i.tokens_cached, i.tokens_reasoning, i.cost, i.completions,
            i.unknown_tokens, i.unknown_cost, i.calls_queued, i.calls_running, i.calls_held, i.calls_done,
            i.calls_failed, i.calls_cancelled, i.calls_limited, k.finish_reason, k.origin
        FROM iteration i LEFT JOIN completion k ON k.iteration = i.id

        """
    private static let iterationByID = selectIteration + "AND k.attempt = coalesce(?1, i.attempt) WHERE i.id = ?2"
    private static let iterationsOfCall =
        selectIteration
        + "AND k.attempt = i.attempt WHERE i.call = ? AND i.ordinal BETWEEN ? AND ? ORDER BY i.ordinal"

    func iteration(_ id: Int64, address: Address, attempt: Int?) throws -> Node {
        let isInterrupted = try isInterrupted(runOfIteration: id)
        let find = try connection.statement(composed: Self.iterationByID)
        let node = try find.bind(attempt).bind(id).first { row in
            var node = iterationNode(row, isInterrupted, address)
            if attempt != nil, !row.isNull(19) { node.status = status(row, 19, isInterrupted) }
            return node
        }
        guard let node else { throw StoreError.noSuchNode("there is no iteration \(id)", path) }
        return node
    }

    /// Iterations of a call, those a fork shares with its original included.
    func iterations(of call: Int64, from first: Int, through last: Int, below address: Address) throws -> [Node] {
        var nodes: [Node] = []
        var first = first
        for segment in try segments(of: call) where first <= min(last, segment.last) {
            let isInterrupted = try isInterrupted(runOfCall: segment.call)
            let find = try connection.statement(composed: Self.iterationsOfCall)
            nodes += try find.bind(segment.call).bind(first).bind(min(last, segment.last)).rows {
                iterationNode($0, isInterrupted, address.appending(.iteration($0.int(1))))
            }
            first = segment.last == Int.max ? segment.last : max(first, segment.last + 1)
        }
        return nodes
    }

    private func iterationNode(_ row: Statement, _ isInterrupted: Bool, _ address: Address) -> Node {
        var calls = row.callCounts(from: 28)
        if isInterrupted { calls.interrupt() }
        var node = Node(
            id: .iteration(IterationID(rawValue: row.id(0))),
            address: address,
            kind: .iteration,
            depth: address.depth,
            status: status(row, 2, isInterrupted),
            origin: Origin(rawValue: row.text(3)) ?? .live,
            freshness: Freshness(rawValue: row.text(4)) ?? .fresh,
            model: row.optionalText(5),
            title: row.text(6),
            failure: row.failure(7),
            preview: row.text(8),
            own: own(row, usage: 14, status: 19, origin: 36),
            subtree: row.usageTotal(from: 20),
            calls: calls,
            attempts: row.int(9),
            childCount: row.int(10),
            block: nil,
            batch: nil,
            startedAt: row.optionalDate(11),
            endedAt: row.optionalDate(12),
            seconds: seconds(row, from: 11)
        )
        node.isCut = FinishReason.isCut(row.optionalText(35))
        return node
    }

    /// Which call's row holds which iterations of a call: the original's first, where it is on the path of a fork.
    func segments(of call: Int64) throws -> [(call: Int64, last: Int)] {
        var segments: [(call: Int64, last: Int)] = [(call, Int.max)]
        let find = try connection.statement("SELECT shared_call, shared_iterations FROM call WHERE id = ?")
        // A chain of forks is short; a damaged one that goes in circles ends here.
        while segments.count < 1000, let first = segments.first {
            let shared = try find.bind(first.call).first { ($0.optionalID(0), $0.int(1)) }
            guard let (original, count) = shared, let original, count > 0 else { break }
            segments.insert((original, min(count, first.last)), at: 0)
        }
        return segments
    }

    // MARK: Blocks

    func blockCount(of iteration: Int64) throws -> Int {
        try connection.statement("SELECT blocks FROM iteration WHERE id = ?").bind(iteration).first { $0.int(0) } ?? 0
    }

    func block(_ id: Int64, address: Address, attempt: Int?) throws -> Node {
        let find = try connection.statement(
            """
            SELECT b.id, b.ordinal, b.status, b.origin, b.freshness, b.title, b.failure, b.preview,
                (SELECT count(*) FROM block a WHERE a.iteration = b.iteration AND a.ordinal = b.ordinal),
                b.started_at, b.ended_at, b.seconds, b.iteration
            FROM block named JOIN block b ON b.iteration = named.iteration AND b.ordinal = named.ordinal
            WHERE named.id = ?1 AND b.attempt = coalesce(?2, named.attempt)
            """
        )
        let found = try find.bind(id).bind(attempt).first { (blockNode($0, false, address), $0.id(12)) }
        guard let (row, iteration) = found else { throw StoreError.noSuchNode("there is no code block \(id)", path) }
        var node = row
        if !node.status.isFinal, try isInterrupted(runOfIteration: iteration) { node.status = .cancelled }
        return node
    }

    func blocks(of iteration: Int64, from first: Int, through last: Int, below address: Address) throws -> [Node] {
        let isInterrupted = try isInterrupted(runOfIteration: iteration)
        let find = try connection.statement(
            """
            SELECT b.id, b.ordinal, b.status, b.origin, b.freshness, b.title, b.failure, b.preview,
                (SELECT count(*) FROM block a WHERE a.iteration = b.iteration AND a.ordinal = b.ordinal),
                b.started_at, b.ended_at, b.seconds
            FROM block b WHERE b.iteration = ? AND b.ordinal BETWEEN ? AND ? AND b.current = 1 ORDER BY b.ordinal
            """
        )
        return try find.bind(iteration).bind(first).bind(last).rows {
            blockNode($0, isInterrupted, address.appending(.block($0.int(1))))
        }
    }

    private func blockNode(_ row: Statement, _ isInterrupted: Bool, _ address: Address) -> Node {
        Node(
            id: .block(BlockID(rawValue: row.id(0))),
            address: address,
            kind: .block,
            depth: address.depth,
            status: status(row, 2, isInterrupted),
            origin: Origin(rawValue: row.text(3)) ?? .live,
            freshness: Freshness(rawValue: row.text(4)) ?? .fresh,
            model: nil,
            title: row.text(5),
            failure: row.failure(6),
            preview: row.text(7),
            own: UsageTotal(),
            subtree: UsageTotal(),
            calls: CallCounts(),
            attempts: row.int(8),
            childCount: 0,
            block: nil,
            batch: nil,
            startedAt: row.optionalDate(9),
            endedAt: row.optionalDate(10),
            seconds: seconds(row, from: 9)
        )
    }

    // MARK: Steps

    /// The row one step down; nil where there is none.
    func child(of id: NodeID, _ step: Address.Step) throws -> NodeID? {
        switch (id, step) {
        case (.call(let call), .iteration(let number)):
            guard let segment = try segments(of: call.rawValue).first(where: { number <= $0.last }) else { return nil }
            return try connection.statement("SELECT id FROM iteration WHERE call = ? AND ordinal = ?")
                .bind(segment.call).bind(number).first { .iteration(IterationID(rawValue: $0.id(0))) }
        case (.iteration(let iteration), .block(let number)):
            return try connection.statement("SELECT id FROM block WHERE iteration = ? AND ordinal = ? AND current = 1")
                .bind(iteration.rawValue).bind(number).first { .block(BlockID(rawValue: $0.id(0))) }
        case (.iteration(let iteration), .call(let number)):
            return try connection.statement("SELECT id FROM call WHERE iteration = ? AND ordinal = ?")
                .bind(iteration.rawValue).bind(number).first { .call(CallID(rawValue: $0.id(0))) }
        default: return nil
        }
    }

    /// What is below a node, for a sentence: `3 iterations`, `1 block and 40 sub-calls`.
    func childrenInWords(of id: NodeID) throws -> String {
        switch id {
        case .block: return "nothing below it"
        case .call(let call):
            let count =
                try connection.statement("SELECT iterations + shared_iterations FROM call WHERE id = ?")
                .bind(call.rawValue).first { $0.int(0) } ?? 0
            return count == 1 ? "1 iteration" : "\(count) iterations"
        case .iteration(let iteration):
            let counts =
                try connection.statement("SELECT blocks, calls FROM iteration WHERE id = ?")
                .bind(iteration.rawValue).first { ($0.int(0), $0.int(1)) } ?? (0, 0)
            return "\(counts.0) \(counts.0 == 1 ? "block" : "blocks") and \(counts.1) "
                + (counts.1 == 1 ? "sub-call" : "sub-calls")
        }
    }

    // MARK: Columns

    private func status(_ row: Statement, _ column: Int32, _ isInterrupted: Bool) -> Status {
        let status = Status(rawValue: row.text(column)) ?? .failed
        return isInterrupted && !status.isFinal ? .cancelled : status
    }

    /// The usage of the completion that is shown, once it has ended. What came from the store or from a person used
    /// nothing.
    private func own(_ row: Statement, usage: Int32, status: Int32, origin: Int32) -> UsageTotal {
        guard Status(rawValue: row.text(status))?.isFinal == true else { return UsageTotal() }
        switch Origin(rawValue: row.text(origin)) {
        case .recorded, .edited: return UsageTotal()
        case .live, .ahead, .imported, nil: return UsageTotal(row.usage(from: usage))
        }
    }

    /// Reads the columns started, ended and seconds.
    private func seconds(_ row: Statement, from column: Int32) -> Double? {
        if let seconds = row.optionalDouble(column + 2) { return seconds }
        guard let start = row.optionalDouble(column), let end = row.optionalDouble(column + 1) else { return nil }
        return max(0, end - start)
    }

    private func isInterrupted(runOfCall id: Int64) throws -> Bool {
        let find = try connection.statement(
            """
            SELECT r.status, r.heartbeat_at, r.pid, r.host, r.boot FROM call c JOIN run r ON r.row = c.run
            WHERE c.id = ?
            """
        )
        return try find.bind(id).first(isInterrupted) ?? false
    }

    private func isInterrupted(runOfIteration id: Int64) throws -> Bool {
        let find = try connection.statement(
            """
            SELECT r.status, r.heartbeat_at, r.pid, r.host, r.boot
            FROM iteration i JOIN call c ON c.id = i.call JOIN run r ON r.row = c.run WHERE i.id = ?
            """
        )
        return try find.bind(id).first(isInterrupted) ?? false
    }

    /// A run that ended by itself may have nodes that never will; they count as interrupted with it.
    private func isInterrupted(_ run: Statement) -> Bool {
        let status = Status(rawValue: run.text(0))
        if status == .held { return false }
        if status?.isFinal != false { return true }
        return EngineProcess.isGone(run.engine(from: 2), heartbeatAt: run.optionalDate(1))
    }
}
