// Connections that only read, lent to one thread at a time.
internal import Foundation

/// Opens readers as they are needed and keeps a few. One whose file was replaced meanwhile is not used again.
final class ReaderPool: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private let lock = NSLock()
    private var idle: [Connection]
    private var isClosed = false
    private var file: StoreFile

    private static let kept = 4

    init(first: Connection?, of file: StoreFile) {
        idle = first.map { [$0] } ?? []
        self.file = file
    }

    /// Runs `body` with a connection in one transaction, so that all it reads is of one moment.
    func read<T>(_ body: (Connection) throws -> T) throws -> T {
        let connection = try take()
        defer { give(connection) }
        try connection.statement("BEGIN").run()
        defer { try? connection.statement("COMMIT").run() }
        return try body(connection)
    }

    /// The database lies at `path` from now on.
    func move(to path: String) {
        let outdated = lock.withLock {
            defer { idle = [] }
            file = StoreFile(path: path, patience: file.patience)
            return idle
        }
        for connection in outdated { connection.close() }
    }

    func close() {
        let connections = lock.withLock {
            defer { idle = [] }
            isClosed = true
            return idle
        }
        for connection in connections { connection.close() }
    }

    private func take() throws -> Connection {
        let (known, file) = try lock.withLock {
            guard !isClosed else { throw StoreError.closed }
            return (idle.popLast(), self.file)
        }
        guard let known else { return try file.openAnotherForReading() }
        // While nobody has put another file in its place, the open one is all there is.
        guard known.hasMoved, access(file.path, R_OK) == 0 else { return known }
        known.close()
        return try file.openAnotherForReading()
    }

    private func give(_ connection: Connection) {
        let isKept = lock.withLock {
            guard !isClosed, idle.count < Self.kept, connection.path == file.path else { return false }
            idle.append(connection)
            return true
        }
        if !isKept { connection.close() }
    }
}
