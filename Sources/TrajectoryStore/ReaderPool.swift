// Connections that only read, lent to one thread at a time.
internal import Foundation

/// Opens readers as they are needed and keeps a few.
final class ReaderPool: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private let lock = NSLock()
    private var idle: [Connection]
    private var isClosed = false
    private let open: @Sendable () throws -> Connection

    private static let kept = 4

    init(first: Connection?, open: @escaping @Sendable () throws -> Connection) {
        idle = first.map { [$0] } ?? []
        self.open = open
    }

    /// Runs `body` with a connection in one transaction, so that all it reads is of one moment.
    func read<T>(_ body: (Connection) throws -> T) throws -> T {
        let connection = try take()
        defer { give(connection) }
        try connection.statement("BEGIN").run()
        defer { try? connection.statement("COMMIT").run() }
        return try body(connection)
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
        let known = try lock.withLock {
            guard !isClosed else { throw StoreError.closed }
            return idle.popLast()
        }
        return try known ?? open()
    }

    private func give(_ connection: Connection) {
        let isKept = lock.withLock {
            guard !isClosed, idle.count < Self.kept else { return false }
            idle.append(connection)
            return true
        }
        if !isKept { connection.close() }
    }
}
