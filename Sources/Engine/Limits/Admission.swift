import Trajectory

/// Decides whether one more request fits under a budget and a number of tokens, together with all that is in flight.
///
/// Each request reserves the most that it is to use: the tokens its prompt may have, and room for its answer, which the server
/// is told as output cap. While there is plenty, everybody gets a share and nobody waits. Once it gets tight, the first
/// request of a kind goes alone, the next ones in slowly growing number, each reserving more than the largest seen; and what
/// does not fit beside the others waits for them. Only a request that is alone is measured by what is likely: it is the one
/// that may pass a limit where a server counts in its own way, and the only one.
struct Admission {
    /// What a request may use; given back by `settle`.
    struct Reservation: Sendable {
        let demand: Demand
        /// Output tokens there is room for; nil where there is room for any answer.
        let outputCap: Int?
        fileprivate let tokens: Int
        fileprivate let cost: Double
    }

    enum Verdict {
        case go(Reservation)
        /// Others have to end first.
        case wait
        case refuse(StopReason, String)
    }

    /// Output tokens that are enough for any usual answer, and more than any model gives.
    private static let plenty = 8192
    private static let moreThanAny = 131_072

    private let limits: Limits
    private var experience: Experience
    private(set) var tokens = 0
    private(set) var cost = 0.0
    private var reservedTokens = 0
    private var reservedCost = 0.0
    private var inFlight = 0
    private var inFlightByKind: [Demand.Kind: Int] = [:]

    init(limits: Limits, price: @escaping @Sendable (Usage, Model) -> Double?) {
        self.limits = limits
        experience = Experience(price: price)
    }

    /// Whether nothing is in flight.
    var isIdle: Bool { inFlight == 0 }

    private var freeTokens: Double { limits.tokens.map { Double($0 - tokens - reservedTokens) } ?? .infinity }
    /// A trifle less than there is, for what sums of fractions are off by.
    private var freeMoney: Double { limits.budget.map { $0 * (1 - 1e-9) - cost - reservedCost } ?? .infinity }

    mutating func admit(_ demand: Demand) -> Verdict {
        let answers = experience.answers(demand.kind)
        let most = experience.mostPrompt(demand)
        if limits.budget == nil || experience.prices(demand.model) != nil {
            let width = Double(max(1, limits.concurrentSubcalls - inFlight))
            let share = output(after: most, demand, tokens: freeTokens / width, money: freeMoney / width)
            if share >= Double(Self.plenty) { return go(demand, prompt: most, output: share) }
            let needed = max(Double(experience.mostOutput(demand.kind)), share)
            let isInTurn = answers > 0 && (inFlightByKind[demand.kind] ?? 0) < 2 * answers
            if isInTurn, output(after: most, demand, tokens: freeTokens, money: freeMoney) >= needed {
                return go(demand, prompt: most, output: needed)
            }
        }
        guard isIdle else { return .wait }
        let likely = experience.likelyPrompt(demand)
        let room = output(after: likely, demand, tokens: freeTokens, money: freeMoney)
        let least = max(1, min(experience.leastOutput(demand.kind), demand.outputSet ?? .max))
        if let budget = limits.budget, cost >= budget { return refuse(demand, prompt: likely, output: least) }
        guard room >= Double(least) else { return refuse(demand, prompt: likely, output: least) }
        return go(demand, prompt: likely, output: room)
    }

    /// Output tokens that fit behind a prompt of so many.
    private func output(after prompt: Int, _ demand: Demand, tokens: Double, money: Double) -> Double {
        var output = tokens - Double(prompt)
        if money.isFinite, let prices = experience.prices(demand.model) {
            let left = money - Double(prompt) * prices.input
            if left < 0 { return -1 }
            if prices.output > 0 { output = min(output, left / prices.output) }
        }
        return output
    }

    private mutating func go(_ demand: Demand, prompt: Int, output: Double) -> Verdict {
        let cap = Int(min(output, Double(Self.moreThanAny)))
        let asked = min(cap, demand.outputSet ?? .max)
        let prices = limits.budget == nil ? nil : experience.prices(demand.model)
        let reservation = Reservation(
            demand: demand,
            outputCap: cap == Self.moreThanAny || asked < cap ? nil : cap,
            tokens: prompt + asked,
            cost: prices.map { Double(prompt) * $0.input + Double(asked) * $0.output } ?? 0
        )
        reservedTokens += reservation.tokens
        reservedCost += reservation.cost
        inFlight += 1
        inFlightByKind[demand.kind, default: 0] += 1
        return .go(reservation)
    }

    /// Counts what an earlier engine of the same run used.
    mutating func charge(_ usage: Usage) {
        tokens += usage.totalTokens ?? 0
        cost += usage.cost ?? 0
    }

    /// Replaces a reservation by what was really used; nil when the request failed and nothing is known to be used.
    ///
    /// Tokens that were not reported count as estimated, so that a silent provider cannot pass a limit.
    mutating func settle(_ reservation: Reservation, usage: Usage?, answer: String) {
        let demand = reservation.demand
        reservedTokens -= reservation.tokens
        // A sum of differences never comes out at zero by itself.
        reservedCost = inFlight == 1 ? 0 : reservedCost - reservation.cost
        inFlight -= 1
        inFlightByKind[demand.kind, default: 1] -= 1
        guard let usage else { return }
        let input = usage.inputTokens ?? demand.likelyPrompt
        let output = usage.outputTokens ?? TokenEstimate.likely(answer)
        tokens += input + output
        cost += usage.cost ?? 0
        experience.learn(demand, input: input, output: output, cost: usage.cost)
    }

    private func refuse(_ demand: Demand, prompt: Int, output: Int) -> Verdict {
        if let most = limits.tokens, Double(prompt + output) > freeTokens {
            return .refuse(
                .maxTokens,
                "\(tokens) of \(most) tokens are used, and the next request needs about \(prompt + output); raise "
                    + "--max-tokens"
            )
        }
        let prices = experience.prices(demand.model)
        let next = prices.map { Double(prompt) * $0.input + Double(output) * $0.output } ?? 0
        return .refuse(
            .maxBudget,
            "$\(Self.dollars(cost)) of $\(Self.dollars(limits.budget ?? 0)) are spent, and the next request costs about "
                + "$\(Self.dollars(next)); raise --max-budget"
        )
    }

    private static func dollars(_ amount: Double) -> String {
        let tenThousandths = Int((min(amount, 1e12) * 10_000).rounded())
        let fraction = String(tenThousandths % 10_000)
        return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }
}
