// What the models of a run were given and shown, for the map of its contexts.
package import Trajectory

/// Texts that a node put before a model.
package struct ShownText: Sendable {
    package enum Kind: Sendable {
        /// The first messages of an `rlm` call, at its first iteration.
        case beginning
        /// What an iteration's blocks printed, as it was sent with the next request.
        case output
        /// The prompt of an `llm` call.
        case prompt
        /// The prompt of an `rlm` call, which becomes a context.
        case context
    }

    package var kind: Kind
    /// The call, or the iteration.
    package var address: Address
    /// Rows of `text`, in order.
    package var texts: [Int64]
    /// Whether the request was answered, or is under way.
    package var isRead: Bool
    package var inputTokens: Int?
    /// For output: the blocks' numbers and what they printed, as it is stored.
    package var blocks: [(ordinal: Int, stdout: Int64?)] = []
}

extension TrajectoryStore {
    /// Everything that was put before models in a run, in the order of its tree: what is new in each prompt, and not the
    /// history that it repeats. Throws `noSuchRun`.
    package func shownTexts(in run: RunID) throws -> [ShownText] {
        try readers.read { connection in
            let find = try connection.statement("SELECT root FROM run WHERE id = ?").bind(run.rawValue)
            guard let root = try find.first({ $0.optionalID(0) }) ?? nil else { throw noSuchRun(run.rawValue) }
            var reading = ShownTextReading(connection: connection, path: path)
            try reading.read(call: root, at: .root)
            return reading.found
        }
    }

    /// The newest rows of calls, iterations, blocks and completions: nothing that was put before a model changes without
    /// another row.
    package func newestRows() throws -> [Int64] {
        try readers.read { connection in
            let find = try connection.statement(
                """
                SELECT coalesce((SELECT max(id) FROM call), 0), coalesce((SELECT max(id) FROM iteration), 0),
                    coalesce((SELECT max(id) FROM block), 0), coalesce((SELECT max(id) FROM completion), 0)
                """)
            return try find.first { row in (0..<4).map { row.id($0) } } ?? []
        }
    }

    /// A text by its row; empty where there is none.
    package func text(_ row: Int64) throws -> String {
        try readers.read { connection in
            try connection.statement("SELECT content FROM text WHERE id = ?").bind(row).first { $0.text(0) } ?? ""
        }
    }
}

/// Goes down the tree of calls within one transaction.
private struct ShownTextReading {
    let connection: Connection
    let path: String
    var found: [ShownText] = []

    private struct Request {
        var id: Int64
        var ordinal: Int
        var messages: Int64?
        var isRead: Bool
        var inputTokens: Int?
    }

    init(connection: Connection, path: String) {
        self.connection = connection
        self.path = path
    }

    mutating func read(call: Int64, at address: Address) throws {
        let iterations = try iterations(of: call)
        for (index, iteration) in iterations.enumerated() {
            let place = address.appending(.iteration(iteration.ordinal))
            if index == 0, let messages = iteration.messages {
                let texts = try newTexts(endingAt: messages)
                found.append(
                    ShownText(
                        kind: .beginning, address: place, texts: texts, isRead: iteration.isRead,
                        inputTokens: iteration.inputTokens))
            }
            // What the last iteration printed was sent to nobody.
            if index + 1 < iterations.count {
                try readOutput(of: iteration, sentWith: iterations[index + 1], at: place)
            }
            try readCalls(of: iteration.id, at: place)
        }
    }

    private mutating func readOutput(of iteration: Request, sentWith next: Request, at place: Address) throws {
        let blocks = try connection.statement(
            "SELECT ordinal, stdout FROM block WHERE iteration = ? AND current = 1 ORDER BY ordinal"
        ).bind(iteration.id).rows { (ordinal: $0.int(0), stdout: $0.optionalID(1)) }
        guard !blocks.isEmpty else { return }
        // Where the prompt is not known, as in some imported runs, all that was printed counts as shown.
        let texts = try next.messages.map { try newTexts(endingAt: $0) } ?? blocks.compactMap(\.stdout)
        var shown = ShownText(
            kind: .output, address: place, texts: texts, isRead: next.isRead, inputTokens: next.inputTokens)
        shown.blocks = blocks
        found.append(shown)
    }

    private mutating func readCalls(of iteration: Int64, at place: Address) throws {
        let find = try connection.statement(
            """
            SELECT c.id, c.ordinal, c.kind, c.prompt, k.messages, k.response IS NOT NULL OR k.status = 'running',
                k.tokens_in
            FROM call c LEFT JOIN completion k ON k.call = c.id AND k.attempt = c.attempt
            WHERE c.iteration = ? ORDER BY c.ordinal
            """)
        let calls = try find.bind(iteration).rows { row in
            (
                request: Request(
                    id: row.id(0), ordinal: row.int(1), messages: row.optionalID(4) ?? row.optionalID(3),
                    isRead: row.int(5) != 0, inputTokens: row.optionalInt(6)),
                isRecursive: row.text(2) == Node.Kind.rlm.rawValue
            )
        }
        for (call, isRecursive) in calls {
            let address = place.appending(.call(call.ordinal))
            let texts = try call.messages.map { try newTexts(endingAt: $0) } ?? []
            found.append(
                ShownText(
                    kind: isRecursive ? .context : .prompt, address: address, texts: texts,
                    isRead: call.isRead && !isRecursive, inputTokens: call.inputTokens))
            if isRecursive { try read(call: call.id, at: address) }
        }
    }

    /// A call's iterations with the requests that count, those that a fork shares with its original included.
    private func iterations(of call: Int64) throws -> [Request] {
        var result: [Request] = []
        var first = 1
        for segment in try NodeRows(connection: connection, path: path).segments(of: call) {
            let find = try connection.statement(
                """
                SELECT i.id, i.ordinal, k.messages, k.response IS NOT NULL OR k.status = 'running', k.tokens_in
                FROM iteration i LEFT JOIN completion k ON k.iteration = i.id AND k.attempt = i.attempt
                WHERE i.call = ? AND i.ordinal BETWEEN ? AND ? ORDER BY i.ordinal
                """)
            result += try find.bind(segment.call).bind(first).bind(segment.last).rows { row in
                Request(
                    id: row.id(0), ordinal: row.int(1), messages: row.optionalID(2), isRead: row.int(3) != 0,
                    inputTokens: row.optionalInt(4))
            }
            first = segment.last == Int.max ? segment.last : max(first, segment.last + 1)
        }
        return result
    }

    /// The texts of a prompt behind the last one that a model wrote.
    private func newTexts(endingAt message: Int64) throws -> [Int64] {
        let find = try connection.statement("SELECT parent, role, text FROM message WHERE id = ?")
        var texts: [Int64] = []
        var next = message
        while next != 0 {
            guard let row = try find.bind(next).first({ (parent: $0.id(0), role: $0.text(1), text: $0.id(2)) }),
                row.role != Message.Role.assistant.rawValue
            else { break }
            texts.append(row.text)
            next = row.parent
        }
        return texts.reversed()
    }
}
