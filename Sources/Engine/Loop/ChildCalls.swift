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

    /// Where a block stands whose code may ask.
    struct Place: Sendable {
        let block: BlockID
        let iteration: IterationID
        let address: Address
        /// What is different below this iteration, in a fork.
        var path: ChangePath?
        /// What an earlier engine had written down in it.
        var open: OpenCalls?
    }

    private enum Asker {
        case place(Place)
        case replay(BlockReplay)
    }

    private struct State {
        /// By the number of the block, from 1, as the REPL counts them.
        var askers: [Asker] = []
        /// Batches so far, by iteration.
        var batches: [IterationID: Int] = [:]
        /// Sub-calls so far, by iteration.
        var calls: [IterationID: Int] = [:]
        var storeError: (any Error)?
        /// Requests of the code that are being answered.
        var active = 0
        /// Those of them that came before a limit ended the run.
        var paidFor = 0
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let parent: RLMCall
    private let state = Mutex(State())

    /// Blocks that its REPL had run before it was taken over.
    private let blocksBefore: Int

    init(parent: RLMCall, blocksBefore: Int = 0) {
        self.parent = parent
        self.blocksBefore = blocksBefore
    }

    /// The next block that the REPL runs stands here; sub-calls of its code, also of threads that outlive it, belong to it.
    func begin(_ place: Place) {
        state.withLock { state in
            state.askers.append(.place(place))
            if let open = place.open {
                state.calls[place.iteration] = max(open.count, state.calls[place.iteration] ?? 0)
            }
        }
    }

    /// The next block that the REPL runs is one that has run before: its sub-calls are answered as they were.
    func beginReplay(of calls: [ReplayedCall]) -> BlockReplay {
        let replay = BlockReplay(calls, of: parent.run)
        state.withLock { $0.askers.append(.replay(replay)) }
        return replay
    }

    /// Sub-calls that were made in an iteration.
    func count(in iteration: IterationID) -> Int { state.withLock { $0.calls[iteration] ?? 0 } }

    /// Whether the code waits for something that was asked for before a limit ended the run.
    var isWaitingForModels: Bool { state.withLock { $0.paidFor > 0 } }

    /// The store failed while a block ran, or the run ends to wait for a person: answers were not delivered, and the run
    /// cannot go on.
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

    func answer(_ request: SubcallRequest) async -> [SubcallOutcome] {
        let isPaidFor = parent.run.ledger.stop == nil
        parent.run.activity.begin()
        let isFirst = state.withLock { state in
            state.active += 1
            if isPaidFor { state.paidFor += 1 }
            return state.active == 1
        }
        // The code waits for this.
        if isFirst { parent.run.activity.end() }
        defer { ended(wasPaidFor: isPaidFor) }
        do { return try await outcomes(of: request) } catch {
            state.withLock { $0.storeError = $0.storeError ?? error }
            let failure = Failure(kind: "store", message: "the answer could not be recorded: \(error)")
            return request.prompts.map { _ in .failure(failure) }
        }
    }

    private func ended(wasPaidFor: Bool) {
        let (waiters, isLast) = state.withLock { state in
            state.active -= 1
            if wasPaidFor { state.paidFor -= 1 }
            guard state.active == 0 else { return ([CheckedContinuation<Void, Never>](), false) }
            defer { state.idleWaiters = [] }
            return (state.idleWaiters, true)
        }
        if isLast { parent.run.activity.begin() }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: -

    private func outcomes(of request: SubcallRequest) async throws -> [SubcallOutcome] {
        let run = parent.run
        var isPreparing = true
        // While it waits for its sub-calls, those are what goes on.
        defer { if isPreparing { run.activity.end() } }
        let isRecursive = request.kind == .rlm && parent.depth + 1 < run.limits.depth
        let model = request.model.map(run.model(named:)) ?? run.subModel
        let asker = state.withLock { state in
            let number = request.block - 1 - blocksBefore
            return state.askers.indices.contains(number) ? state.askers[number] : nil
        }
        switch asker {
        case nil: return []
        case .replay(let replay): return replay.outcomes(of: request, kind: isRecursive ? .rlm : .llm, model: model)
        case .place(let place):
            do throws(LimitReached) { try run.ledger.countSubcalls(request.prompts.count) } catch {
                return request.prompts.map { _ in .limit(error.message) }
            }
            let planned = plan(request, at: place, kind: isRecursive ? .rlm : .llm, model: model)
            let subcalls = try await write(planned, at: place)
            let width = isRecursive ? run.recursions.places : run.limits.concurrentSubcalls
            isPreparing = false
            if !isRecursive { run.activity.begin(subcalls.count) }
            run.activity.end()
            // All that is held of a batch is to be seen.
            return try await inParallel(subcalls, width: run.desk.mayHold ? subcalls.count : width) { subcall in
                defer { if !isRecursive { run.activity.end() } }
                return try await self.carryOut(subcall, at: place)
            }
        }
    }

    /// Decides for each prompt where its answer comes from, in order.
    private func plan(
        _ request: SubcallRequest, at place: Place, kind: Call.Kind, model: Model
    ) -> [PlannedCall] {
        // Threads may ask at the same time.
        state.withLock { state in
            if request.isBatch { state.batches[place.iteration, default: 0] += 1 }
            return request.prompts.map { prompt -> PlannedCall in
                var call = PlannedCall(
                    kind: kind, model: model, prompt: prompt,
                    batch: request.isBatch ? state.batches[place.iteration] : nil,
                    ordinal: (state.calls[place.iteration] ?? 0) + 1, request: parent.run.request(prompt, to: model))
                if let row = place.open?.next(kind: kind, keys: { call.keys }) {
                    call.row = row
                    call.ordinal = row.ordinal
                    if !row.isAnswered { call.chooseSource(on: place.path, in: parent.run, under: place.address) }
                    return call
                }
                state.calls[place.iteration] = call.ordinal
                call.chooseSource(on: place.path, in: parent.run, under: place.address)
                return call
            }
        }
    }

    /// Writes down what has no row yet.
    private func write(_ planned: [PlannedCall], at place: Place) async throws -> [PlannedCall] {
        var planned = planned
        let new = planned.indices.filter { planned[$0].row == nil }
        guard !new.isEmpty else { return planned }
        let started = try await parent.run.writer.enqueueBeginCalls(
            new.map { planned[$0].newCall(in: place, depth: parent.depth + 1) })
        for (index, row) in zip(new, started) {
            planned[index].started = row
            if planned[index].isDiverged {
                parent.run.writer.enqueueFreshness(.diverged, of: .call(row.call))
            }
        }
        return planned
    }

    private func carryOut(_ subcall: PlannedCall, at place: Place) async throws -> SubcallOutcome {
        let run = parent.run
        if let row = subcall.row, row.status.isFinal {
            run.journal.countRecorded()
            return row.outcome
        }
        guard let call = subcall.row?.call ?? subcall.started?.call else { return .failure(PlannedCall.lost) }
        if case .recorded = subcall.source { run.journal.countRecorded() }
        if subcall.kind == .llm {
            guard let completion = subcall.row?.completion ?? subcall.started?.completion else {
                return .failure(PlannedCall.lost)
            }
            return try await plain(subcall.ticket(for: completion, of: call, in: place, depth: parent.depth + 1))
        }
        switch subcall.source {
        case .recorded(let answer): return try await end(call, answer)
        case .byHand(let text): return try await end(call, Recording.Answer(text: text, usage: .unknown))
        case .live, .below:
            return try await run.recursions.withPlace(depth: parent.depth + 1) {
                run.activity.begin()
                defer { run.activity.end() }
                try run.desk.throwIfEnding()
                return try await self.recursive(call, subcall, at: place)
            }
        }
    }

    /// Ends a recursive call with an answer that needs no model.
    private func end(_ call: CallID, _ answer: Recording.Answer) async throws -> SubcallOutcome {
        let failure = answer.text == nil ? answer.failure ?? PlannedCall.lost : nil
        try await parent.run.writer.finish(
            call: call, status: failure == nil ? .succeeded : .failed, answer: answer.text, failure: failure)
        return answer.text.map { .answer($0) } ?? .failure(failure ?? PlannedCall.lost)
    }

    private func plain(_ ticket: Dispatcher.Ticket) async throws -> SubcallOutcome {
        switch try await parent.run.dispatcher.send(ticket) {
        case .success(let response): .answer(response.text)
        case .failure(.limit(let limit)): .limit(limit.message)
        case .failure(.given(let failure)): .failure(failure)
        case .failure(.failure(let error)):
            if let limit = parent.run.ledger.stop, error.code == .cancelled {
                .limit(limit.message)
            } else {
                .failure(error.failure)
            }
        }
    }

    private func recursive(_ call: CallID, _ subcall: PlannedCall, at place: Place) async throws -> SubcallOutcome {
        let run = parent.run
        run.writer.enqueueStart(call: call)
        if case .live = subcall.source { run.dispatcher.countRecursiveCall() }
        let text = subcall.request.messages.map(\.content).joined(separator: "\n\n")
        let context = try await run.contexts.open(text: text, name: "context_0", source: "the prompt of this call")
        let child = RLMCall(
            id: call,
            depth: parent.depth + 1,
            address: place.address.appending(.call(subcall.ordinal)),
            model: subcall.model,
            question: Self.recursiveQuestion,
            contexts: [context],
            run: run
        )
        var path: ChangePath?
        if case .below(let below) = subcall.source { path = below }
        var start: LoopStart?
        if subcall.row != nil {
            // Its iterations may not have begun when the engine went away.
            try await run.writer.flush()
            start = try Retrace(run).open(child, on: path)
        } else if let path {
            start = try Retrace(run).start(of: child, on: path)
        }
        let ending = try await child.run(from: start)
        if let limit = run.ledger.stop { return .limit(limit.message) }
        if let answer = ending.answer { return .answer(answer) }
        return .failure(
            ending.failure ?? Failure(kind: "no_answer", message: "the recursive call ended without an answer")
        )
    }

    static let recursiveQuestion = "The request is in the context itself: read it there and do what it asks."

    /// Runs `body` for each sub-call, `width` at a time, and gives the results in order.
    private func inParallel(
        _ subcalls: [PlannedCall],
        width: Int,
        _ body: @escaping @Sendable (PlannedCall) async throws -> SubcallOutcome
    ) async throws -> [SubcallOutcome] {
        if subcalls.count == 1 { return [try await body(subcalls[0])] }
        return try await withThrowingTaskGroup(of: (Int, SubcallOutcome).self) { group in
            var outcomes = [SubcallOutcome?](repeating: nil, count: subcalls.count)
            var next = 0
            while next < min(width, subcalls.count) {
                group.addTask { [next] in (next, try await body(subcalls[next])) }
                next += 1
            }
            while let (index, outcome) = try await group.next() {
                outcomes[index] = outcome
                if next < subcalls.count {
                    group.addTask { [next] in (next, try await body(subcalls[next])) }
                    next += 1
                }
            }
            return outcomes.compactMap { $0 }
        }
    }
}
