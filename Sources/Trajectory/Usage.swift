/// What completions used. Unknown is nil, never zero. Tokens are counts, cost is US dollars.
///
/// Servers and files are not to be trusted with numbers: what no completion can have used counts as unknown.
package struct Usage: Hashable, Sendable {
    /// Tokens of one completion that can be believed, and dollars.
    private static let believableTokens = 0...1_000_000_000
    private static let believableCost = 0...1_000_000.0

    package var inputTokens: Int?
    package var outputTokens: Int?
    /// Part of `inputTokens` that the provider had cached.
    package var cachedTokens: Int?
    /// Part of `outputTokens` spent on reasoning.
    package var reasoningTokens: Int?
    package var cost: Double?

    package init(
        inputTokens: Int? = nil, outputTokens: Int? = nil, cachedTokens: Int? = nil, reasoningTokens: Int? = nil,
        cost: Double? = nil
    ) {
        self.init(
            sumOf: Self.believed(inputTokens), Self.believed(outputTokens), Self.believed(cachedTokens),
            Self.believed(reasoningTokens), cost.flatMap { Self.believableCost.contains($0) ? $0 : nil })
    }

    /// A sum may be larger than what one completion can have used.
    package init(
        sumOf inputTokens: Int?, _ outputTokens: Int?, _ cachedTokens: Int?, _ reasoningTokens: Int?, _ cost: Double?
    ) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cachedTokens = cachedTokens
        self.reasoningTokens = reasoningTokens
        self.cost = cost
    }

    private static func believed(_ tokens: Int?) -> Int? { tokens.flatMap { believableTokens.contains($0) ? $0 : nil } }

    package static let unknown = Usage()

    /// Input and output together; nil when neither is known.
    package var totalTokens: Int? {
        inputTokens == nil && outputTokens == nil ? nil : (inputTokens ?? 0) + (outputTokens ?? 0)
    }
}

/// The sum of many usages that stays honest about the ones it does not know: `known` sums what was reported,
/// field by field (nil while nothing was), and the counts say how many completions reported no tokens or no cost.
package struct UsageTotal: Hashable, Sendable {
    package var known: Usage
    /// Completions summed, those of unknown usage included.
    package var completions: Int
    package var completionsOfUnknownTokens: Int
    package var completionsOfUnknownCost: Int

    package init(
        known: Usage = .unknown, completions: Int = 0, completionsOfUnknownTokens: Int = 0,
        completionsOfUnknownCost: Int = 0
    ) {
        self.known = known
        self.completions = completions
        self.completionsOfUnknownTokens = completionsOfUnknownTokens
        self.completionsOfUnknownCost = completionsOfUnknownCost
    }

    package init(_ usage: Usage) {
        self.init(
            known: usage, completions: 1, completionsOfUnknownTokens: usage.totalTokens == nil ? 1 : 0,
            completionsOfUnknownCost: usage.cost == nil ? 1 : 0)
    }

    package static func + (one: UsageTotal, other: UsageTotal) -> UsageTotal {
        UsageTotal(
            known: Usage(
                sumOf: sum(one.known.inputTokens, other.known.inputTokens),
                sum(one.known.outputTokens, other.known.outputTokens),
                sum(one.known.cachedTokens, other.known.cachedTokens),
                sum(one.known.reasoningTokens, other.known.reasoningTokens),
                sum(one.known.cost, other.known.cost)),
            completions: one.completions + other.completions,
            completionsOfUnknownTokens: one.completionsOfUnknownTokens + other.completionsOfUnknownTokens,
            completionsOfUnknownCost: one.completionsOfUnknownCost + other.completionsOfUnknownCost)
    }

    package static func += (total: inout UsageTotal, other: UsageTotal) { total = total + other }

    private static func sum<Number: AdditiveArithmetic>(_ one: Number?, _ other: Number?) -> Number? {
        guard let one else { return other }
        return one + (other ?? .zero)
    }
}
