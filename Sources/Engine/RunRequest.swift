package import REPL
package import Trajectory

/// What is asked for when a run is started.
package struct RunRequest: Sendable {
    package var question: String
    /// As given on the command line: paths, folders, patterns, URLs, `-`.
    package var contexts: [String]
    /// Nil chooses by what the context is.
    package var contextType: ContextType?
    package var model: Model
    /// Nil for the same as `model`.
    package var subModel: Model?
    package var limits: Limits
    package var environment: REPLEnvironment
    package var replLimits: REPLLimits
    package var sampling: [String: String]
    package var seed: Int?
    /// What Python's hashes and its `random` module begin with. Made by chance for a run that does not say.
    package var seeds: REPLSeeds
    /// What stops at which node, until a person lets it go on.
    package var holdRules: [HoldRule] = []
    /// Whether the run ends once all that goes on in it waits for a person, as where there is no screen.
    package var endsWhenHeld = false
    /// Is asked, with what did not repeat what was recorded, whether to go on all the same; nil goes on.
    package var mayGoOn: (@Sendable ([String]) async -> Bool)?
    /// Where its REPL is kept for forks, in a process that goes on after the run.
    package var keeper: REPLKeeper?
    /// Kept with the run, for people; never with a password in it.
    package var baseURL: String?
    /// What usage costs in US dollars where the provider does not say; nil where nobody knows.
    package var price: @Sendable (Usage, Model) -> Double?

    package init(
        question: String,
        contexts: [String],
        contextType: ContextType? = nil,
        model: Model,
        subModel: Model? = nil,
        limits: Limits = Limits(),
        environment: REPLEnvironment = .sandbox,
        replLimits: REPLLimits = REPLLimits(),
        sampling: [String: String] = [:],
        seed: Int? = nil,
        baseURL: String? = nil,
        price: @escaping @Sendable (Usage, Model) -> Double? = { _, _ in nil }
    ) {
        self.question = question
        self.contexts = contexts
        self.contextType = contextType
        self.model = model
        self.subModel = subModel
        self.limits = limits
        self.environment = environment
        self.replLimits = replLimits
        self.sampling = sampling
        self.seed = seed
        seeds =
            seed.map { REPLSeeds(hash: UInt32(truncatingIfNeeded: $0), random: UInt64(bitPattern: Int64($0))) }
            ?? REPLSeeds(hash: .random(in: 1...UInt32.max), random: .random(in: 0...UInt64.max))
        self.baseURL = baseURL
        self.price = price
    }

    var settings: RunSettings {
        RunSettings(
            maxDepth: limits.depth,
            maxIterations: limits.iterations,
            maxBudget: limits.budget,
            maxTokens: limits.tokens,
            maxTimeout: limits.timeout,
            maxErrors: limits.errors,
            maxSubcalls: limits.subcalls,
            maxConcurrentSubcalls: limits.concurrentSubcalls,
            baseURL: baseURL,
            sampling: sampling,
            seed: seed
        )
    }
}

/// How a run ended.
package struct RunResult: Sendable {
    package var run: RunID
    package var status: Status
    package var stopReason: StopReason
    package var answer: String?
    package var failure: Failure?
    /// Whether the provider or the environment was not to be had, as against a run that went wrong.
    package var isUnavailable: Bool
    package var wallSeconds: Double
    /// Sub-calls that were asked of a model, as far as this process went.
    package var liveCalls = 0
    /// Sub-calls that were answered from the store.
    package var recordedCalls = 0
    /// Nodes that did not repeat what was recorded, in the order in which that showed.
    package var diverged: [Address] = []
    /// What a person should know of how it went: a line each.
    package var notices: [String] = []

    package init(
        run: RunID, status: Status, stopReason: StopReason, answer: String?, failure: Failure?, isUnavailable: Bool,
        wallSeconds: Double
    ) {
        self.run = run
        self.status = status
        self.stopReason = stopReason
        self.answer = answer
        self.failure = failure
        self.isUnavailable = isUnavailable
        self.wallSeconds = wallSeconds
    }
}
