// Texts once each, and prompts as chains of messages that share their beginnings.
internal import Crypto
internal import Foundation
internal import Trajectory

/// Writes texts, messages and variables. Used within a transaction of the writer.
final class TextTable {
    private let connection: Connection
    /// The chain written last for each call: the next prompt of the same call begins with it, so only what is new is
    /// hashed and looked up.
    private var chains: [Int64: (messages: [Message], rows: [Int64])] = [:]

    /// About how many texts wait for the index; after a large import more than are counted.
    private(set) var unindexedCount: Int

    static let mostCounted = 10_001
    /// Bytes from which a text is not indexed: the index would hold up other writes.
    private static let longText = 1 << 20
    /// Bytes of prompts that are kept in memory to be compared with the next.
    private static let longChain = 8 << 20

    init(connection: Connection) {
        self.connection = connection
        let count = try? connection.statement(
            """
            SELECT (SELECT count(*) FROM unindexed_text) + (SELECT count(*) FROM (SELECT 1 FROM text
                WHERE is_searchable AND id > (SELECT last FROM text_index_state) LIMIT ?))
            """
        ).bind(Self.mostCounted).first { $0.int(0) }
        unindexedCount = count ?? 0
    }

    /// Takes the texts that have waited longest into the full-text index.
    /// - Parameter limit: How many at most.
    func index(limit: Int) throws {
        try connection.execute(
            """
            INSERT INTO text_index(rowid, content)
                SELECT t.id, t.content FROM unindexed_text u JOIN text t ON t.id = u.id;
            DELETE FROM unindexed_text;
            """
        )
        let find = try connection.statement(
            """
            SELECT max(id), count(*) FROM (SELECT id FROM text
                WHERE is_searchable AND id > (SELECT last FROM text_index_state) ORDER BY id LIMIT ?)
            """
        )
        guard let (last, count) = try find.bind(limit).first({ ($0.id(0), $0.int(1)) }), count > 0 else {
            unindexedCount = 0
            return
        }
        try connection.statement(
            """
            INSERT INTO text_index(rowid, content) SELECT id, content FROM text
            WHERE is_searchable AND id > (SELECT last FROM text_index_state) AND id <= ?
            """
        ).bind(last).run()
        try connection.statement("UPDATE text_index_state SET last = ?").bind(last).run()
        unindexedCount = count < limit ? 0 : max(unindexedCount - count, 1)
    }

    /// Forgets what was seen in rows that may not be there: after a rollback, and when another program has written.
    func forget() { chains = [:] }

    func forgetChain(of call: Int64) { chains[call] = nil }

    /// The row of a text, made when it is new.
    /// - Parameter isSearchable: Whether the full-text index should find it, if it does not yet.
    func row(of text: String?, isSearchable: Bool = true) throws -> Int64? {
        guard var text else { return nil }
        return try text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            var hasher = SHA256()
            hasher.update(bufferPointer: bytes)
            return try hasher.finalize().withUnsafeBytes { try row(hash: $0, bytes, isSearchable: isSearchable) }
        }
    }

    /// The row of a text whose SHA-256 is known, made when it is new. The bytes must stay until this returns.
    func row(
        hash: UnsafeRawBufferPointer,
        _ bytes: UnsafeRawBufferPointer,
        isSearchable: Bool
    ) throws -> Int64 {
        let isLong = bytes.count > Self.longText
        let isSearchable = isSearchable && !isLong
        let insert = try connection.statement(
            "INSERT INTO text(hash, is_searchable, content) VALUES (?, ?, ?) ON CONFLICT(hash) DO NOTHING"
        )
        insert.bind(bytes: hash, staying: true)
        insert.bind(isSearchable ? 1 : 0)
        // SQLite would copy it to put the row together.
        if isLong { insert.bind(zeros: bytes.count) } else { insert.bind(bytes: bytes, staying: true) }
        try insert.run()
        var row = connection.lastInsertedRow
        if connection.changes > 0 {
            if isLong { try connection.write(bytes, toContentOf: row) }
        } else {
            let find = try connection.statement("SELECT id, is_searchable FROM text WHERE hash = ?")
            find.bind(bytes: hash, staying: true)
            guard let known = try find.first({ (id: $0.id(0), isSearchable: $0.int(1) == 1) }) else {
                throw StoreError.lost(connection.path)
            }
            row = known.id
            if known.isSearchable || !isSearchable { return row }
            try connection.statement("UPDATE text SET is_searchable = 1 WHERE id = ?").bind(row).run()
            try connection.statement(
                "INSERT INTO unindexed_text(id) SELECT ?1 WHERE ?1 <= (SELECT last FROM text_index_state)"
            ).bind(row).run()
        }
        if isSearchable { unindexedCount = min(unindexedCount + 1, Self.mostCounted) }
        return row
    }

    /// The last row of a prompt's chain; nil for a prompt without messages.
    /// - Parameter call: The `rlm` call whose iteration is sent it: its next prompt will begin with this one, and is not
    ///   searched.
    func chain(of messages: [Message], for call: Int64? = nil) throws -> Int64? {
        var rows: [Int64] = []
        if let call, let known = chains[call] {
            var shared = 0
            while shared < min(messages.count, known.messages.count), messages[shared] == known.messages[shared] {
                shared += 1
            }
            rows = Array(known.rows.prefix(shared))
        }
        for message in messages.dropFirst(rows.count) {
            guard let text = try row(of: message.content, isSearchable: call == nil) else { continue }
            rows.append(try self.row(parent: rows.last ?? 0, role: message.role, text: text))
        }
        if let call {
            let length = messages.reduce(0) { $0 + $1.content.utf8.count }
            chains[call] = length <= Self.longChain ? (messages, rows) : nil
        }
        return rows.last
    }

    /// The row of a message after another one (0 for none), made when it is new.
    func row(parent: Int64, role: Message.Role, text: Int64) throws -> Int64 {
        let insert = try connection.statement(
            "INSERT INTO message(parent, role, text) VALUES (?, ?, ?) ON CONFLICT(parent, role, text) DO NOTHING"
        )
        try insert.bind(parent).bind(role.rawValue).bind(text).run()
        if connection.changes > 0 { return connection.lastInsertedRow }
        let find = try connection.statement("SELECT id FROM message WHERE parent = ? AND role = ? AND text = ?")
        find.bind(parent).bind(role.rawValue).bind(text)
        guard let row = try find.first({ $0.id(0) }) else { throw StoreError.lost(connection.path) }
        return row
    }

    /// The row of a set of variables; nil for an empty one.
    func row(of variables: [Variable]) throws -> Int64? {
        guard !variables.isEmpty else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(variables)
        let hash = Data(SHA256.hash(data: json))
        let insert = try connection.statement(
            "INSERT INTO variable_set(hash, json) VALUES (?, ?) ON CONFLICT(hash) DO NOTHING"
        )
        try insert.bind(blob: hash).bind(blob: json).run()
        if connection.changes > 0 { return connection.lastInsertedRow }
        let find = try connection.statement("SELECT id FROM variable_set WHERE hash = ?").bind(blob: hash)
        guard let row = try find.first({ $0.id(0) }) else { throw StoreError.lost(connection.path) }
        return row
    }
}
