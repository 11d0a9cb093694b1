// Queries that give long texts: completions, blocks, prompts, answers.
internal import Foundation
package import Trajectory

extension TrajectoryStore {
    /// The current completion of an iteration, without its messages, and the current attempts of its blocks. Throws
    /// `noSuchNode`.
    package func iterationDetail(_ id: IterationID) throws -> IterationDetail {
        try readers.read { connection in
            let find = try connection.statement("SELECT attempt FROM iteration WHERE id = ?").bind(id.rawValue)
            guard let attempt = try find.first({ $0.int(0) }) else {
                throw StoreError.noSuchNode("there is no iteration \(id.rawValue)", path)
            }
            let completion = try completions(ofIteration: id, connection).first { $0.completion.attempt == attempt }
            let blocks = try connection.statement(composed: Self.blocksOfIteration).bind(id.rawValue).rows(Self.block)
            return IterationDetail(completion: completion?.completion, blocks: blocks)
        }
    }

    /// A code block with its texts; nil for other nodes.
    package func block(of node: Node) throws -> CodeBlock? {
        guard case .block(let id) = node.id else { return nil }
        return try readers.read { connection in
            try connection.statement(composed: Self.blockByID).bind(id.rawValue).first(Self.block)
        }
    }

    /// `block(_:)` reads the columns by their places.
    private static let selectBlock = """
        SELECT b.id, b.ordinal, b.attempt, code.content, b.status, out.content, err.content, b.cut_bytes,
            b.failure, v.json, b.seconds, b.waiting_seconds, b.origin, b.freshness, b.stdout_hash, b.stderr_hash,
            answer.content
        FROM block b JOIN text code ON code.id = b.code LEFT JOIN text out ON out.id = b.stdout
        LEFT JOIN text err ON err.id = b.stderr LEFT JOIN text answer ON answer.id = b.answer LEFT JOIN variable_set v ON v.id = b.variables
        """
    private static let blocksOfIteration = selectBlock + " WHERE b.iteration = ? AND b.current = 1 ORDER BY b.ordinal"
    private static let blockByID = selectBlock + " WHERE b.id = ?"
    private static let attemptsOfBlock =
        selectBlock + " JOIN block named ON named.iteration = b.iteration AND named.ordinal = b.ordinal"
        + " WHERE named.id = ? ORDER BY b.attempt"

    /// Every attempt of a code block, with its texts, in order.
    package func attempts(of id: BlockID) throws -> [CodeBlock] {
        try readers.read { connection in
            try connection.statement(composed: Self.attemptsOfBlock).bind(id.rawValue).rows(Self.block)
        }
    }

    /// Every attempt of an iteration's or `llm` call's completion, with the whole prompts; none for other nodes.
    package func completions(of id: NodeID) throws -> [Completion] {
        try readers.read { connection in
            let found =
                switch id {
                case .block: [] as [(completion: Completion, messages: Int64?)]
                case .iteration(let iteration): try completions(ofIteration: iteration, connection)
                case .call(let call): try completions(ofCall: call, connection)
                }
            return try found.map { completion, chain in
                var completion = completion
                completion.messages = try messages(endingAt: chain, connection)
                return completion
            }
        }
    }

    /// The attempt that the node's address names, else the one that counts, with its whole prompt; nil where the node has
    /// no completion. One that was run alone, to be compared, is there and does not count.
    package func completion(of node: Node) throws -> Completion? {
        let all = try completions(of: node.id)
        if let attempt = node.address.attempt { return all.first { $0.attempt == attempt } }
        guard all.count > 1 else { return all.last }
        let current = try readers.read { connection in
            switch node.id {
            case .block: nil as Int?
            case .call(let id):
                try connection.statement("SELECT attempt FROM call WHERE id = ?").bind(id.rawValue).first { $0.int(0) }
            case .iteration(let id):
                try connection.statement("SELECT attempt FROM iteration WHERE id = ?").bind(id.rawValue)
                    .first { $0.int(0) }
            }
        }
        return all.first { $0.attempt == current } ?? all.last
    }

    /// The whole answer of a call; nil until there is one.
    package func answer(of call: CallID) throws -> String? {
        try readers.read { connection in
            let find = try connection.statement(
                "SELECT t.content FROM call c LEFT JOIN text t ON t.id = c.answer WHERE c.id = ?"
            )
            guard let answer = try find.bind(call.rawValue).first({ $0.optionalText(0) }) else {
                throw StoreError.noSuchNode("there is no call \(call.rawValue)", path)
            }
            return answer
        }
    }

    /// What a call was asked: of the root, the question.
    package func prompt(of call: CallID) throws -> [Message] {
        try readers.read { connection in
            let find = try connection.statement("SELECT prompt FROM call WHERE id = ?").bind(call.rawValue)
            guard let chain = try find.first({ $0.optionalID(0) }) else {
                throw StoreError.noSuchNode("there is no call \(call.rawValue)", path)
            }
            return try messages(endingAt: chain, connection)
        }
    }

    func messages(endingAt chain: Int64?, _ connection: Connection) throws -> [Message] {
        guard let chain else { return [] }
        let find = try connection.statement(
            """
            WITH RECURSIVE chain(id, parent, role, text, place) AS (
                SELECT id, parent, role, text, 0 FROM message WHERE id = ?
                UNION ALL
                SELECT m.id, m.parent, m.role, m.text, place + 1 FROM message m JOIN chain ON m.id = chain.parent
            )
            SELECT chain.role, t.content FROM chain JOIN text t ON t.id = chain.text ORDER BY place DESC
            """
        )
        return try find.bind(chain).rows {
            Message(role: Message.Role(rawValue: $0.text(0)) ?? .user, content: $0.text(1))
        }
    }

    /// Why the current completion of an iteration or `llm` call ended, in the provider's word; nil where nobody said.
    package func finishReason(of node: Node) throws -> String? {
        try readers.read { connection in
            switch node.id {
            case .block: nil
            case .call(let id):
                try connection.statement(
                    """
                    SELECT k.finish_reason FROM call c JOIN completion k ON k.call = c.id AND k.attempt = c.attempt
                    WHERE c.id = ?
                    """
                ).bind(id.rawValue).first { $0.optionalText(0) } ?? nil
            case .iteration(let id):
                try connection.statement(
                    """
                    SELECT k.finish_reason FROM iteration i
                    JOIN completion k ON k.iteration = i.id AND k.attempt = i.attempt WHERE i.id = ?
                    """
                ).bind(id.rawValue).first { $0.optionalText(0) } ?? nil
            }
        }
    }

    /// `completion(_:)` reads the columns by their places.
    private static let selectCompletion = """
        SELECT k.id, k.attempt, k.model, k.parameters, k.messages, coalesce(t.content, k.partial), k.status, k.origin,
            k.failure, k.tokens_in, k.tokens_out, k.tokens_cached, k.tokens_reasoning, k.cost, k.finish_reason,
            k.retries, k.started_at, k.first_byte_at, k.ended_at, r.content
        FROM completion k LEFT JOIN text t ON t.id = k.response LEFT JOIN text r ON r.id = k.reasoning
        """
    private static let completionsOfIteration = selectCompletion + " WHERE k.iteration = ? ORDER BY k.attempt"
    private static let completionsOfCall = selectCompletion + " WHERE k.call = ? ORDER BY k.attempt"

    private func completions(
        ofIteration id: IterationID,
        _ connection: Connection
    ) throws -> [(completion: Completion, messages: Int64?)] {
        try connection.statement(composed: Self.completionsOfIteration).bind(id.rawValue).rows(Self.completion)
    }

    private func completions(
        ofCall id: CallID,
        _ connection: Connection
    ) throws -> [(completion: Completion, messages: Int64?)] {
        try connection.statement(composed: Self.completionsOfCall).bind(id.rawValue).rows(Self.completion)
    }

    private static func completion(_ row: Statement) -> (completion: Completion, messages: Int64?) {
        var completion = Completion(
            id: CompletionID(rawValue: row.id(0)),
            attempt: row.int(1),
            model: row.text(2),
            parameters: row.text(3),
            messages: [],
            response: row.optionalText(5),
            status: Status(rawValue: row.text(6)) ?? .failed,
            origin: Origin(rawValue: row.text(7)) ?? .live,
            failure: row.failure(8),
            usage: row.usage(from: 9),
            finishReason: row.optionalText(14),
            retries: row.int(15),
            startedAt: row.optionalDate(16),
            firstByteAt: row.optionalDate(17),
            endedAt: row.optionalDate(18)
        )
        completion.reasoning = row.optionalText(19)
        return (completion, row.optionalID(4))
    }

    private static func block(_ row: Statement) -> CodeBlock {
        var block = CodeBlock(
            id: BlockID(rawValue: row.id(0)),
            ordinal: row.int(1),
            attempt: row.int(2),
            code: row.text(3),
            status: Status(rawValue: row.text(4)) ?? .failed,
            output: Output(stdout: row.text(5), stderr: row.text(6), cutByteCount: row.int(7)),
            failure: row.failure(8),
            variables: Column.value([Variable].self, json: row.optionalText(9)) ?? [],
            seconds: row.optionalDouble(10),
            waitingSeconds: row.optionalDouble(11),
            origin: Origin(rawValue: row.text(12)) ?? .live,
            freshness: Freshness(rawValue: row.text(13)) ?? .fresh
        )
        block.stdoutHash = row.optionalData(14)
        block.stderrHash = row.optionalData(15)
        block.answer = row.optionalText(16)
        return block
    }
}
