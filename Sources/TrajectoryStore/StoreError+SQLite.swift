// What SQLite's result codes mean to a person.
internal import Foundation
internal import GRDBSQLite

extension StoreError {
    /// - Parameters:
    ///   - code: An extended result code of SQLite.
    ///   - systemError: The operating system's error behind it, 0 where there is none.
    init(sqlite code: Int32, detail: String, systemError: Int32, path: String) {
        let name = "the trajectory store '\(path)'"
        switch code & 0xff {
        case SQLITE_FULL:
            self.init(
                code: .diskFull,
                path: path,
                message: "\(name) cannot grow: the disk is full; free some space, or use another store with --store"
            )
        case _ where systemError == ENOSPC || systemError == EDQUOT:
            self.init(
                code: .diskFull,
                path: path,
                message: "\(name) cannot grow: the disk is full; free some space, or use another store with --store"
            )
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(
                code: .locked,
                path: path,
                message: "\(name) is locked by another program; end that program, or use another store with --store"
            )
        case SQLITE_READONLY:
            self.init(
                code: .readOnly,
                path: path,
                message: "\(name) cannot be written; give its file and folder write permission, or use another store "
                    + "with --store"
            )
        case SQLITE_NOTADB:
            self.init(
                code: .notADatabase,
                path: path,
                message: "'\(path)' is not a trajectory store; name one with --store, or import it with "
                    + "'rlm-tui import' if it is another tool's file"
            )
        case SQLITE_CORRUPT:
            self.init(
                code: .corrupt,
                path: path,
                message: "\(name) is damaged (\(detail)); move it away, or get back what can be read with "
                    + "'sqlite3 FILE .recover'"
            )
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            let reason = systemError == 0 ? detail : String(cString: strerror(systemError))
            self.init(
                code: .cannotOpen,
                path: path,
                message: "\(name) cannot be opened (\(reason)); check the path and its permissions, or use another "
                    + "store with --store"
            )
        default:
            let reason = systemError == 0 ? detail : "\(detail), \(String(cString: strerror(systemError)))"
            self.init(
                code: .io,
                path: path,
                message: "\(name) could not be read or written (\(reason), SQLite code \(code)); check the disk"
            )
        }
    }
}
