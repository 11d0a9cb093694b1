// One connection to the database: GRDB opens it, statements are prepared once and kept.
internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// A connection and its prepared statements. Used by one thread at a time: the writer's, or the reader that borrowed it.
final class Connection: @unchecked Sendable {  // @unchecked: handed from thread to thread, never used by two at once.
    let path: String
    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    private var statements: [UnsafePointer<UInt8>: Statement] = [:]

    /// Opens an existing database. Throws `StoreError`.
    init(path: String, configuration: Configuration, uri: String? = nil) throws {
        self.path = path
        do {
            queue = try DatabaseQueue(path: uri ?? path, configuration: configuration)
            handle = try queue.inDatabase { db in
                guard let handle = db.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
                return handle
            }
        } catch let error as DatabaseError {
            throw StoreError(
                sqlite: error.extendedResultCode.rawValue, detail: error.message ?? "", systemError: 0, path: path)
        }
    }

    /// Runs the migrations that are missing. Throws `StoreError`.
    func migrate() throws {
        do {
            try Schema.migrator.migrate(queue)
        } catch let error as DatabaseError {
            throw StoreError(
                sqlite: error.extendedResultCode.rawValue, detail: error.message ?? "",
                systemError: sqlite3_system_errno(handle), path: path)
        }
    }

    func close() {
        for statement in statements.values { statement.finalize() }
        statements = [:]
        // GRDB reports statements that are still open; there are none.
        try? queue.close()
    }

    /// The statement for this literal, prepared at its first use.
    func statement(_ sql: StaticString) throws -> Statement {
        if let statement = statements[sql.utf8Start] {
            statement.rewind()
            return statement
        }
        let statement = try prepare(sql.description)
        statements[sql.utf8Start] = statement
        return statement
    }

    /// A statement that the caller finalizes.
    func prepare(_ sql: String) throws -> Statement {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil) == SQLITE_OK,
            let prepared
        else { throw lastError() }
        return Statement(handle: prepared, connection: self)
    }

    /// Executes a text of statements without values.
    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError() }
    }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Whether no transaction is open; SQLite ends one by itself on a full disk and the like.
    var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

    func lastError() -> StoreError {
        StoreError(
            sqlite: sqlite3_extended_errcode(handle), detail: String(cString: sqlite3_errmsg(handle)),
            systemError: sqlite3_system_errno(handle), path: path)
    }

    /// Changes when somebody else has committed to the database since the last time this connection looked.
    func dataVersion() throws -> Int {
        try statement("PRAGMA data_version").first { $0.int(0) } ?? 0
    }
}
