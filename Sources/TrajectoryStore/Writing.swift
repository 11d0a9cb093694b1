// The writing half of a store: nothing, a connection nobody uses yet, or the writer and its thread.
internal import Foundation
internal import Trajectory

final class Writing: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private let lock = NSLock()
    /// Opened with the store; handed to the thread of the writer when that is first asked for.
    private var connection: Connection?
    private var commits: GroupCommit?
    /// Keeps this alive, not the other way round: a store that went away leaves its writer working.
    private weak var writer: TrajectoryWriter?
    private var isClosed = false
    private var seenForeignCommits = 0
    private var dataVersion: Int?
    /// Watches a store that is only read.
    private let watcher: Connection?

    private let file: StoreFile

    init(file: StoreFile, connection: Connection?, watcher: Connection?) {
        self.file = file
        self.connection = connection
        self.watcher = watcher
        dataVersion = try? (connection ?? watcher)?.dataVersion()
    }

    func writer(
        contextFiles: ContextFiles,
        onCommit: @escaping @Sendable (Set<RunID>) -> Void,
        onMove: @escaping @Sendable (String) -> Void
    ) throws -> TrajectoryWriter {
        try lock.withLock {
            guard !isClosed, let connection else { throw StoreError.closed }
            if let writer { return writer }
            let commits =
                self.commits
                ?? GroupCommit(
                    file: file,
                    connection: connection,
                    dataVersion: dataVersion,
                    onCommit: onCommit,
                    onMove: onMove
                )
            let writer = TrajectoryWriter(writing: self, commits: commits, contextFiles: contextFiles)
            self.commits = commits
            self.writer = writer
            return writer
        }
    }

    deinit { close(isAwaited: false) }

    var waiting: String? { lock.withLock { commits }?.waiting }

    var notices: [String] { lock.withLock { commits }?.notices ?? [] }

    /// Asks the connection that writes, where there is one: its own commits are no news to it.
    func hasForeignChange() -> Bool {
        lock.withLock {
            guard !isClosed else { return false }
            if let commits {
                let count = commits.foreignCommitCount()
                defer { seenForeignCommits = count }
                return count != seenForeignCommits
            }
            guard let version = try? (connection ?? watcher)?.dataVersion() else { return false }
            defer { dataVersion = version }
            return dataVersion != nil && dataVersion != version
        }
    }

    func close(isAwaited: Bool) {
        let commits: GroupCommit? = lock.withLock {
            guard !isClosed else { return nil }
            isClosed = true
            watcher?.close()
            if self.commits == nil { connection?.close() }
            return self.commits
        }
        commits?.close(isAwaited: isAwaited)
    }
}
