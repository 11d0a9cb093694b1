// The files of an open database, and whether they are still those at its path.
internal import Foundation

/// Looks after the file, the write-ahead log and its index. SQLite goes on writing to files that were deleted, and what
/// is in them is gone with the process.
struct DatabaseFiles {
    /// What happened to the files.
    enum Loss: Equatable {
        /// The database's file is not at its path any more; nothing else is.
        case deleted
        /// Its file is there, but not what belongs to it.
        case companionsDeleted
        /// Another file is in its place, or another program has begun to write without what belongs to this one.
        case replaced
    }

    private struct Identity: Equatable {
        let device: UInt64
        let number: UInt64

        init?(of path: String) {
            var look = stat()
            guard stat(path, &look) == 0 else { return nil }
            (device, number) = (UInt64(look.st_dev), UInt64(look.st_ino))
        }
    }

    private let connection: Connection
    let path: String
    /// Those that this connection writes to; nil until it has written.
    private var log: Identity?
    private var index: Identity?

    init(of connection: Connection) {
        self.connection = connection
        path = connection.openedPath
    }

    /// Remembers the companions, once a transaction has been opened and they are there.
    mutating func note() {
        if log == nil { log = Identity(of: path + "-wal") }
        if index == nil { index = Identity(of: path + "-shm") }
    }

    /// What is missing or another's; nil when all is as it was.
    func loss() -> Loss? {
        if connection.hasMoved { return access(path, F_OK) == 0 ? .replaced : .deleted }
        guard let log, let index else { return nil }
        let (logNow, indexNow) = (Identity(of: path + "-wal"), Identity(of: path + "-shm"))
        if logNow == log && indexNow == index { return nil }
        let isForeign = (logNow != nil && logNow != log) || (indexNow != nil && indexNow != index)
        return isForeign ? .replaced : .companionsDeleted
    }
}
