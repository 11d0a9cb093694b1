import Engine
import Trajectory
import Views

/// A forecast as `rerun --continue --dry-run --json` prints it; null where nobody can know.
struct ForecastJSON: Encodable {
    let forecast: Forecast

    private enum CodingKeys: String, CodingKey {
        case live_calls, recorded_calls, iterations, tokens, cost_usd, cannot_repeat
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(forecast.liveCalls, forKey: .live_calls)
        try container.encode(forecast.recordedCalls, forKey: .recorded_calls)
        try container.encode(forecast.iterations, forKey: .iterations)
        try container.encode(forecast.tokens, forKey: .tokens)
        try container.encode(forecast.cost, forKey: .cost_usd)
        try container.encode(forecast.cannotRepeat, forKey: .cannot_repeat)
    }
}

enum ForecastText {
    /// `1 call asked anew, 99 from the store, about 1,200 tokens, $0.0012`.
    static func line(_ forecast: Forecast) -> String {
        let live =
            forecast.liveCalls.map { "\($0.counted("sub-call")) asked anew" }
            ?? "how many are asked anew is up to the code"
        let tokens = forecast.tokens.map { "about \($0.grouped) tokens" } ?? "tokens unknown"
        let cost = forecast.cost.map { Figures().cost($0) } ?? "cost unknown"
        return "\(live), \(forecast.recordedCalls.grouped) from the store, \(tokens), \(cost)"
    }

    static func say(_ forecast: Forecast) {
        StandardOutput.say(
            "sub-calls   \(forecast.liveCalls.map { "\($0.grouped) asked of a model" } ?? "the code decides how many are asked of a model")"
        )
        StandardOutput.say("            \(forecast.recordedCalls.grouped) from the store")
        StandardOutput.say("iterations  \(forecast.iterations.map { $0.grouped } ?? "the model decides how many more")")
        StandardOutput.say(
            "tokens      \(forecast.tokens.map { "about \($0.grouped)" } ?? "unknown"), if it goes on as it did")
        StandardOutput.say("cost        \(forecast.cost.map { "about \(Figures().cost($0))" } ?? "unknown")")
        for line in forecast.cannotRepeat { StandardOutput.say("may differ  \(line)") }
    }
}
