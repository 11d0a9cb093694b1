import Synchronization
import Trajectory

/// Keeps the books of a run: what was spent, what is in flight, and whether one more request fits. One for the whole
/// tree: children and parents share what remains.
final class LimitLedger: Sendable {
    private struct Books {
        var admission: Admission
        var subcalls = 0
        var stop: LimitReached?
        /// Requests that wait for others to end.
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Those who wait for the run to be stopped, by number.
        var watchers: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWatcher = 0
    }

    let limits: Limits
    private let books: Mutex<Books>
    private let isBounded: Bool

    /// - Parameter price: what usage costs in US dollars; nil where nobody knows.
    init(limits: Limits, price: @escaping @Sendable (Usage, Model) -> Double? = { _, _ in nil }) {
        self.limits = limits
        books = Mutex(Books(admission: Admission(limits: limits, price: price)))
        isBounded = limits.tokens != nil || limits.budget != nil
    }

    /// The limit that ended the run, once one has.
    var stop: LimitReached? { books.withLock { $0.stop } }

    /// The limit that keeps a request from being sent. The request for a best answer may still be sent after one that is
    /// not about what it uses.
    func stop(isBestAnswer: Bool) -> LimitReached? {
        stop.flatMap { isBestAnswer && $0.reason.leavesRoomForAnAnswer ? nil : $0 }
    }

    /// Marks the run as ended by a limit that is watched elsewhere, such as time. The first one stays.
    func stop(_ limit: LimitReached) {
        resume(books.withLock { Self.end(&$0, limit) })
    }

    /// Returns once a limit has ended the run, or the task is cancelled.
    func untilStopped() async {
        let number = books.withLock { books in
            books.lastWatcher += 1
            return books.lastWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = books.withLock { books in
                    if books.stop != nil || Task.isCancelled { return true }
                    books.watchers[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            books.withLock { $0.watchers.removeValue(forKey: number) }?.resume()
        }
    }

    /// Counts what an earlier engine of the same run used, so that going on cannot pass a limit twice.
    func charge(_ usage: Usage, subcalls: Int) {
        books.withLock { books in
            books.admission.charge(usage)
            books.subcalls += subcalls
        }
    }

    /// Counts sub-calls about to be made. Throws `LimitReached` when they do not all fit.
    func countSubcalls(_ count: Int) throws(LimitReached) {
        let (limit, woken) = books.withLock { books -> (LimitReached?, [CheckedContinuation<Void, Never>]) in
            if let stop = books.stop { return (stop, []) }
            guard let most = limits.subcalls, books.subcalls + count > most else {
                books.subcalls += count
                return (nil, [])
            }
            let limit = LimitReached(
                reason: .maxSubcalls,
                message: "\(books.subcalls) of \(most) sub-calls are made and \(count) more were asked for; raise "
                    + "--max-subcalls"
            )
            return (limit, Self.end(&books, limit))
        }
        resume(woken)
        if let limit { throw limit }
    }

    /// Waits for room for one request, or throws `LimitReached`. Nil when nothing bounds what requests use.
    func reserve(
        _ demand: @autoclosure () -> Demand,
        isBestAnswer: Bool = false
    ) async throws(LimitReached) -> Admission.Reservation? {
        guard isBounded else {
            if let stop = stop(isBestAnswer: isBestAnswer) { throw stop }
            return nil
        }
        let demand = demand()
        while true {
            let (verdict, woken) = books.withLock { books -> (Result<Admission.Reservation, LimitReached>?, _) in
                if let stop = books.stop, !(isBestAnswer && stop.reason.leavesRoomForAnAnswer) {
                    return (.failure(stop), [CheckedContinuation<Void, Never>]())
                }
                switch books.admission.admit(demand) {
                case .go(let reservation): return (.success(reservation), [])
                case .wait: return (nil, [])
                case .refuse(let reason, let message):
                    let limit = LimitReached(reason: reason, message: message)
                    return (.failure(limit), Self.end(&books, limit))
                }
            }
            resume(woken)
            if let verdict { return try verdict.get() }
            await untilSomethingEnds()
        }
    }

    private func untilSomethingEnds() async {
        await withCheckedContinuation { continuation in
            let isOver = books.withLock { books in
                // Between the verdict and this the last of the others may have ended.
                if books.stop != nil || books.admission.isIdle { return true }
                books.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Replaces a reservation by what was really used; nil when the request failed and nothing is known to be used.
    ///
    /// A cost that nobody knows cannot be held to a budget: then the run ends, and says how the price can be told.
    func settle(_ reservation: Admission.Reservation?, usage: Usage?, answer: String = "") {
        guard let reservation else { return }
        let woken = books.withLock { books in
            books.admission.settle(reservation, usage: usage, answer: answer)
            var woken = books.waiters
            books.waiters = []
            if let usage, limits.budget != nil, usage.cost == nil {
                let name = reservation.demand.model.description
                let limit = LimitReached(
                    reason: .maxBudget,
                    message:
                        "nobody says what \(name) costs, so --max-budget cannot be held; tell its price in the "
                        + "settings, under [prices.\"\(name)\"], or use --max-tokens"
                )
                woken += Self.end(&books, limit)
            }
            return woken
        }
        resume(woken)
    }

    /// Ends the run by a limit unless one has, and gives those to be told of it.
    private static func end(_ books: inout Books, _ limit: LimitReached) -> [CheckedContinuation<Void, Never>] {
        guard books.stop == nil else { return [] }
        books.stop = limit
        defer {
            books.waiters = []
            books.watchers = [:]
        }
        return books.waiters + books.watchers.values
    }

    private func resume(_ waiters: [CheckedContinuation<Void, Never>]) {
        for waiter in waiters { waiter.resume() }
    }
}
