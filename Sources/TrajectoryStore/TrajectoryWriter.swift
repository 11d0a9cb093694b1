// The door through which everything is written.
package import Foundation
package import Trajectory

/// Serial and group-committing: writes are taken in the order of their calls, those that wait at the same time share a
/// transaction. Every method returns after its transaction is committed, so that what was paid is kept before it is
/// used. The `enqueue…` forms do not wait: they keep their place in the order, and their errors come from `flush`.
///
/// Methods throw `StoreError`; one that fails leaves the others of its transaction alone. What has ended cannot be ended
/// again.
package final class TrajectoryWriter: Sendable {
    /// Closed when neither the store nor a writer is left.
    private let writing: Writing
    private let commits: GroupCommit
    private let contextFiles: ContextFiles
    private let partials = PartialResponses()

    init(writing: Writing, commits: GroupCommit, contextFiles: ContextFiles) {
        self.writing = writing
        self.commits = commits
        self.contextFiles = contextFiles
    }

    // MARK: Contexts

    /// Makes a context of what `body` puts into the copy, on a thread that may wait for the disk. What `body` throws goes
    /// on to the caller, and nothing of the copy is left.
    package func copyContext<T: Sendable>(
        _ body: @escaping @Sendable (ContextCopy) throws -> T
    ) async throws -> T {
        try await contextFiles.inBackground { try body(try ContextCopy(in: $0.folder)) }
    }

    package func storeContext(bytes: Data) async throws -> (hash: String, byteCount: Int) {
        try await contextFiles.inBackground { try $0.store(bytes: bytes) }
    }

    // MARK: Runs

    /// Writes a run that starts now, its session if that is new, its contexts and its root call. Gives the root call.
    package func begin(run: NewRun) async throws -> CallID {
        let now = Date()
        return try await write { try $0.begin(run: run, at: now) }
    }

    /// Ends a run, and its root call where that has not ended by itself.
    package func finish(
        run: RunID,
        status: Status,
        stopReason: StopReason,
        answer: String?,
        failure: Failure?
    ) async throws {
        let now = Date()
        try await write {
            try $0.finish(
                run: run,
                status: status,
                stopReason: stopReason,
                answer: answer,
                failure: failure,
                at: now
            )
        }
    }

    /// Another status for a run; one that is not final opens an ended run again.
    package func setStatus(run: RunID, _ status: Status) async throws {
        let now = Date()
        try await write { try $0.setStatus(run: run, status, at: now) }
    }

    /// A sign of life of the run's engine, to be given every 2 s.
    package func enqueueHeartbeat(run: RunID) { enqueue { try $0.heartbeat(run: run) } }

    // MARK: Iterations and blocks

    /// Writes the next iteration of an `rlm` call and the request it begins with.
    package func beginIteration(
        of call: CallID,
        completion: NewCompletion
    ) async throws -> (IterationID, CompletionID) {
        let now = Date()
        return try await write { try $0.beginIteration(of: call, completion: completion, at: now) }
    }

    package func finish(iteration: IterationID, status: Status) async throws {
        let now = Date()
        try await write { try $0.finish(iteration: iteration, status: status, at: now) }
    }

    /// - Parameter ordinal: From 1, in its iteration, without gaps.
    package func beginBlock(in iteration: IterationID, ordinal: Int, code: String) async throws -> BlockID {
        let now = Date()
        return try await write { try $0.beginBlock(in: iteration, ordinal: ordinal, code: code, at: now) }
    }

    package func finish(block: BlockID, _ result: BlockRecord) async throws {
        let now = Date()
        try await write { try $0.finish(block: block, result, at: now) }
    }

    // MARK: Calls

    /// Writes sub-calls as queued, numbered on in their iteration, all or none of them.
    package func beginCalls(_ calls: [NewCall]) async throws -> [StartedCall] {
        let now = Date()
        return try await write { try $0.beginCalls(calls, at: now) }
    }

    /// A queued call runs from now on.
    package func enqueueStart(call: CallID) {
        let now = Date()
        enqueue { try $0.start(call: call, at: now) }
    }

    package func finish(call: CallID, status: Status, answer: String?, failure: Failure?) async throws {
        let now = Date()
        try await write { try $0.finish(call: call, status: status, answer: answer, failure: failure, at: now) }
    }

    /// Ends an `llm` call and its completion together.
    package func finish(call: CallID, completion: CompletionID, _ result: CompletionResult) async throws {
        let now = Date()
        try await write { try $0.finish(call: call, completion: completion, result, at: now) }
    }

    // MARK: Completions

    package func finish(completion: CompletionID, _ result: CompletionResult) async throws {
        let now = Date()
        try await write { try $0.finish(completion: completion, result, at: now) }
    }

    /// Adds another attempt of an iteration's or `llm` call's completion, which becomes the current one.
    package func beginAttempt(of node: NodeID, completion: NewCompletion) async throws -> CompletionID {
        let now = Date()
        return try await write { try $0.beginAttempt(of: node, completion: completion, at: now) }
    }

    /// Shows what has come of a streaming answer, in place of what was shown before; only the newest text of a
    /// completion is written with each commit.
    /// - Parameter text: The whole answer so far.
    package func enqueuePartialResponse(_ id: CompletionID, text: String) {
        let now = Date()
        guard partials.put(text, for: id) else { return }
        enqueue { [partials] recorder in
            if let text = partials.take(id) { try recorder.partialResponse(id, text, at: now) }
        }
    }

    // MARK: Order

    /// Everything enqueued before is committed when this returns. Throws the first error of what was enqueued since the
    /// last `flush`.
    package func flush() async throws {
        try await write { _ in }
        if let error = commits.takeUnreported() { throw error }
    }

    /// Everything written before is in the full-text index when this returns; otherwise it comes there when the writer is
    /// idle.
    package func indexTexts() async throws {
        try await write { recorder in
            while recorder.texts.unindexedCount > 0 { try recorder.texts.index(limit: 1000) }
        }
    }

    /// Runs `body` in one transaction on the writer's thread: all of it is kept, or nothing. Other writes wait.
    package func importing<T: Sendable>(
        _ body: @escaping @Sendable (ImportTransaction) throws -> T
    ) async throws -> T {
        try await write { [contextFiles] recorder in
            try body(ImportTransaction(recorder: recorder, contextFiles: contextFiles))
        }
    }

    private func write<T: Sendable>(_ body: @escaping @Sendable (Recorder) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            commits.add(AwaitedWrite(body, continuation: continuation))
        }
    }

    private func enqueue(_ body: @escaping @Sendable (Recorder) throws -> Void) { commits.add(UnawaitedWrite(body)) }
}
