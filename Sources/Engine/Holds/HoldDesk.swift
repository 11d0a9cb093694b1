import LMClients
import Synchronization
import Trajectory
import TrajectoryStore

/// Where a run's requests, blocks and answers wait for a person: by rule, by hand, or because the run is paused. A hold is
/// in the store before anybody sees it, and so is what was decided about it.
final class HoldDesk: Sendable {
    enum Outcome {
        case decided(Hold.Decision, Change?)
        case cancelled
        case ending
    }

    private struct State {
        var rules: [HoldRule]
        var isPaused = false
        /// Requests that may leave although the run is paused, by hand.
        var steps = 0
        /// Requests that were let through a pause; their first try does not wait again.
        var letThrough: Set<CompletionID> = []
        /// Those that wait for the end of a pause, in the order they came.
        var pauseWaiters: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var lastWaiter = 0
        var waiting: [HoldID: CheckedContinuation<Outcome, Never>] = [:]
        /// Decisions that came before the one who waits for them had begun to.
        var early: [HoldID: Outcome] = [:]
        /// Holds of an earlier engine, by what they hold: open, or decided. Those that were acted upon are asked for no
        /// more.
        var carried: [NodeID: [Hold]]
        var isEnding = false
    }

    let writer: TrajectoryWriter
    private let activity: RunActivity
    private let state: Mutex<State>

    init(
        writer: TrajectoryWriter, activity: RunActivity, rules: [HoldRule] = [], carried: [Hold] = []
    ) {
        self.writer = writer
        self.activity = activity
        state = Mutex(State(rules: rules, carried: Dictionary(grouping: carried, by: \.node)))
    }

    /// Whether anything can be held just now: then a batch is not sent a few at a time, since all that is held of it is
    /// to be seen.
    var mayHold: Bool {
        state.withLock { state in
            !state.rules.isEmpty || state.isPaused || state.carried.values.joined().contains { $0.decision == nil }
        }
    }

    // MARK: Commands

    var rules: [HoldRule] {
        get { state.withLock { $0.rules } }
        set { state.withLock { $0.rules = newValue } }
    }

    var isPaused: Bool { state.withLock { $0.isPaused } }

    /// No new request leaves until `unpause`; those in flight end and are kept.
    func pause() { state.withLock { $0.isPaused = true } }

    func unpause() {
        let waiters = state.withLock { state in
            state.isPaused = false
            state.steps = 0
            state.letThrough = []
            defer { state.pauseWaiters = [] }
            return state.pauseWaiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: true) }
    }

    /// Lets one request leave a paused run: the one that has waited longest, or the next.
    func step() {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.isPaused else { return nil }
            guard !state.pauseWaiters.isEmpty else {
                state.steps += 1
                return nil
            }
            return state.pauseWaiters.removeFirst().continuation
        }
        waiter?.resume(returning: true)
    }

    /// Writes a decision about holds down, in one transaction, and lets what they hold go on. Gives those it decided: a
    /// hold is decided once.
    @discardableResult
    func decide(_ holds: [HoldID], _ decision: Hold.Decision, change: Change? = nil) async throws -> [HoldID] {
        let decided = try await writer.decide(holds, decision, change: change?.json)
        let outcome = Outcome.decided(decision, change)
        let waiters = state.withLock { state in
            decided.compactMap { hold in
                if let waiter = state.waiting.removeValue(forKey: hold) { return waiter }
                state.early[hold] = outcome
                return nil
            }
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
        return decided
    }

    /// Ends the run where it stands: what is held or waits stays so in the store, for another engine to go on with.
    func end() {
        let (held, paused) = state.withLock { state in
            state.isEnding = true
            defer {
                state.waiting = [:]
                state.pauseWaiters = []
            }
            return (Array(state.waiting.values), state.pauseWaiters)
        }
        for waiter in held { waiter.resume(returning: .ending) }
        for waiter in paused { waiter.continuation.resume(returning: false) }
    }

    var isEnding: Bool { state.withLock { $0.isEnding } }

    // MARK: Blocks

    /// What becomes of a block that was or was not held.
    enum BlockDecision: Sendable {
        /// It runs, as it is or as a person has changed its code.
        case run(changedTo: String?)
        case drop
        /// The run was cancelled while it waited.
        case cancel
    }

    /// Comes back when a block may run. Throws as `beforeSending` does.
    func beforeRunning(_ code: String, block: BlockID, depth: Int, model: Model) async throws -> BlockDecision {
        let node = NodeID.block(block)
        let candidate = {
            HoldCandidate(
                depth: depth, tokens: TokenEstimate.likely(code), model: model.name, text: code, isError: false)
        }
        guard let held = try await hold(node, nil, .beforeRun, preview: code, candidate: candidate) else {
            return .run(changedTo: nil)
        }
        switch held {
        case .decided(.drop, _): return .drop
        case .cancelled: return .cancel
        case .decided(.answer(let code), _): return .run(changedTo: code)
        case .decided(.release, let change): return .run(changedTo: change?.code)
        case .ending: throw RunIsHeld()
        }
    }

    // MARK: -

    /// Holds a node where a rule wants it or an earlier engine held it; nil where nothing does.
    func hold(
        _ node: NodeID,
        _ completion: CompletionID?,
        _ stage: Hold.Stage,
        preview: String,
        result: CompletionResult? = nil,
        candidate: () -> HoldCandidate
    ) async throws -> Outcome? {
        try throwIfEnding()
        enum Found {
            case nothing
            case decided(Outcome)
            case carried(HoldID)
            case rules([HoldRule])
        }
        let found = state.withLock { state -> Found in
            if let carried = state.carried[node]?.last(where: { $0.stage == stage }) {
                state.carried[node]?.removeAll { $0.id == carried.id }
                if state.carried[node]?.isEmpty == true { state.carried[node] = nil }
                guard let decision = carried.decision else { return .carried(carried.id) }
                return .decided(.decided(decision, carried.change.flatMap(Change.init(json:))))
            }
            let rules = state.rules.filter { $0.stage == stage }
            return rules.isEmpty ? .nothing : .rules(rules)
        }
        switch found {
        case .nothing: return nil
        case .decided(let outcome): return outcome
        case .carried(let id): return await activity.whileHeld { await outcome(of: id) }
        case .rules(let rules):
            // Not under the lock: a pattern may take a while, and the screen asks the desk for its state.
            let candidate = candidate()
            guard let rule = rules.first(where: { $0.filter.matches(candidate) }) else { return nil }
            return try await activity.whileHeld {
                let id = try await writer.hold(
                    node, completion: completion, stage: stage, rule: rule.description, preview: preview, result: result
                )
                return await outcome(of: id)
            }
        }
    }

    private func outcome(of hold: HoldID) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    if let early = state.early.removeValue(forKey: hold) { return early }
                    if state.isEnding { return .ending }
                    if Task.isCancelled { return .cancelled }
                    state.waiting[hold] = continuation
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: hold) }?.resume(returning: .cancelled)
        }
    }

    /// One that was let through by hand does not wait again at its first try; it does at each further one.
    func noteLetThrough(_ completion: CompletionID) {
        state.withLock { if $0.isPaused { _ = $0.letThrough.insert(completion) } }
    }

    func wasLetThrough(_ completion: CompletionID) -> Bool {
        state.withLock { $0.letThrough.remove(completion) } != nil
    }

    /// Returns when the run is not paused any more, or this request was let through; false where the run is over.
    func untilUnpaused(_ completion: CompletionID) async -> Bool {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let mayGo = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let verdict = state.withLock { state -> Bool? in
                    if state.isEnding || Task.isCancelled { return false }
                    if !state.isPaused { return true }
                    if state.steps > 0 {
                        state.steps -= 1
                        return true
                    }
                    state.pauseWaiters.append((number, continuation))
                    return nil
                }
                if let verdict { continuation.resume(returning: verdict) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.pauseWaiters.firstIndex(where: { $0.number == number }) else { return nil }
                return state.pauseWaiters.remove(at: index).continuation
            }
            waiter?.resume(returning: false)
        }
        return mayGo
    }
}
