// A prepared statement that binds and reads bytes as they are, NULs included, which GRDB's text binding does not.
internal import Foundation
internal import GRDBSQLite

/// One prepared statement of a `Connection`, for use on that connection's thread. Values are bound in order with `bind`,
/// then `run`, `first` or `rows` executes it and makes it ready for the next use.
final class Statement {
    private let handle: OpaquePointer
    private unowned let connection: Connection
    private var bound: Int32 = 0

    init(handle: OpaquePointer, connection: Connection) {
        self.handle = handle
        self.connection = connection
    }

    func finalize() { sqlite3_finalize(handle) }

    /// Starts binding at the first place, also after a use that an error ended half way.
    func rewind() { bound = 0 }

    // MARK: Binding

    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    @discardableResult func bind(_ value: Int64?) -> Statement {
        bound += 1
        if let value { sqlite3_bind_int64(handle, bound, value) } else { sqlite3_bind_null(handle, bound) }
        return self
    }

    @discardableResult func bind(_ value: Int?) -> Statement { bind(value.map(Int64.init)) }

    @discardableResult func bind(_ value: Double?) -> Statement {
        bound += 1
        if let value { sqlite3_bind_double(handle, bound, value) } else { sqlite3_bind_null(handle, bound) }
        return self
    }

    @discardableResult func bind(_ value: Date?) -> Statement { bind(value?.timeIntervalSince1970) }

    @discardableResult func bind(_ value: String?) -> Statement {
        bound += 1
        guard var value else {
            sqlite3_bind_null(handle, bound)
            return self
        }
        guard !value.isEmpty else {
            // Without bytes there may be no address, and a null pointer would bind NULL.
            sqlite3_bind_text(handle, bound, "", 0, Self.copied)
            return self
        }
        value.withUTF8 { bytes in
            let code = bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(
                    handle,
                    bound,
                    $0.baseAddress,
                    UInt64($0.count),
                    Self.copied,
                    UInt8(SQLITE_UTF8)
                )
            }
            if code != SQLITE_OK { sqlite3_bind_null(handle, bound) }
        }
        return self
    }

    /// The text's UTF-8 as a blob.
    @discardableResult func bind(blob value: String?) -> Statement {
        guard var value else { return bind(blob: nil as Data?) }
        value.withUTF8 { bind(bytes: UnsafeRawBufferPointer($0)) }
        return self
    }

    @discardableResult func bind(blob value: Data?) -> Statement {
        guard let value else {
            bound += 1
            sqlite3_bind_null(handle, bound)
            return self
        }
        value.withUnsafeBytes { bind(bytes: $0) }
        return self
    }

    /// A text as UTF-8 without a NUL, which stays where it is until the statement has run.
    func bind(text bytes: UnsafeRawBufferPointer) {
        bound += 1
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            sqlite3_bind_text(handle, bound, "", 0, Self.copied)
            return
        }
        let text = start.assumingMemoryBound(to: CChar.self)
        sqlite3_bind_text64(handle, bound, text, UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
    }

    /// A blob of zeros, to be written over by `Connection.write`.
    func bind(zeros count: Int) {
        bound += 1
        sqlite3_bind_zeroblob64(handle, bound, UInt64(count))
    }

    /// - Parameter staying: Whether the bytes stay where they are until the statement has run, so that SQLite need not
    ///   copy them.
    func bind(bytes: UnsafeRawBufferPointer, staying: Bool = false) {
        bound += 1
        if bytes.count == 0 {
            sqlite3_bind_zeroblob(handle, bound, 0)
        } else {
            let owner = staying ? nil : Self.copied
            sqlite3_bind_blob64(handle, bound, bytes.baseAddress, UInt64(bytes.count), owner)
        }
    }

    // MARK: Executing

    /// Executes a statement that gives no rows.
    func run() throws {
        defer { reset() }
        while try step() {}
    }

    /// The first row, or nil when there is none.
    func first<T>(_ read: (Statement) throws -> T) throws -> T? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    func rows<T>(_ read: (Statement) throws -> T) throws -> [T] {
        defer { reset() }
        var rows: [T] = []
        while try step() { rows.append(try read(self)) }
        return rows
    }

    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw connection.lastError()
        }
    }

    func reset() {
        sqlite3_reset(handle)
        // A large text would otherwise stay in memory until the next use.
        sqlite3_clear_bindings(handle)
        bound = 0
    }

    // MARK: Reading

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    func id(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }

    func optionalID(_ column: Int32) -> Int64? { isNull(column) ? nil : id(column) }

    func optionalDouble(_ column: Int32) -> Double? { isNull(column) ? nil : sqlite3_column_double(handle, column) }

    func optionalDate(_ column: Int32) -> Date? { optionalDouble(column).map(Date.init(timeIntervalSince1970:)) }

    /// A text or blob column as text; empty where it is NULL.
    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_blob(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func optionalData(_ column: Int32) -> Data? {
        guard !isNull(column) else { return nil }
        guard let bytes = sqlite3_column_blob(handle, column) else { return Data() }
        return Data(bytes: bytes, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
