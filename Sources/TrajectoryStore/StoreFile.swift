// Opening the database file: what is there, may it be used, and with which settings.
internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// Opens connections to one store and says plainly why it cannot.
struct StoreFile: Sendable {
    let path: String
    /// Seconds to wait for another program's transaction.
    let patience: TimeInterval

    /// Makes the file and its folder where they are missing, brings an older schema up to date, and gives the connection
    /// that writes. A newer schema is not touched.
    func openForWriting() throws -> Connection {
        try makeFolder()
        try makeFile()
        var look = stat()
        if stat(path, &look) == 0, look.st_size > 0 { try check(mayBeOlder: true) }
        let connection = try Connection(path: path, isReadOnly: false, patience: patience)
        do {
            try whileLocked {
                try connection.execute(
                    """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = \(Connection.cacheSize);
                    PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432; PRAGMA temp_store = MEMORY;
                    """
                )
                try bringUpToDate(connection)
            }
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    /// Tries again while another program opens or makes the same store: SQLite does not wait there where it sees that two
    /// may wait for each other, whatever patience it was given.
    private func whileLocked(_ body: () throws -> Void) throws {
        let end = ProcessInfo.processInfo.systemUptime + patience
        while true {
            do { return try body() } catch let error as StoreError where error.code == .locked {
                guard ProcessInfo.processInfo.systemUptime < end else { throw error }
                usleep(UInt32.random(in: 2_000...10_000))
            }
        }
    }

    private func bringUpToDate(_ connection: Connection) throws {
        var version = try schemaVersion(connection)
        while version < Schema.version {
            do { try migrate() } catch {
                // Another program may be at it at the same moment; as long as that gets further, it is no error.
                let found = try schemaVersion(connection)
                guard found > version else { throw error }
            }
            version = try schemaVersion(connection)
        }
    }

    /// Runs the migrations that are missing, on a connection of GRDB's own.
    private func migrate() throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try Schema.migrator.migrate(queue)
            try queue.close()
        } catch let error as DatabaseError {
            throw StoreError(
                sqlite: error.extendedResultCode.rawValue,
                detail: error.message ?? "",
                systemError: 0,
                path: path
            )
        }
    }

    /// Gives a connection that only reads. Throws when the schema is newer, or older: bringing it up to date is writing.
    func openForReading() throws -> Connection {
        var look = stat()
        guard stat(path, &look) == 0 else { throw cannotOpen(errno) }
        guard look.st_mode & S_IFMT != S_IFDIR else { throw isFolder }
        return try check(mayBeOlder: false)
    }

    /// A reading connection to a store that has been checked.
    func openAnotherForReading() throws -> Connection {
        do {
            let connection = try Connection(path: path, isReadOnly: true, patience: patience)
            // The first read is where a store in a folder that may not be written fails.
            do { _ = try schemaVersion(connection) } catch {
                connection.close()
                throw error
            }
            return connection
        } catch let error as StoreError where error.code == .cannotOpen || error.code == .readOnly {
            guard access(path, R_OK) == 0 else { throw cannotOpen(errno) }
            guard access("\(path)-wal", F_OK) != 0 else { throw error }
            // Nobody can write there and nothing waits to be merged: the file may be read as it lies.
            let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
            return try Connection(
                path: path,
                uri: "file:\(escaped)?immutable=1",
                isReadOnly: true,
                patience: patience
            )
        }
    }

    @discardableResult private func check(mayBeOlder: Bool) throws -> Connection {
        let connection = try openAnotherForReading()
        var isKept = false
        defer { if !isKept { connection.close() } }
        let version = try schemaVersion(connection)
        if version > Schema.version {
            throw StoreError(
                code: .newerVersion,
                path: path,
                message: "the trajectory store '\(path)' was written by a newer rlm-tui (schema \(version), this one "
                    + "knows \(Schema.version)) and is left as it is; use that version, or another store with --store"
            )
        }
        let application = try connection.statement("PRAGMA application_id").first { $0.int(0) } ?? 0
        let tables = try connection.statement("SELECT count(*) FROM sqlite_master").first { $0.int(0) } ?? 0
        if application != Schema.applicationID, tables > 0 || !mayBeOlder {
            throw StoreError(
                code: .notADatabase,
                path: path,
                message: "'\(path)' is a database of another program, not a trajectory store; name another with --store"
            )
        }
        if version < Schema.version && !mayBeOlder {
            throw StoreError(
                code: .readOnly,
                path: path,
                message: "the trajectory store '\(path)' is of an older version (schema \(version), this one is "
                    + "\(Schema.version)) and may only be read; open it once with write permission to bring it up to date"
            )
        }
        isKept = !mayBeOlder
        return connection
    }

    private func schemaVersion(_ connection: Connection) throws -> Int {
        try connection.statement("PRAGMA user_version").first { $0.int(0) } ?? 0
    }

    private func makeFolder() throws {
        let folder = (path as NSString).deletingLastPathComponent
        guard !folder.isEmpty, access(folder, F_OK) != 0 else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw StoreError(
                code: .cannotOpen,
                path: path,
                message:
                    "the folder '\(folder)' for the trajectory store cannot be made; check its permissions, or use "
                    + "another store with --store"
            )
        }
    }

    /// An empty file that nobody else may read; SQLite gives its companions the same permissions.
    private func makeFile() throws {
        var look = stat()
        if stat(path, &look) == 0 {
            guard look.st_mode & S_IFMT != S_IFDIR else { throw isFolder }
            guard access(path, W_OK) == 0 else {
                throw StoreError(sqlite: SQLITE_READONLY, detail: "", systemError: 0, path: path)
            }
            return
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannotOpen(errno) }
        Foundation.close(descriptor)
    }

    private var isFolder: StoreError {
        StoreError(
            code: .cannotOpen,
            path: path,
            message: "'\(path)' is a folder; name the trajectory store's file, for example "
                + "'\(path)/trajectories.sqlite'"
        )
    }

    private func cannotOpen(_ number: Int32) -> StoreError {
        StoreError(sqlite: SQLITE_CANTOPEN, detail: "", systemError: number, path: path)
    }
}
