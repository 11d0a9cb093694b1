// The writer's thread: takes everything that waits, writes it in one transaction, and answers in order.
internal import Foundation
internal import Trajectory

/// One write that waits for its turn. `perform` runs on the writer's thread within the transaction; `conclude` after it.
protocol PendingWrite: Sendable {
    /// Whether somebody waits for it; others may be gathered a moment longer.
    var isAwaited: Bool { get }
    /// - Parameter isAlone: Whether no other write shares the transaction.
    func perform(_ recorder: Recorder, isAlone: Bool)
    /// - Parameter failure: Why nothing of the transaction was kept; nil when it was committed.
    /// - Returns: An error that nobody has been told of.
    func conclude(_ failure: StoreError?) -> StoreError?
}

/// A write whose result somebody waits for.
final class AwaitedWrite<Result: Sendable>: PendingWrite, @unchecked Sendable {  // @unchecked: after init the writer's.
    private let body: (Recorder) throws -> Result
    private let continuation: CheckedContinuation<Result, any Error>
    private var outcome: Swift.Result<Result, any Error>?

    init(_ body: @escaping (Recorder) throws -> Result, continuation: CheckedContinuation<Result, any Error>) {
        self.body = body
        self.continuation = continuation
    }

    var isAwaited: Bool { true }

    func perform(_ recorder: Recorder, isAlone: Bool) {
        outcome = Swift.Result { try recorder.operate(isAlone: isAlone, body) }
    }

    func conclude(_ failure: StoreError?) -> StoreError? {
        continuation.resume(with: failure.map { .failure($0) } ?? outcome ?? .failure(StoreError.closed))
        return nil
    }
}

/// A write that nobody waits for; its error is told by the next `flush`.
final class UnawaitedWrite: PendingWrite, @unchecked Sendable {  // @unchecked: after init the writer's thread's alone.
    private let body: (Recorder) throws -> Void
    private var error: StoreError?

    init(_ body: @escaping (Recorder) throws -> Void) { self.body = body }

    var isAwaited: Bool { false }

    func perform(_ recorder: Recorder, isAlone: Bool) {
        do { try recorder.operate(isAlone: isAlone, body) } catch { self.error = error as? StoreError }
    }

    func conclude(_ failure: StoreError?) -> StoreError? { failure ?? error }
}

extension StoreError {
    static let closed = StoreError(code: .cannotOpen, path: "", message: "the trajectory store has been closed")
}

/// Owns the connection that writes. Writes are taken in the order they were added.
final class GroupCommit: @unchecked Sendable {  // @unchecked: all is under `condition` or `connectionLock`.
    private let condition = NSCondition()
    private var waiting: [any PendingWrite] = []
    private var awaited = 0
    private var isClosing = false
    private var isClosed = false
    private var unreported: StoreError?
    private var foreignCommits = 0
    /// Whether the thread is taking texts into the index because nothing else was to do; it goes on until there is.
    private var isIndexing = false

    private let connectionLock = NSLock()
    private let recorder: Recorder
    private let onCommit: @Sendable (Set<RunID>) -> Void
    let places = CallPlaces()

    /// How long writes that nobody waits for are gathered.
    private static let gatherTime: TimeInterval = 0.02
    /// After how long without writes the texts that wait are taken into the full-text index, how many wait at most, and
    /// how many are taken in one transaction.
    private static let idleTime: TimeInterval = 0.25
    private static let mostUnindexed = 10_000
    private static let indexedAtOnce = 250

    /// - Parameter onCommit: Called on the writer's thread after each commit, before those who wait are answered.
    init(connection: Connection, dataVersion: Int?, onCommit: @escaping @Sendable (Set<RunID>) -> Void) {
        recorder = Recorder(connection: connection, dataVersion: dataVersion)
        self.onCommit = onCommit
        let thread = Thread { self.work() }
        thread.name = "trajectory-writer"
        // Imports parse on this thread.
        thread.stackSize = 8 << 20
        thread.start()
    }

    func add(_ write: any PendingWrite) {
        condition.lock()
        if isClosing {
            condition.unlock()
            _ = write.conclude(StoreError.closed)
            return
        }
        waiting.append(write)
        if write.isAwaited { awaited += 1 }
        condition.signal()
        condition.unlock()
    }

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
    func close(waiting: Bool) {
        condition.lock()
        isClosing = true
        condition.broadcast()
        while waiting && !isClosed { condition.wait() }
        condition.unlock()
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
        while recorder.texts.unindexedCount > 0 && index() {}
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
        while waiting.isEmpty && !isClosing {
            if recorder.texts.unindexedCount == 0 {
                isIndexing = false
                condition.wait()
                continue
            }
            if !isIndexing { isIndexing = !condition.wait(until: Date(timeIntervalSinceNow: Self.idleTime)) }
            if isIndexing, waiting.isEmpty, !isClosing { return [] }
        }
        isIndexing = false
        if awaited == 0 && !isClosing {
            let deadline = Date(timeIntervalSinceNow: Self.gatherTime)
            while awaited == 0 && !isClosing, condition.wait(until: deadline) {}
        }
        guard !waiting.isEmpty else { return nil }
        defer {
            waiting = []
            awaited = 0
        }
        return waiting
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

    private func commit(_ group: [any PendingWrite]) {
        connectionLock.lock()
        var runs: Set<RunID> = []
        var failure: StoreError?
        var sawForeignCommit = false
        do {
            sawForeignCommit = try recorder.begin()
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
        connectionLock.unlock()

        if sawForeignCommit { countForeignCommit() }
        if failure == nil && !runs.isEmpty { onCommit(runs) }
        for write in group {
            guard let error = write.conclude(failure) else { continue }
            condition.lock()
            if unreported == nil { unreported = error }
            condition.unlock()
        }
    }
}
