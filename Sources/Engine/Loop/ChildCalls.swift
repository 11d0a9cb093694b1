import LMClients
import REPL
import Synchronization
import Trajectory
import TrajectoryStore

/// The calls below one `rlm` call: answers what its code blocks ask for, writes the sub-calls down, sends them through the
/// dispatcher a bounded number at a time, and starts the recursive ones.
final class ChildCalls: SubcallHandler {
    /// Recursive calls that run at the same time in a run: each is a Python process.
    static let concurrentRecursions = 4

    private struct Place {
        let block: BlockID
        let iteration: IterationID
    }

    private struct State {
        var place: Place?
        /// Batches so far, by iteration.
        var batches: [IterationID: Int] = [:]
        var storeError: (any Error)?
        /// Requests of the code that are being answered.
        var active = 0
        /// Those of them that came before a limit ended the run.
        var paidFor = 0
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let parent: RLMCall
    private let state = Mutex(State())

    init(parent: RLMCall) { self.parent = parent }

    /// Sub-calls asked for from now on belong to this block.
    func begin(block: BlockID, of iteration: IterationID) {
        state.withLock { $0.place = Place(block: block, iteration: iteration) }
    }

    /// Whether the code waits for something that was asked for before a limit ended the run.
    var isWaitingForModels: Bool { state.withLock { $0.paidFor > 0 } }

    /// The store failed while a block ran: its answers were not delivered, and the run cannot go on.
    func throwStoreError() throws {
        if let error = state.withLock({ $0.storeError }) { throw error }
    }

    /// Returns once nothing that was asked for is under way any more.
    func untilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.active > 0 { state.idleWaiters.append(continuation) }
                return state.active == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    private func ended(wasPaidFor: Bool) {
        let waiters = state.withLock { state in
            state.active -= 1
            if wasPaidFor { state.paidFor -= 1 }
            guard state.active == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.idleWaiters = [] }
            return state.idleWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func answer(_ request: SubcallRequest) async -> [SubcallOutcome] {
        let isPaidFor = parent.run.ledger.stop == nil
        state.withLock { state in
            state.active += 1
            if isPaidFor { state.paidFor += 1 }
        }
        defer { ended(wasPaidFor: isPaidFor) }
        do { return try await outcomes(of: request) } catch {
            state.withLock { $0.storeError = error }
            let failure = Failure(kind: "store", message: "the answer could not be recorded: \(error)")
            return request.prompts.map { _ in .failure(failure) }
        }
    }

    private func outcomes(of request: SubcallRequest) async throws -> [SubcallOutcome] {
        let run = parent.run
        let isRecursive = request.kind == .rlm && parent.depth + 1 < run.limits.depth
        let model = request.model.map(run.model(named:)) ?? run.subModel
        let asked = state.withLock { state -> (place: Place, batch: Int?)? in
            guard let place = state.place else { return nil }
            guard request.isBatch else { return (place, nil) }
            state.batches[place.iteration, default: 0] += 1
            return (place, state.batches[place.iteration])
        }
        guard let asked else { return [] }
        do throws(LimitReached) { try run.ledger.countSubcalls(request.prompts.count) } catch {
            return request.prompts.map { _ in .limit(error.message) }
        }
        let completions = request.prompts.map { prompt in
            CompletionRequest(model: model.name, messages: prompt, sampling: run.sampling, seed: run.seed)
        }
        let calls = try await run.writer.beginCalls(
            completions.map { completion in
                NewCall(
                    iteration: asked.place.iteration,
                    block: asked.place.block,
                    kind: isRecursive ? .rlm : .llm,
                    depth: parent.depth + 1,
                    model: model.description,
                    prompt: completion.messages,
                    batch: asked.batch,
                    completion: isRecursive
                        ? nil
                        : NewCompletion(
                            requestKey: RequestKey.key(of: completion, to: model),
                            model: model.description,
                            parameters: completion.parametersJSON,
                            messages: completion.messages,
                            origin: .live
                        ),
                    origin: .live
                )
            }
        )
        let width = isRecursive ? run.recursions.places : run.limits.concurrentSubcalls
        return try await inParallel(count: calls.count, width: width) { index in
            if let completion = calls[index].completion {
                return try await self.plain(
                    Dispatcher.Ticket(
                        model: model,
                        request: completions[index],
                        completion: completion,
                        call: calls[index].call
                    )
                )
            }
            return try await run.recursions.withPlace(depth: self.parent.depth + 1) {
                try await self.recursive(calls[index].call, model: model, prompt: request.prompts[index])
            }
        }
    }

    private func plain(_ ticket: Dispatcher.Ticket) async throws -> SubcallOutcome {
        switch try await parent.run.dispatcher.send(ticket) {
        case .success(let response): .answer(response.text)
        case .failure(.limit(let limit)): .limit(limit.message)
        case .failure(.failure(let error)):
            if let limit = parent.run.ledger.stop, error.code == .cancelled {
                .limit(limit.message)
            } else {
                .failure(error.failure)
            }
        }
    }

    private func recursive(_ call: CallID, model: Model, prompt: [Message]) async throws -> SubcallOutcome {
        let run = parent.run
        run.writer.enqueueStart(call: call)
        let text = prompt.map(\.content).joined(separator: "\n\n")
        let context = try await run.contexts.open(text: text, name: "context_0", source: "the prompt of this call")
        let child = RLMCall(
            id: call,
            depth: parent.depth + 1,
            model: model,
            question: Self.recursiveQuestion,
            contexts: [context],
            run: run
        )
        let ending = try await child.run()
        if let limit = run.ledger.stop { return .limit(limit.message) }
        if let answer = ending.answer { return .answer(answer) }
        return .failure(
            ending.failure ?? Failure(kind: "no_answer", message: "the recursive call ended without an answer")
        )
    }

    static let recursiveQuestion = "The request is in the context itself: read it there and do what it asks."

    /// Runs `body` for each index, `width` at a time, and gives the results in order.
    private func inParallel(
        count: Int,
        width: Int,
        _ body: @escaping @Sendable (Int) async throws -> SubcallOutcome
    ) async throws -> [SubcallOutcome] {
        if count == 1 { return [try await body(0)] }
        return try await withThrowingTaskGroup(of: (Int, SubcallOutcome).self) { group in
            var outcomes = [SubcallOutcome?](repeating: nil, count: count)
            var next = 0
            while next < min(width, count) {
                group.addTask { [next] in (next, try await body(next)) }
                next += 1
            }
            while let (index, outcome) = try await group.next() {
                outcomes[index] = outcome
                if next < count {
                    group.addTask { [next] in (next, try await body(next)) }
                    next += 1
                }
            }
            return outcomes.compactMap { $0 }
        }
    }
}
