import ArgumentParser
import Configuration
import Trajectory
import Engine

/// The bounds of a run. A flag goes over the settings file, that over the default.
struct LimitOptions: ParsableArguments {
    private static let standard = Limits()

    @Option(
        help: ArgumentHelp(
            "Depth below which rlm_query starts a model with a REPL of its own (\(standard.depth)).", valueName: "n"))
    var maxDepth: Int?

    @Option(help: ArgumentHelp("Iterations of each rlm call (\(standard.iterations)).", valueName: "n"))
    var maxIterations: Int?

    @Option(help: ArgumentHelp("What the run may cost, in US dollars.", valueName: "usd"))
    var maxBudget: Double?

    @Option(help: ArgumentHelp("Tokens in and out of all completions together.", valueName: "n"))
    var maxTokens: Int?

    @Option(help: ArgumentHelp("Seconds the run may take.", valueName: "s"))
    var maxTimeout: Double?

    @Option(help: ArgumentHelp("Failed iterations in a row (\(standard.errors ?? 0)).", valueName: "n"))
    var maxErrors: Int?

    @Option(help: ArgumentHelp("Sub-calls of the whole run (\(standard.subcalls ?? 0)).", valueName: "n"))
    var maxSubcalls: Int?

    @Option(help: ArgumentHelp("Requests in flight at the same time (\(standard.concurrentSubcalls)).", valueName: "n"))
    var maxConcurrentSubcalls: Int?

    func validate() throws {
        for (flag, value) in [
            ("--max-depth", maxDepth), ("--max-iterations", maxIterations), ("--max-errors", maxErrors),
            ("--max-concurrent-subcalls", maxConcurrentSubcalls), ("--max-tokens", maxTokens),
        ] {
            if let value, value < 1 { throw ValidationError("\(flag) is a number from 1, not \(value)") }
        }
        if let maxSubcalls, maxSubcalls < 0 {
            throw ValidationError("--max-subcalls is a number from 0, not \(maxSubcalls)")
        }
        for (flag, value) in [("--max-budget", maxBudget), ("--max-timeout", maxTimeout)] {
            guard let value else { continue }
            guard value > 0, value <= 1e9 else {
                throw ValidationError("\(flag) is a number above 0 and at most 1e9, not \(value)")
            }
        }
    }

    func limits(_ settings: Settings) -> Limits {
        let standard = Self.standard
        let file = settings.limits
        return Limits(
            depth: maxDepth ?? file.maxDepth ?? standard.depth,
            iterations: maxIterations ?? file.maxIterations ?? standard.iterations,
            budget: maxBudget ?? file.maxBudget, tokens: maxTokens ?? file.maxTokens,
            timeout: maxTimeout ?? file.maxTimeout, errors: maxErrors ?? file.maxErrors ?? standard.errors,
            subcalls: maxSubcalls ?? file.maxSubcalls ?? standard.subcalls,
            concurrentSubcalls: maxConcurrentSubcalls ?? file.maxConcurrentSubcalls ?? standard.concurrentSubcalls)
    }
}
