// The door through which everything is written.
package import Foundation
internal import Synchronization
package import Trajectory

/// Serial and group-committing: writes are taken in the order of their calls, those that wait at the same time share a
/// transaction. Every method returns after its transaction is committed, so that what was paid is kept before it is
/// used. The `enqueue…` forms do not wait: they keep their place in the order, and their errors come from `flush`.
///
/// A method waits as long as another program holds the store. Methods throw `StoreError`; one that fails leaves the others of its transaction alone. What has ended cannot be ended
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

    /// What a person calls a run and wrote about it; nil leaves what is there, an empty text takes it away.
    package func describe(run: RunID, name: String? = nil, note: String? = nil) async throws {
        try await write { try $0.describe(run: run, name: name, note: note) }
    }

    /// Adds lines that a person should know of, such as what had to be left out.
    package func addNotices(_ notices: [String], to run: RunID) async throws {
        try await write { try $0.addNotices(notices, to: run) }
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
        return try await write { [places = commits.places] recorder in
            let begun = try recorder.beginIteration(of: call, completion: completion, at: now)
            places.begin(begun.0, calls: 0)
            return begun
        }
    }

    package func finish(iteration: IterationID, status: Status) async throws {
        let now = Date()
        try await write { [places = commits.places] recorder in
            try recorder.finish(iteration: iteration, status: status, at: now)
            places.end(iteration)
        }
    }

    /// - Parameter ordinal: From 1, in its iteration, without gaps.
    package func beginBlock(
        in iteration: IterationID,
        ordinal: Int,
        code: String,
        origin: Origin = .live
    ) async throws -> BlockID {
        let now = Date()
        return try await write {
            try $0.beginBlock(in: iteration, ordinal: ordinal, code: code, origin: origin, at: now)
        }
    }

    package func finish(block: BlockID, _ result: BlockRecord) async throws {
        let now = Date()
        try await write { try $0.finish(block: block, result, at: now) }
    }

    // MARK: Calls

    /// Writes sub-calls as queued, numbered on in their iteration, all or none of them.
    package func beginCalls(_ calls: [NewCall]) async throws -> [StartedCall] {
        let now = Date()
        let places = commits.places
        while true {
            var missing: CallPlaces.Missing?
            let started: [StartedCall]? = try await withCheckedThrowingContinuation { continuation in
                missing = places.take(calls) { started in
                    commits.add(
                        AwaitedWrite(
                            { recorder in
                                try places.forgettingOnFailure { try recorder.beginCalls(calls, as: started, at: now) }
                                return started
                            },
                            continuation: continuation
                        )
                    )
                }
                // Nobody else answers where nothing was added.
                if missing != nil { continuation.resume(returning: nil) }
            }
            if let started { return started }
            if let missing { try await bring(missing) }
        }
    }

    /// Writes sub-calls as `beginCalls` does, without waiting for the commit: their ids are valid at once, for every
    /// other method of this writer. They are committed with the next write that somebody waits for, such as the end of
    /// one of them, or within 20 ms. So a call is in the store whenever its answer is; after `kill -9` a call that was not
    /// answered yet may be missing. An error comes from `flush`, and from what is written to the calls later.
    ///
    /// Waits only where ids have to be fetched first: at the first use, and for the first sub-call of an iteration that
    /// another process began.
    package func enqueueBeginCalls(_ calls: [NewCall]) async throws -> [StartedCall] {
        let now = Date()
        let places = commits.places
        while true {
            var begun: [StartedCall] = []
            let missing = places.take(calls) { started in
                begun = started
                enqueue { recorder in
                    try places.forgettingOnFailure { try recorder.beginCalls(calls, as: started, at: now) }
                }
            }
            guard let missing else { return begun }
            try await bring(missing)
        }
    }

    /// Fetches what `CallPlaces.take` is missing.
    private func bring(_ missing: CallPlaces.Missing) async throws {
        let places = commits.places
        switch missing {
        case .rows(let count): places.add(try await write { try $0.reserveRows(count + CallPlaces.kept) })
        case .count(of: let iteration):
            places.begin(iteration, calls: try await write { try $0.callCount(of: iteration) })
        }
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

    /// Adds another attempt of an iteration's or `llm` call's completion.
    /// - Parameter isCurrent: Whether the node shows it from now on. One that is not is there to be compared, as
    ///   `ADDRESS@2`; nothing of what the node shows changes but the count of its attempts and what was paid.
    package func beginAttempt(
        of node: NodeID,
        completion: NewCompletion,
        isCurrent: Bool = true
    ) async throws -> CompletionID {
        let now = Date()
        return try await write {
            try $0.beginAttempt(of: node, completion: completion, isCurrent: isCurrent, at: now)
        }
    }

    /// Adds another attempt of a code block, which is about to run.
    /// - Parameter isCurrent: Whether the node shows it from now on.
    package func beginAttempt(
        of block: BlockID,
        code: String,
        origin: Origin = .edited,
        isCurrent: Bool = true
    ) async throws -> BlockID {
        let now = Date()
        return try await write {
            try $0.beginAttempt(of: block, code: code, origin: origin, isCurrent: isCurrent, at: now)
        }
    }

    /// Writes a request that is sent before anybody asked for it. It ends with `finish(completion:_:)` like others, and
    /// is given to a call by `NewCall.ahead`; what it used counts for the run either way.
    package func beginAhead(in run: RunID, completion: NewCompletion) async throws -> CompletionID {
        let now = Date()
        return try await write { try $0.beginAhead(in: run, completion: completion, at: now) }
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

    // MARK: Holds and freshness

    /// Stops a node before it is sent, run or delivered: its status is `held` from then on.
    /// - Parameters:
    ///   - completion: The request that is held; nil for a block.
    ///   - preview: What a person is shown of it; its beginning is kept.
    ///   - result: For `beforeDeliver`, the answer that is held. It ends the completion, so that what was paid is kept;
    ///     the call ends later, with `finish(call:status:answer:failure:)`.
    package func hold(
        _ node: NodeID,
        completion: CompletionID? = nil,
        stage: Hold.Stage,
        rule: String,
        preview: String,
        result: CompletionResult? = nil
    ) async throws -> HoldID {
        let now = Date()
        return try await write {
            try $0.hold(
                node,
                completion: completion,
                stage: stage,
                rule: rule,
                preview: preview,
                result: result,
                at: now
            )
        }
    }

    /// Writes what was decided about holds, all in one transaction, and puts what they held back to `queued` or
    /// `running`. A hold is decided once: gives those that this decided.
    /// - Parameter change: What a person changed in what is held, as JSON.
    @discardableResult
    package func decide(
        _ holds: [HoldID],
        _ decision: Hold.Decision,
        change: String? = nil
    ) async throws -> [HoldID] {
        let now = Date()
        return try await write { try $0.decide(holds, decision, change: change, at: now) }
    }

    /// Marks nodes fresh, stale or diverged.
    package func setFreshness(_ freshness: Freshness, of nodes: [NodeID]) async throws {
        try await write { try $0.setFreshness(freshness, of: nodes) }
    }

    /// As `setFreshness`, for one node and without waiting.
    package func enqueueFreshness(_ freshness: Freshness, of node: NodeID) {
        enqueue { try $0.setFreshness(freshness, of: [node]) }
    }

    /// Marks everything stale that a change of a node may change in turn: later blocks and the calls they made, later
    /// iterations, the calls above it, with all below these. Other calls of its batch do not depend on it.
    package func markStale(after node: NodeID) async throws { try await write { try $0.markStale(after: node) } }

    // MARK: Order

    /// For somebody who wants to end: a writer that waits for another program does so for some seconds more, then what
    /// it holds fails with `StoreError.locked`. Until then, and as soon as it has written again, it waits as long as it
    /// takes, and `TrajectoryStore.waiting` says for what.
    package func giveUpWaiting() { commits.giveUpWaiting() }

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

    /// Runs `body` on a thread of its own. What it adds is written in portions and is not shown before it calls
    /// `publish`; where it throws, or does not publish what it has begun, nothing is kept. First what imports have left
    /// that never ended is swept away.
    /// - Parameter onProgress: Called on that thread, often.
    package func importing<T: Sendable>(
        onProgress: @escaping @Sendable (RunImport.Progress) -> Void = { _ in },
        _ body: @escaping @Sendable (RunImport) throws -> T
    ) async throws -> T {
        let cancelling = Cancelling()
        let (commits, contextFiles) = (commits, contextFiles)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread {
                    let runs = RunImport(
                        commits: commits,
                        contextFiles: contextFiles,
                        isCancelled: { cancelling.isAsked.load(ordering: .relaxed) },
                        onProgress: onProgress
                    )
                    let result = Result {
                        commits.sweepImports([])
                        return try body(runs)
                    }
                    runs.abandon()
                    continuation.resume(with: result)
                }
                thread.name = "trajectory-import"
                // Deep files are read on it.
                thread.stackSize = 8 << 20
                thread.start()
            }
        } onCancel: {
            cancelling.isAsked.store(true, ordering: .relaxed)
        }
    }

    /// Also for tests, which write what no program would.
    func write<T: Sendable>(_ body: @escaping @Sendable (Recorder) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            commits.add(AwaitedWrite(body, continuation: continuation))
        }
    }

    private func enqueue(_ body: @escaping @Sendable (Recorder) throws -> Void) { commits.add(UnawaitedWrite(body)) }
}

private final class Cancelling: Sendable {
    let isAsked = Atomic(false)
}
