package import Foundation

/// One question answered: one root call and all below it, as lists and headers show it.
package struct Run: Hashable, Sendable {
    package var id: RunID
    package var session: RunID
    /// From 1, in its session.
    package var turn: Int
    package var question: String
    /// `PROVIDER/NAME` of the root; nil where an imported file did not say.
    package var model: String?
    package var subModel: String?
    package var environment: String?
    package var mode: String
    package var status: Status
    package var stopReason: StopReason?
    package var answer: String?
    package var failure: Failure?
    package var origin: Origin
    /// The file an imported run came from.
    package var source: String?
    /// The format of that file, for example `rlms`.
    package var sourceFormat: String?
    /// The run this one is a fork of, and where it differs first.
    package var forkedFrom: RunID?
    package var forkedAt: Address?
    package var settings: RunSettings
    package var createdAt: Date
    package var endedAt: Date?
    /// The engine said it was alive then; nil for imported runs.
    package var heartbeatAt: Date?
    package var root: CallID?
    /// Iterations of the root call.
    package var iterations: Int
    /// Every call of the tree, the root's included.
    package var calls: CallCounts
    /// Requests on their way to a model just now; nil where nobody counted. Calls that only hold others make none.
    package var requestsInFlight: Int?
    package var usage: UsageTotal
    /// The deepest call so far.
    package var deepest: Int
    /// What a person called it, and wrote about it.
    package var name: String?
    package var note: String?
    /// What a fork changed, as JSON.
    package var change: String?
    /// What Python's hashes and its `random` module began with; nil where nobody fixed them.
    package var hashSeed: UInt32?
    package var randomSeed: UInt64?
    /// What a person should know of how it began, a line each, such as files that were passed over.
    package var notices: [String] = []

    package init(
        id: RunID, session: RunID, turn: Int, question: String, model: String?, subModel: String?,
        environment: String?, mode: String, status: Status, stopReason: StopReason?, answer: String?,
        failure: Failure?, origin: Origin, source: String?, sourceFormat: String?, forkedFrom: RunID?,
        forkedAt: Address?, settings: RunSettings, createdAt: Date, endedAt: Date?, heartbeatAt: Date?, root: CallID?,
        iterations: Int, calls: CallCounts, usage: UsageTotal, deepest: Int
    ) {
        self.id = id
        self.session = session
        self.turn = turn
        self.question = question
        self.model = model
        self.subModel = subModel
        self.environment = environment
        self.mode = mode
        self.status = status
        self.stopReason = stopReason
        self.answer = answer
        self.failure = failure
        self.origin = origin
        self.source = source
        self.sourceFormat = sourceFormat
        self.forkedFrom = forkedFrom
        self.forkedAt = forkedAt
        self.settings = settings
        self.createdAt = createdAt
        self.endedAt = endedAt
        self.heartbeatAt = heartbeatAt
        self.root = root
        self.iterations = iterations
        self.calls = calls
        self.usage = usage
        self.deepest = deepest
    }
}

/// What a run was started with, kept with it so that it can be resumed and compared. Holds no key and no URL with a
/// password.
package struct RunSettings: Hashable, Sendable, Codable {
    package var maxDepth: Int?
    package var maxIterations: Int?
    /// US dollars.
    package var maxBudget: Double?
    package var maxTokens: Int?
    /// Seconds.
    package var maxTimeout: Double?
    /// Failed iterations in a row.
    package var maxErrors: Int?
    package var maxSubcalls: Int?
    package var maxConcurrentSubcalls: Int?
    package var baseURL: String?
    /// `KEY=VALUE`, as given.
    package var sampling: [String: String]
    package var seed: Int?

    package init(
        maxDepth: Int? = nil, maxIterations: Int? = nil, maxBudget: Double? = nil, maxTokens: Int? = nil,
        maxTimeout: Double? = nil, maxErrors: Int? = nil, maxSubcalls: Int? = nil, maxConcurrentSubcalls: Int? = nil,
        baseURL: String? = nil, sampling: [String: String] = [:], seed: Int? = nil
    ) {
        self.maxDepth = maxDepth
        self.maxIterations = maxIterations
        self.maxBudget = maxBudget
        self.maxTokens = maxTokens
        self.maxTimeout = maxTimeout
        self.maxErrors = maxErrors
        self.maxSubcalls = maxSubcalls
        self.maxConcurrentSubcalls = maxConcurrentSubcalls
        self.baseURL = baseURL
        self.sampling = sampling
        self.seed = seed
    }
}
