// Queries that give a call as it is run again: in order, with the answers.
internal import Foundation
package import Trajectory

extension TrajectoryStore {
    /// Gives the iterations of an `rlm` call in order, those that a fork shares with its original included; one at a time
    /// is in memory. An error that `visit` throws ends it.
    /// - Parameter last: The last iteration that is wanted; nil for all.
    package func recordedIterations(
        of call: CallID,
        through last: Int? = nil,
        _ visit: (RecordedIteration) throws -> Void
    ) throws {
        let rows = try readers.read { connection in
            var rows: [Int64] = []
            for segment in try NodeRows(connection: connection, path: path).segments(of: call.rawValue) {
                let find = try connection.statement(
                    "SELECT id FROM iteration WHERE call = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal"
                )
                rows += try find.bind(segment.call).bind(rows.count + 1).bind(min(segment.last, last ?? .max))
                    .rows { $0.id(0) }
            }
            return rows
        }
        for row in rows { try visit(try readers.read { try recordedIteration(row, $0) }) }
    }

    /// The whole prompt that a completion was sent.
    package func messages(sentBy completion: CompletionID) throws -> [Message] {
        try readers.read { connection in
            let find = try connection.statement("SELECT messages FROM completion WHERE id = ?")
            guard let chain = try find.bind(completion.rawValue).first({ $0.optionalID(0) }) else {
                throw StoreError.noSuchNode("there is no completion \(completion.rawValue)", path)
            }
            return try messages(endingAt: chain, connection)
        }
    }

    private func recordedIteration(_ id: Int64, _ connection: Connection) throws -> RecordedIteration {
        let find = try connection.statement(
            """
            SELECT i.ordinal, i.status, coalesce(k.origin, i.origin), i.failure, k.id, first.request_key, t.content,
                reasoning.content, k.finish_reason, k.failure
            FROM iteration i LEFT JOIN completion k ON k.iteration = i.id AND k.attempt = i.attempt
            LEFT JOIN completion first ON first.iteration = i.id AND first.attempt = 1
            LEFT JOIN text t ON t.id = k.response LEFT JOIN text reasoning ON reasoning.id = k.reasoning
            WHERE i.id = ?
            """
        )
        let found = try find.bind(id).first {
            RecordedIteration(
                id: IterationID(rawValue: id),
                ordinal: $0.int(0),
                status: Status(rawValue: $0.text(1)) ?? .failed,
                origin: Origin(rawValue: $0.text(2)) ?? .live,
                failure: $0.failure(3),
                completion: $0.optionalID(4).map(CompletionID.init(rawValue:)),
                requestKey: $0.optionalData(5),
                response: $0.optionalText(6),
                reasoning: $0.optionalText(7),
                finishReason: $0.optionalText(8),
                completionFailure: $0.failure(9),
                blocks: [],
                looseCalls: []
            )
        }
        guard var iteration = found else { throw StoreError.lost(path) }
        iteration.blocks = try recordedBlocks(of: id, connection)
        let places = Dictionary(
            iteration.blocks.enumerated().map { ($1.ordinal, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for (call, block) in try recordedCalls(of: id, connection) {
            if let place = block.flatMap({ places[$0] }) {
                iteration.blocks[place].calls.append(call)
            } else {
                iteration.looseCalls.append(call)
            }
        }
        return iteration
    }

    private func recordedBlocks(of iteration: Int64, _ connection: Connection) throws -> [RecordedBlock] {
        let find = try connection.statement(
            """
            SELECT b.id, b.ordinal, b.attempt, code.content, b.status, b.failure, b.stdout_hash, b.stderr_hash,
                out.content, err.content, b.cut_bytes, answer.content
            FROM block b JOIN text code ON code.id = b.code LEFT JOIN text out ON out.id = b.stdout
            LEFT JOIN text err ON err.id = b.stderr LEFT JOIN text answer ON answer.id = b.answer
            WHERE b.iteration = ? AND b.current = 1 ORDER BY b.ordinal
            """
        )
        return try find.bind(iteration).rows {
            RecordedBlock(
                id: BlockID(rawValue: $0.id(0)),
                ordinal: $0.int(1),
                attempt: $0.int(2),
                code: $0.text(3),
                status: Status(rawValue: $0.text(4)) ?? .failed,
                failure: $0.failure(5),
                stdoutHash: $0.optionalData(6),
                stderrHash: $0.optionalData(7),
                output: Output(stdout: $0.text(8), stderr: $0.text(9), cutByteCount: $0.int(10)),
                answer: $0.optionalText(11),
                calls: []
            )
        }
    }

    /// With the ordinal of the block that made each.
    private func recordedCalls(
        of iteration: Int64,
        _ connection: Connection
    ) throws -> [(call: RecordedCall, block: Int?)] {
        let find = try connection.statement(
            """
            SELECT c.id, c.ordinal, c.kind, c.batch, coalesce(k.model, c.model), first.request_key,
                c.status, coalesce(k.origin, c.origin), t.content, coalesce(c.failure, k.failure),
                k.finish_reason, k.tokens_in, k.tokens_out, k.tokens_cached, k.tokens_reasoning, k.cost, b.ordinal
            FROM call c LEFT JOIN completion k ON k.call = c.id AND k.attempt = c.attempt
            LEFT JOIN completion first ON first.call = c.id AND first.attempt = 1
            LEFT JOIN text t ON t.id = coalesce(k.response, c.answer) LEFT JOIN block b ON b.id = c.block
            WHERE c.iteration = ? ORDER BY c.ordinal
            """
        )
        return try find.bind(iteration).rows {
            let call = RecordedCall(
                id: CallID(rawValue: $0.id(0)),
                ordinal: $0.int(1),
                kind: Call.Kind(rawValue: $0.text(2)) ?? .llm,
                batch: $0.optionalInt(3),
                model: $0.optionalText(4),
                requestKey: $0.optionalData(5),
                status: Status(rawValue: $0.text(6)) ?? .failed,
                origin: Origin(rawValue: $0.text(7)) ?? .live,
                answer: $0.optionalText(8),
                failure: $0.failure(9),
                finishReason: $0.optionalText(10),
                usage: $0.usage(from: 11)
            )
            return (call, $0.optionalInt(16))
        }
    }
}
