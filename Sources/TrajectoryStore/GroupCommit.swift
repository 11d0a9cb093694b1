// The writer's thread: takes everything that waits, writes it in one transaction, and answers in order.
internal import Foundation
internal import Trajectory

extension StoreError {
    static let closed = StoreError(code: .cannotOpen, path: "", message: "the trajectory store has been closed")
}

/// Owns the connection that writes. Writes are taken in the order they were added.
///
/// A group that cannot be committed because another program holds the store is kept, and tried again until it can or
/// until somebody gives up: what is in it has been paid. Where the store's file is taken away, what the open connection
/// still holds is brought back before anything more is written (`StoreRecovery`).
final class GroupCommit: @unchecked Sendable {  // @unchecked: all is under `condition` or `connectionLock`.
    private let condition = NSCondition()
    private var pending: [any PendingWrite] = []
    private var awaited = 0
    private var isClosing = false
    private var isClosed = false
    private var unreported: StoreError?
    private var foreignCommits = 0
    private var waitsFor: String?
    private var said: [String] = []
    /// When the writer stops waiting for another program, in seconds of the system's uptime.
    private var endOfWaiting: TimeInterval?
    /// Whether the thread is taking texts into the index because nothing else was to do; it goes on until there is.
    private var isIndexing = false

    private let connectionLock = NSLock()
    private var recorder: Recorder
    private var files: DatabaseFiles
    /// What every write is told once the store's place belongs to another file. They are written all the same, to the
    /// copy beside it.
    private var displaced: StoreError?
    private let file: StoreFile
    private let onCommit: @Sendable (Set<RunID>) -> Void
    private let onMove: @Sendable (String) -> Void
    let places = CallPlaces()

    /// How long writes that nobody waits for are gathered.
    private static let gatherTime: TimeInterval = 0.02
    /// After how long without writes the texts that wait are taken into the full-text index, how many wait at most, and
    /// how many are taken in one transaction.
    private static let idleTime: TimeInterval = 0.25
    private static let mostUnindexed = TextTable.mostCounted - 1
    /// Seconds that closing takes for them at most: after a large import the rest waits for the next idle writer.
    private static let closingTime: TimeInterval = 0.5
    private static let indexedAtOnce = 250
    /// Seconds that one try waits for another program's transaction, and after which it is said that the writer waits.
    private static let onePatience: TimeInterval = 0.25
    private static let silentTime: TimeInterval = 1
    /// Seconds that are waited once somebody has given up: a program that writes for a moment is no reason to lose
    /// what was paid.
    static let lastPatience: TimeInterval = 3

    /// - Parameters:
    ///   - onCommit: Called on the writer's thread after each commit, before those who wait are answered; with no run
    ///     where `waiting` or `notices` changed.
    ///   - onMove: Called when the database lies somewhere else from now on.
    init(
        file: StoreFile,
        connection: Connection,
        dataVersion: Int?,
        onCommit: @escaping @Sendable (Set<RunID>) -> Void,
        onMove: @escaping @Sendable (String) -> Void
    ) {
        self.file = file
        connection.setPatience(Self.onePatience)
        recorder = Recorder(connection: connection, dataVersion: dataVersion)
        files = DatabaseFiles(of: connection)
        self.onCommit = onCommit
        self.onMove = onMove
        let thread = Thread { self.work() }
        thread.name = "trajectory-writer"
        thread.start()
    }

    func add(_ write: any PendingWrite) {
        condition.lock()
        if isClosing {
            condition.unlock()
            _ = write.conclude(StoreError.closed)
            return
        }
        pending.append(write)
        if write.isAwaited { awaited += 1 }
        condition.signal()
        condition.unlock()
    }

    func addBlocking<T: Sendable>(
        isTrusted: Bool = false,
        _ body: @escaping (Recorder) throws -> T
    ) -> BlockingWrite<T> {
        let write = BlockingWrite(isTrusted: isTrusted, body)
        add(write)
        return write
    }

    /// Takes away what imports have left: these runs, and those of processes that are gone. What cannot be deleted now
    /// stays for the next import; it is not shown.
    func sweepImports(_ runs: [RunID]) { try? ImportSweep.sweep(runs, of: file) }

    /// The first error of a write that nobody waited for, since the last time this was asked.
    func takeUnreported() -> StoreError? {
        condition.lock()
        defer { condition.unlock() }
        defer { unreported = nil }
        return unreported
    }

    /// Times another program's commits were seen so far. Looks now when the connection is free; when it is busy, the
    /// transaction under way looks itself.
    func foreignCommitCount() -> Int {
        if connectionLock.try() {
            let isForeign = (try? recorder.sawForeignCommit()) ?? false
            connectionLock.unlock()
            if isForeign { countForeignCommit() }
        }
        condition.lock()
        defer { condition.unlock() }
        return foreignCommits
    }

    /// Writes what waits, then ends the thread and closes the connection.
    func close(isAwaited: Bool) {
        condition.lock()
        isClosing = true
        condition.broadcast()
        while isAwaited && !isClosed { condition.wait() }
        condition.unlock()
    }

    /// What the writer waits for, in a sentence; nil while it does not.
    var waiting: String? { condition.withLock { waitsFor } }

    /// What happened to the store's file, a sentence each.
    var notices: [String] { condition.withLock { said } }

    /// Stops waiting for another program: what cannot be written within some seconds fails. Ends with the next commit.
    func giveUpWaiting() {
        condition.withLock { endOfWaiting = ProcessInfo.processInfo.systemUptime + Self.lastPatience }
    }

    private func say(waiting sentence: String?) {
        condition.withLock { waitsFor = sentence }
        onCommit([])
    }

    private func countForeignCommit() {
        condition.lock()
        foreignCommits += 1
        condition.unlock()
    }

    private func work() {
        while let group = next() {
            // After a failure it waits for the next idle time, rather than try without end.
            if group.isEmpty || recorder.texts.unindexedCount > Self.mostUnindexed {
                isIndexing = index() && isIndexing
            }
            if !group.isEmpty { commit(group) }
        }
        let end = ProcessInfo.processInfo.systemUptime + Self.closingTime
        while recorder.texts.unindexedCount > 0, index(), ProcessInfo.processInfo.systemUptime < end {}
        connectionLock.lock()
        recorder.connection.close()
        connectionLock.unlock()
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Everything that waits; nothing when it is time to index; nil when closed.
    private func next() -> [any PendingWrite]? {
        condition.lock()
        defer { condition.unlock() }
        while pending.isEmpty && !isClosing {
            if recorder.texts.unindexedCount == 0 {
                isIndexing = false
                condition.wait()
                continue
            }
            if !isIndexing { isIndexing = !condition.wait(until: Date(timeIntervalSinceNow: Self.idleTime)) }
            if isIndexing, pending.isEmpty, !isClosing { return [] }
        }
        isIndexing = false
        if awaited == 0 && !isClosing {
            let deadline = Date(timeIntervalSinceNow: Self.gatherTime)
            while awaited == 0 && !isClosing, condition.wait(until: deadline) {}
        }
        guard !pending.isEmpty else { return nil }
        defer {
            pending = []
            awaited = 0
        }
        return pending
    }

    /// Takes some texts into the full-text index. Says whether that went well; they wait on where it did not.
    @discardableResult private func index() -> Bool {
        connectionLock.lock()
        defer { connectionLock.unlock() }
        do {
            if try recorder.begin() { countForeignCommit() }
            try recorder.texts.index(limit: Self.indexedAtOnce)
            _ = try recorder.commit()
            return true
        } catch {
            recorder.rollBack()
            return false
        }
    }

    /// Opens a transaction, however long another program holds the store. Says whether that program has committed.
    private func begin() throws -> Bool {
        let start = ProcessInfo.processInfo.systemUptime
        var isSaid = false
        defer { if isSaid { say(waiting: nil) } }
        while true {
            do {
                try keepFile()
                let sawForeignCommit = try recorder.begin()
                files.note()
                condition.withLock { endOfWaiting = nil }
                return sawForeignCommit
            } catch let error as StoreError where error.code == .locked {
                recorder.rollBack()
                let now = ProcessInfo.processInfo.systemUptime
                if let end = condition.withLock({ endOfWaiting }), now >= end { throw error }
                if !isSaid, now - start >= Self.silentTime {
                    isSaid = true
                    say(
                        waiting:
                            "another program holds the trajectory store '\(file.path)'; what was paid is kept and is "
                            + "written as soon as it can be")
                }
                // SQLite says at once that it is locked where waiting would be of no use to it.
                usleep(10_000)
            }
        }
    }

    /// Notices when the store's file was taken away or replaced, and goes on with what was brought back.
    private func keepFile() throws {
        guard let loss = files.loss() else { return }
        let recovery = try StoreRecovery(file: file).bringBack(recorder.connection, loss)
        // The connection before is left open: closing it would write to files that are not its own any more.
        recovery.connection.setPatience(Self.onePatience)
        recorder = Recorder(connection: recovery.connection, dataVersion: try? recovery.connection.dataVersion())
        files = DatabaseFiles(of: recovery.connection)
        if let error = recovery.error { displaced = error }
        condition.withLock { said.append(recovery.notice) }
        onMove(recovery.path)
        onCommit([])
    }

    private func commit(_ group: [any PendingWrite]) {
        connectionLock.lock()
        var runs: Set<RunID> = []
        var failure: StoreError?
        var sawForeignCommit = false
        // SQLite takes this between transactions alone.
        let isTrusted = group.allSatisfy(\.isTrusted)
        if isTrusted { try? recorder.connection.execute("PRAGMA foreign_keys = OFF") }
        do {
            sawForeignCommit = try begin()
            for write in group {
                write.perform(recorder, isAlone: group.count == 1)
                // A full disk and the like make SQLite take back the whole transaction by itself.
                if group.count > 1, recorder.connection.isOutsideTransaction { throw recorder.connection.lastError() }
            }
            // One that failed alone has taken the transaction with it.
            if !recorder.connection.isOutsideTransaction {
                let range = places.isShort ? try recorder.reserveRows(CallPlaces.kept * 2) : nil
                runs = try recorder.commit()
                if let range { places.add(range) }
            }
        } catch {
            places.forget()
            failure = (error as? StoreError) ?? StoreError.lost(recorder.path)
            recorder.rollBack()
        }
        if isTrusted { try? recorder.connection.execute("PRAGMA foreign_keys = ON") }
        failure = failure ?? displaced
        connectionLock.unlock()

        if sawForeignCommit { countForeignCommit() }
        if !runs.isEmpty { onCommit(runs) }
        for write in group {
            guard let error = write.conclude(failure) else { continue }
            condition.lock()
            if unreported == nil { unreported = error }
            condition.unlock()
        }
    }
}
