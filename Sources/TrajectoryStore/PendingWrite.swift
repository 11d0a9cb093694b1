// What waits for its turn on the writer's thread, by who waits for its result.
internal import Foundation
internal import Trajectory

/// One write that waits for its turn. `perform` runs on the writer's thread within the transaction; `conclude` after it.
protocol PendingWrite: Sendable {
    /// Whether somebody waits for it; others may be gathered a moment longer.
    var isAwaited: Bool { get }
    /// Whether every row it refers to is known to be there, so that SQLite need not look for each.
    var isTrusted: Bool { get }
    /// - Parameter isAlone: Whether no other write shares the transaction.
    func perform(_ recorder: Recorder, isAlone: Bool)
    /// - Parameter failure: Why nothing of the transaction was kept; nil when it was committed.
    /// - Returns: An error that nobody has been told of.
    func conclude(_ failure: StoreError?) -> StoreError?
}

extension PendingWrite {
    var isTrusted: Bool { false }
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

/// A write that a thread waits for.
final class BlockingWrite<Result: Sendable>: PendingWrite, @unchecked Sendable {  // @unchecked: set, then signalled.
    private let body: (Recorder) throws -> Result
    private let isDone = DispatchSemaphore(value: 0)
    private var outcome: Swift.Result<Result, any Error>?
    let isTrusted: Bool

    init(isTrusted: Bool, _ body: @escaping (Recorder) throws -> Result) {
        self.isTrusted = isTrusted
        self.body = body
    }

    var isAwaited: Bool { true }

    func perform(_ recorder: Recorder, isAlone: Bool) {
        outcome = Swift.Result { try recorder.operate(isAlone: isAlone, body) }
    }

    func conclude(_ failure: StoreError?) -> StoreError? {
        if let failure { outcome = .failure(failure) }
        isDone.signal()
        return nil
    }

    /// Gives the result; to be called once, and not on the writer's thread.
    func wait() throws -> Result {
        isDone.wait()
        guard let outcome else { throw StoreError.closed }
        return try outcome.get()
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
