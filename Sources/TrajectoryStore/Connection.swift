// One connection to the database, with statements that are prepared once and kept. Not GRDB's: its text binding ends at
// a NUL, and its bookkeeping costs a write as much again as the write.
internal import Foundation
internal import GRDBSQLite

/// A connection and its prepared statements. Used by one thread at a time: the writer's, or the reader that borrowed it.
final class Connection: @unchecked Sendable {  // @unchecked: handed from thread to thread, never used by two at once.
    let path: String
    private let handle: OpaquePointer
    private var statements: [UnsafePointer<UInt8>: Statement] = [:]
    private var composed: [String: Statement] = [:]

    /// As SQLite takes it: kilobytes, with a minus.
    static let cacheSize = -16_000

    /// Opens an existing database. Throws `StoreError`.
    /// - Parameters:
    ///   - uri: What to open in place of the path, with parameters for SQLite.
    ///   - patience: Seconds to wait for another program's transaction.
    init(path: String, uri: String? = nil, isReadOnly: Bool, patience: TimeInterval) throws {
        self.path = path
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            uri ?? path,
            &opened,
            access | SQLITE_OPEN_NOMUTEX | (uri == nil ? 0 : SQLITE_OPEN_URI),
            nil
        )
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw StoreError(
                sqlite: code,
                detail: String(cString: sqlite3_errstr(code)),
                systemError: opened.map { sqlite3_system_errno($0) } ?? 0,
                path: path
            )
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        setPatience(patience)
        try execute("PRAGMA foreign_keys = ON")
    }

    /// - Parameter seconds: How long to wait for another program's transaction.
    func setPatience(_ seconds: TimeInterval) { sqlite3_busy_timeout(handle, Int32(seconds * 1000)) }

    /// Whether the path leads to another file than the one that is open, or to none.
    var hasMoved: Bool {
        var moved: Int32 = 0
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return moved != 0
    }

    /// The database's file as SQLite has opened it: absolute, links followed.
    var openedPath: String { sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? path }

    /// Makes a copy of all that this connection can read, the file's fate notwithstanding.
    /// - Parameter target: A file that is there and empty.
    func copy(to target: String) throws {
        let other = try Connection(path: target, isReadOnly: false, patience: 1)
        defer { other.close() }
        guard let backup = sqlite3_backup_init(other.handle, "main", handle, "main") else { throw other.lastError() }
        let outcome = sqlite3_backup_step(backup, -1)
        sqlite3_backup_finish(backup)
        guard outcome == SQLITE_DONE else {
            throw StoreError(
                sqlite: outcome,
                detail: String(cString: sqlite3_errstr(outcome)),
                systemError: sqlite3_system_errno(other.handle),
                path: target
            )
        }
        // All in one file: what is renamed afterwards has no companion.
        try other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    func close() {
        for statement in [Statement](statements.values) + composed.values { statement.finalize() }
        (statements, composed) = ([:], [:])
        sqlite3_close_v2(handle)
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

    /// The statement for a text that shares a part with others, put together once and kept as a constant.
    func statement(composed sql: String) throws -> Statement {
        if let statement = composed[sql] {
            statement.rewind()
            return statement
        }
        let statement = try prepare(sql)
        composed[sql] = statement
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

    /// Writes the content of a text whose row has a blob of as many bytes.
    func write(_ bytes: UnsafeRawBufferPointer, toContentOf row: Int64) throws {
        // The pages of a long text are not needed again soon, and would fill the cache.
        try execute("PRAGMA cache_size = -1000")
        defer { try? execute("PRAGMA cache_size = \(Self.cacheSize)") }
        var blob: OpaquePointer?
        guard sqlite3_blob_open(handle, "main", "text", "content", row, 1, &blob) == SQLITE_OK else {
            throw lastError()
        }
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = min(bytes.count - done, 1 << 20)
            guard sqlite3_blob_write(blob, start + done, Int32(count), Int32(done)) == SQLITE_OK else {
                let error = lastError()
                sqlite3_blob_close(blob)
                throw error
            }
            done += count
        }
        guard sqlite3_blob_close(blob) == SQLITE_OK else { throw lastError() }
    }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Whether no transaction is open; SQLite ends one by itself on a full disk and the like.
    var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

    func lastError() -> StoreError {
        StoreError(
            sqlite: sqlite3_extended_errcode(handle),
            detail: String(cString: sqlite3_errmsg(handle)),
            systemError: sqlite3_system_errno(handle),
            path: path
        )
    }

    /// Changes when somebody else has committed to the database since the last time this connection looked.
    func dataVersion() throws -> Int {
        try statement("PRAGMA data_version").first { $0.int(0) } ?? 0
    }
}
