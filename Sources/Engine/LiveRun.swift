package import Foundation
import LMClients
import REPL
import Synchronization
package import Trajectory
package import TrajectoryStore

/// A run that is going on in this process. Started by `start`, it goes on by itself until it ends or is cancelled;
/// everything it does is in the store, which is where it is watched from.
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
    private let task: Task<RunResult, Never>
    private let end: End

    /// Whether the run has ended, for those who cannot wait.
    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    private init(id: RunID, notices: [String], task: Task<RunResult, Never>, end: End) {
        self.id = id
        self.notices = notices
        self.task = task
        self.end = end
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
        _ = try clients.client(for: request.model)
        _ = try clients.client(for: request.subModel ?? request.model)
        switch request.environment {
        case .local: _ = try REPLProbe.python()
        case .sandbox: _ = try REPLProbe.sandbox().get()
        }
        let loader = ContextLoader(writer: writer, store: store, fetch: fetch)
        let contexts = try await loader.open(request.contexts, type: request.contextType)

        let ledger = LimitLedger(limits: request.limits, price: request.price)
        let run = RunContext(
            writer: writer,
            dispatcher: Dispatcher(
                ledger: ledger, clients: clients, writer: writer, price: request.price),
            recursions: RecursionGate(
                places: ChildCalls.concurrentRecursions, deepest: request.limits.depth - 1),
            contexts: loader,
            rootModel: request.model,
            subModel: request.subModel ?? request.model,
            environment: request.environment,
            replLimits: request.replLimits,
            sampling: request.sampling,
            seed: request.seed
        )
        let id = RunID.random()
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
                createdAt: Date()
            )
        )
        let call = RLMCall(
            id: root,
            depth: 0,
            model: request.model,
            question: request.question,
            contexts: contexts,
            run: run
        )
        let end = End()
        let task = Task {
            let result = await carryOut(call, of: id)
            end.isReached.withLock { $0 = true }
            return result
        }
        return LiveRun(id: id, notices: contexts.flatMap(\.notices), task: task, end: end)
    }

    package var isFinished: Bool { end.isReached.withLock { $0 } }

    /// Stops it cleanly: requests in flight are ended, the Python process too, and the run is written down as cancelled.
    package func cancel() { task.cancel() }

    /// Waits for its end.
    package func result() async -> RunResult { await task.value }

    // MARK: -

    private static func carryOut(_ call: RLMCall, of id: RunID) async -> RunResult {
        let start = ContinuousClock.now
        let writer = call.run.writer
        let pulse = Task {
            while !Task.isCancelled {
                writer.enqueueHeartbeat(run: id)
                try? await Task.sleep(for: heartbeat)
            }
        }
        defer { pulse.cancel() }
        var result: RunResult
        do {
            let ending = try await withDeadline(call)
            result = RunResult(
                run: id,
                status: ending.status,
                stopReason: ending.stopReason,
                answer: ending.answer,
                failure: ending.failure,
                isUnavailable: ending.isUnavailable,
                wallSeconds: 0
            )
            try await writer.finish(
                run: id,
                status: ending.status,
                stopReason: ending.stopReason,
                answer: ending.answer,
                failure: ending.failure
            )
        } catch {
            // The store itself failed. What was committed stays; it may have recovered enough to take the end.
            let failure = Failure(kind: "store", message: "\(error)")
            let answer = call.run.bestSoFar.text
            try? await writer.finish(run: id, status: .failed, stopReason: .failed, answer: answer, failure: failure)
            result = RunResult(
                run: id,
                status: .failed,
                stopReason: .failed,
                answer: answer,
                failure: failure,
                isUnavailable: true,
                wallSeconds: 0
            )
        }
        result.wallSeconds = (ContinuousClock.now - start) / .seconds(1)
        return result
    }

    /// Runs the root call; when its time is over, everything in it is cancelled and it ends as limited.
    private static func withDeadline(_ call: RLMCall) async throws -> RLMCall.Ending {
        guard let timeout = call.run.limits.timeout else { return try await call.run() }
        let work = Task { try await call.run() }
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
