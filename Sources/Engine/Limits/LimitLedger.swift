import Synchronization
import Trajectory

/// Keeps the books of a run: what was spent, what is in flight, and whether one more request fits.
///
/// Every request reserves an estimate before it is sent and settles it with what it really used, so that a wide batch
/// cannot pass a limit together that each of its items would have respected alone. While a budget is set and nothing is
/// known of what a model costs, only one request to it is in flight at a time: the first answer sets the price of the
/// rest.
package final class LimitLedger: Sendable {
    /// What a request may use; given back by `settle`.
    struct Reservation: Sendable {
        fileprivate let model: Model
        fileprivate let promptTokens: Int
        fileprivate let tokens: Int
        fileprivate let cost: Double
        fileprivate let isProbe: Bool
    }

    private struct Books {
        var tokens = 0
        var cost = 0.0
        var reservedTokens = 0
        var reservedCost = 0.0
        var subcalls = 0
        var answers = 0
        var outputTokens = 0
        var rates: [Model: Rate] = [:]
        var stop: LimitReached?
    }

    /// What is known of a model's requests.
    private struct Rate {
        var isProbing = false
        var isKnown = false
        /// US dollars for a token of input or output, the highest seen.
        var perToken = 0.0
        /// The least that a request cost and used so far: no request is taken for smaller than that.
        var leastCost = Double.infinity
        var leastTokens = Int.max
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    package let limits: Limits
    private let books = Mutex(Books())

    package init(limits: Limits) { self.limits = limits }

    /// The limit that ended the run, once one has.
    package var stop: LimitReached? { books.withLock { $0.stop } }

    /// Marks the run as ended by a limit that is watched elsewhere, such as time. The first one stays.
    package func stop(_ limit: LimitReached) {
        books.withLock { books in
            if books.stop == nil { books.stop = limit }
        }
    }

    /// Counts sub-calls about to be made. Throws `LimitReached` when they do not all fit.
    func countSubcalls(_ count: Int) throws(LimitReached) {
        try books.withLock { books throws(LimitReached) in
            if let stop = books.stop { throw stop }
            if let most = limits.subcalls, books.subcalls + count > most {
                throw Self.end(
                    &books,
                    .maxSubcalls,
                    "\(books.subcalls) of \(most) sub-calls are made and \(count) more were asked for; raise --max-subcalls"
                )
            }
            books.subcalls += count
        }
    }

    /// Room for one request, or `LimitReached`. `characters` is the length of its prompt; the request for a best answer
    /// may still be sent after a limit that is not about what it uses.
    func reserve(
        model: Model,
        characters: Int,
        isBestAnswer: Bool = false
    ) async throws(LimitReached) -> Reservation {
        while true {
            if let reservation = try reserveNow(model: model, characters: characters, isBestAnswer: isBestAnswer) {
                return reservation
            }
            await withCheckedContinuation { continuation in
                let isOver = books.withLock { books in
                    guard books.rates[model]?.isProbing == true else { return true }
                    books.rates[model]?.waiters.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        }
    }

    /// Nil when the model's price is being found out.
    private func reserveNow(
        model: Model,
        characters: Int,
        isBestAnswer: Bool
    ) throws(LimitReached) -> Reservation? {
        try books.withLock { books throws(LimitReached) in
            if let stop = books.stop, !(isBestAnswer && stop.reason.leavesRoomForAnAnswer) { throw stop }
            let rate = books.rates[model, default: Rate()]
            let isProbe = limits.budget != nil && !rate.isKnown
            if isProbe && rate.isProbing { return nil }

            // Four characters a token and the mean answer so far: rough, and only for what is not known yet.
            let answer = books.answers == 0 ? 0 : books.outputTokens / books.answers
            let tokens = max((characters + 3) / 4 + answer, rate.leastTokens == .max ? 0 : rate.leastTokens)
            let cost = max(rate.perToken * Double(tokens), rate.leastCost.isFinite ? rate.leastCost : 0)
            if let most = limits.tokens, books.tokens + books.reservedTokens + tokens > most {
                throw Self.end(
                    &books,
                    .maxTokens,
                    "\(books.tokens) of \(most) tokens are used, \(books.reservedTokens) reserved in flight, and the next "
                        + "request needs about \(tokens); raise --max-tokens"
                )
            }
            if let most = limits.budget, books.cost + books.reservedCost + cost > most || books.cost >= most {
                throw Self.end(
                    &books,
                    .maxBudget,
                    "$\(Self.dollars(books.cost)) of $\(Self.dollars(most)) are spent, $\(Self.dollars(books.reservedCost)) "
                        + "reserved in flight, and the next request costs about $\(Self.dollars(cost)); raise --max-budget"
                )
            }
            books.reservedTokens += tokens
            books.reservedCost += cost
            if isProbe { books.rates[model, default: Rate()].isProbing = true }
            return Reservation(
                model: model, promptTokens: (characters + 3) / 4, tokens: tokens, cost: cost, isProbe: isProbe)
        }
    }

    /// Replaces a reservation by what was really used; nil when the request failed and nothing is known to be used.
    ///
    /// Tokens that were not reported count as estimated, so that a silent provider cannot pass a limit. A cost that
    /// nobody knows cannot be held to a budget: then the run ends, and says how the price can be told.
    func settle(_ reservation: Reservation, usage: Usage?, answerCharacters: Int = 0) {
        let waiters = books.withLock { books in
            books.reservedTokens -= reservation.tokens
            books.reservedCost -= reservation.cost
            if let usage {
                let output = usage.outputTokens ?? (answerCharacters + 3) / 4
                books.answers += 1
                books.outputTokens += output
                books.tokens += (usage.inputTokens ?? reservation.promptTokens) + output
                books.cost += usage.cost ?? 0
                if limits.budget != nil, usage.cost == nil, books.stop == nil {
                    let name = reservation.model.description
                    books.stop = LimitReached(
                        reason: .maxBudget,
                        message:
                            "nobody says what \(name) costs, so --max-budget cannot be held; tell its price in the "
                            + "settings, under [prices.\"\(name)\"], or use --max-tokens")
                }
                var rate = books.rates[reservation.model, default: Rate()]
                rate.isKnown = true
                if let tokens = usage.totalTokens { rate.leastTokens = min(rate.leastTokens, tokens) }
                if let cost = usage.cost {
                    rate.leastCost = min(rate.leastCost, cost)
                    if let tokens = usage.totalTokens, tokens > 0 {
                        rate.perToken = max(rate.perToken, cost / Double(tokens))
                    }
                }
                books.rates[reservation.model] = rate
            }
            guard reservation.isProbe else { return [CheckedContinuation<Void, Never>]() }
            books.rates[reservation.model]?.isProbing = false
            let waiters = books.rates[reservation.model]?.waiters ?? []
            books.rates[reservation.model]?.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func end(_ books: inout Books, _ reason: StopReason, _ message: String) -> LimitReached {
        let limit = LimitReached(reason: reason, message: message)
        books.stop = limit
        return limit
    }

    private static func dollars(_ amount: Double) -> String {
        let tenThousandths = Int((min(amount, 1e12) * 10_000).rounded())
        let fraction = String(tenThousandths % 10_000)
        return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }
}
