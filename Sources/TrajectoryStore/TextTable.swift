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

    init(connection: Connection) { self.connection = connection }

    /// Forgets what was seen in rows that may not be there: after a rollback, and when another program has written.
    func forget() { chains = [:] }

    func forgetChain(of call: Int64) { chains[call] = nil }

    /// The row of a text, made when it is new.
    func row(of text: String?) throws -> Int64? {
        guard var text else { return nil }
        return try text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            var hasher = SHA256()
            hasher.update(bufferPointer: bytes)
            return try hasher.finalize().withUnsafeBytes { hash in
                let insert = try connection.statement(
                    "INSERT INTO text(hash, content) VALUES (?, ?) ON CONFLICT(hash) DO NOTHING"
                )
                insert.bind(bytes: hash, staying: true)
                insert.bind(bytes: bytes, staying: true)
                try insert.run()
                if connection.changes == 0 {
                    let find = try connection.statement("SELECT id FROM text WHERE hash = ?")
                    find.bind(bytes: hash, staying: true)
                    guard let row = try find.first({ $0.id(0) }) else { throw StoreError.lost(connection.path) }
                    return row
                }
                let row = connection.lastInsertedRow
                if bytes.count > 0 {
                    let index = try connection.statement("INSERT INTO text_index(rowid, content) VALUES (?, ?)")
                    index.bind(row)
                    index.bind(bytes: bytes, staying: true)
                    try index.run()
                }
                return row
            }
        }
    }

    /// The last row of a prompt's chain; nil for a prompt without messages.
    /// - Parameter call: Whose prompt it is, where the call's next prompt will begin with it.
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
            guard let text = try row(of: message.content) else { continue }
            rows.append(try self.row(parent: rows.last ?? 0, role: message.role, text: text))
        }
        if let call { chains[call] = (messages, rows) }
        return rows.last
    }

    private func row(parent: Int64, role: Message.Role, text: Int64) throws -> Int64 {
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
