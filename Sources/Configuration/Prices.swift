package import Trajectory

/// What models cost: US dollars for a million tokens, by the names people give models, `PROVIDER/NAME`. A name that
/// ends in `*` stands for all that begin so; the longest that fits is taken.
package struct Prices: Hashable, Sendable {
    package struct Price: Hashable, Sendable {
        /// US dollars for a million tokens.
        package var input: Double
        package var output: Double
        /// For input that the provider had cached; nil means it costs what other input costs.
        package var cached: Double?

        package init(input: Double, output: Double, cached: Double? = nil) {
            self.input = input
            self.output = output
            self.cached = cached
        }
    }

    package var table: [String: Price]

    package init(table: [String: Price] = [:]) { self.table = table }

    package func price(of model: String) -> Price? {
        if let price = table[model] { return price }
        let patterns = table.keys.filter { $0.hasSuffix("*") && model.hasPrefix($0.dropLast()) }
        return patterns.max { $0.utf8.count < $1.utf8.count }.flatMap { table[$0] }
    }

    /// US dollars for what was used; nil where the price is not known, or input or output tokens are not. Cached tokens
    /// that nobody reported count as none.
    package func cost(of usage: Usage, model: String) -> Double? {
        guard let price = price(of: model), let input = usage.inputTokens, let output = usage.outputTokens,
            input >= 0, output >= 0
        else { return nil }
        let cached = min(max(0, usage.cachedTokens ?? 0), input)
        let dollars =
            Double(input - cached) * price.input + Double(cached) * (price.cached ?? price.input)
            + Double(output) * price.output
        return dollars / 1_000_000
    }

    package func cost(of usage: Usage, model: Model) -> Double? { cost(of: usage, model: model.description) }
}
