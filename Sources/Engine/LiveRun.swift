package import Foundation
import LMClients
import REPL
import Synchronization
package import Trajectory
package import TrajectoryStore

/// A run that is going on in this process. Started by `start`, `fork` or `resume`, it goes on by itself until it ends, is
/// cancelled, or waits for a person; everything it does is in the store, which is where it is watched from.
///
/// For example:
///
///     let live = try await LiveRun.start(request, in: store, clients: registry)
///     let result = await live.result()
package final class LiveRun: Sendable {
    /// Seconds between signs of life in the store.
    private static let heartbeat: Duration = .seconds(2)

    package let id: RunID
    /// What a person should know before the answer, such as files of a context that were passed over: a line each.
    package let notices: [String]
    private let desk: HoldDesk
    private let task: Task<RunResult, Never>
    private let end: End
    private let writer: TrajectoryWriter

    /// Whether the run has ended, for those who cannot wait.
    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    /// - Parameters:
    ///   - start: where the root's loop begins; nil for the question.
    ///   - endsWhenHeld: ends the run in good order once all that goes on in it waits for a person.
    init(_ call: RLMCall, from start: LoopStart? = nil, notices: [String] = [], endsWhenHeld: Bool) {
        id = call.run.id
        writer = call.run.writer
        self.notices = notices
        desk = call.run.desk
        let end = End()
        self.end = end
        task = Task {
            let result = await Self.carryOut(call, from: start, endsWhenHeld: endsWhenHeld)
            end.isReached.withLock { $0 = true }
            return result
        }
    }

    /// Opens the contexts, writes the run down and starts it.
    ///
    /// Throws `ContextError`, `REPLError` where the environment cannot work, `CompletionError` where the model cannot
    /// be asked at all (no key, unknown provider), `StoreError`.
    package static func start(
        _ request: RunRequest,
        in store: TrajectoryStore,
        clients: any ClientSource,
        fetch: @escaping @Sendable (String) async throws -> Data = {
            throw ContextError(source: $0, problem: "no URLs here")
        }
    ) async throws -> LiveRun {
        let writer = try store.writer()
        // What cannot work is said before anything is written.
        try check(request, clients)
        let loader = ContextLoader(writer: writer, store: store, fetch: fetch)
        let contexts = try await loader.open(request.contexts, type: request.contextType)
        let notices = contexts.flatMap(\.notices)
        let id = RunID.random()
        let run = RunContext(request, id: id, store: store, writer: writer, loader: loader, clients: clients)
        let root = try await writer.begin(
            run: NewRun(
                id: id,
                session: nil,
                question: request.question,
                model: request.model.description,
                subModel: run.subModel.description,
                environment: request.environment.rawValue,
                mode: "rlm",
                settings: request.settings,
                contexts: contexts.map(\.context),
                origin: .live,
                source: nil,
                sourceFormat: nil,
                createdAt: Date(),
                hashSeed: run.seeds.hash,
                randomSeed: run.seeds.random,
                notices: notices
            )
        )
        let call = RLMCall(
            id: root,
            depth: 0,
            address: .root,
            model: request.model,
            question: request.question,
            contexts: contexts,
            run: run
        )
        return LiveRun(call, notices: notices, endsWhenHeld: request.endsWhenHeld)
    }

    /// Throws where the model cannot be asked at all or Python cannot run.
    static func check(_ request: RunRequest, _ clients: any ClientSource) throws {
        _ = try clients.client(for: request.model)
        _ = try clients.client(for: request.subModel ?? request.model)
        switch request.environment {
        case .local: _ = try REPLProbe.python()
        case .sandbox: _ = try REPLProbe.sandbox().get()
        }
    }

    package var isFinished: Bool { end.isReached.withLock { $0 } }

    /// Stops it cleanly: requests in flight are ended, the Python process too, and the run is written down as cancelled.
    /// Another program that holds the store is waited for some seconds more, and no longer.
    package func cancel() {
        task.cancel()
        writer.giveUpWaiting()
    }

    /// Waits for its end.
    package func result() async -> RunResult { await task.value }

    // MARK: Holds

    /// The rules that hold its requests, blocks and answers, as they were written.
    package var holdRules: [HoldRule] { desk.rules }

    package func setHoldRules(_ rules: [HoldRule]) { desk.rules = rules }

    package var isPaused: Bool { desk.isPaused }

    /// No new request leaves until `unpause`; those in flight end and are kept.
    package func pause() { desk.pause() }

    package func unpause() { desk.unpause() }

    /// Lets one request leave while the run is paused.
    package func step() { desk.step() }

    /// Decides what becomes of held nodes. Gives those that this decided: a hold is decided once.
    @discardableResult
    package func decide(
        _ holds: [HoldID], _ decision: Hold.Decision, change: Change? = nil
    ) async throws -> [HoldID] {
        try await desk.decide(holds, decision, change: change)
    }

    /// Ends the run where it stands, to be gone on with by `resume`: what is held stays held, nothing is cancelled.
    package func leaveHeld() {
        desk.end()
        task.cancel()
    }

    // MARK: -

    private static func carryOut(_ call: RLMCall, from start: LoopStart?, endsWhenHeld: Bool) async -> RunResult {
        let clock = ContinuousClock.now
        let run = call.run
        let writer = run.writer
        let pulse = Task {
            while !Task.isCancelled {
                writer.enqueueHeartbeat(run: run.id)
                try? await Task.sleep(for: heartbeat)
            }
        }
        defer { pulse.cancel() }
        var result: RunResult
        do {
            let ending = try await withHolds(call, endsWhenHeld) { try await withDeadline(call, from: start) }
            if !run.journal.diverged.isEmpty { try await writer.addNotices(run.journal.notices, to: run.id) }
            result = RunResult(
                run: run.id,
                status: ending.status,
                stopReason: ending.stopReason,
                answer: ending.answer,
                failure: ending.failure,
                isUnavailable: ending.isUnavailable,
                wallSeconds: 0
            )
            try await writer.finish(
                run: run.id,
                status: ending.status,
                stopReason: ending.stopReason,
                answer: ending.answer,
                failure: ending.failure
            )
        } catch is RunIsHeld {
            try? await writer.setStatus(run: run.id, .held)
            result = RunResult(
                run: run.id, status: .held, stopReason: .held, answer: nil, failure: nil, isUnavailable: false,
                wallSeconds: 0)
        } catch {
            // The store itself failed. What was committed stays; it may have recovered enough to take the end.
            let failure = Failure(kind: "store", message: "\(error)")
            let answer = run.bestSoFar.text
            let (status, reason): (Status, StopReason) =
                Task.isCancelled ? (.cancelled, .cancelled) : (.failed, .failed)
            try? await writer.finish(
                run: run.id, status: status, stopReason: reason, answer: answer, failure: failure)
            result = RunResult(
                run: run.id,
                status: status,
                stopReason: reason,
                answer: answer,
                failure: failure,
                isUnavailable: true,
                wallSeconds: 0
            )
        }
        result.liveCalls = run.dispatcher.sentSubcalls
        result.recordedCalls = run.journal.recordedCalls
        result.diverged = run.journal.diverged
        result.notices = run.journal.notices
        result.wallSeconds = (ContinuousClock.now - clock) / .seconds(1)
        return result
    }

    /// Runs `body`; where it is to end once all waits for a person, sees to that.
    private static func withHolds(
        _ call: RLMCall, _ endsWhenHeld: Bool, _ body: @escaping @Sendable () async throws -> RLMCall.Ending
    ) async throws -> RLMCall.Ending {
        let run = call.run
        guard endsWhenHeld else { return try await body() }
        let work = Task { try await body() }
        let watch = Task {
            await run.activity.untilAllWaits()
            guard !Task.isCancelled else { return }
            run.desk.end()
            work.cancel()
        }
        defer { watch.cancel() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// Runs the root call; when its time is over, everything in it is cancelled and it ends as limited.
    private static func withDeadline(_ call: RLMCall, from start: LoopStart?) async throws -> RLMCall.Ending {
        call.run.activity.begin()
        defer { call.run.activity.end() }
        guard let timeout = call.run.limits.timeout else { return try await call.run(from: start) }
        let work = Task { try await call.run(from: start) }
        let clock = Task {
            try await Task.sleep(for: .seconds(min(timeout, 1e9)))
            call.run.ledger.stop(
                LimitReached(reason: .maxTimeout, message: "\(timeout) s are over; raise --max-timeout")
            )
            work.cancel()
        }
        defer { clock.cancel() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }
}

extension RLMCall.Ending {
    /// Whether the provider or the environment was not to be had.
    var isUnavailable: Bool {
        guard let error else { return failure != nil && status == .failed }
        switch error.code {
        case .noKey, .unauthorized, .modelNotFound, .rateLimited, .serverError, .badResponse, .connection, .timeout:
            return true
        case .refused, .cancelled, .contextOverflow, .toolCall, .reasoningOnly, .emptyAnswer, .modelRefused,
            .contentFilter:
            return false
        }
    }
}
