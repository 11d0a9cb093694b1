package import Foundation
package import Trajectory

/// What a run is begun with.
package struct NewRun: Sendable {
    package var id: RunID
    /// Nil: a session of its own.
    package var session: RunID?
    package var question: String
    package var model: String?
    package var subModel: String?
    package var environment: String?
    package var mode: String
    package var settings: RunSettings
    /// Their bytes have been stored before, with `TrajectoryWriter.storeContext`.
    package var contexts: [Context]
    package var origin: Origin
    /// The file an imported run came from, and its format.
    package var source: String?
    package var sourceFormat: String?
    package var createdAt: Date
    /// The run this is a fork of, and the first node that differs. What lies before that is shared with it.
    package var forkedFrom: RunID?
    package var forkedAt: Address?
    /// What the fork changed, as JSON.
    package var change: String?
    package var name: String?
    package var note: String?
    /// What Python's hashes and its `random` module begin with.
    package var hashSeed: UInt32?
    package var randomSeed: UInt64?
    /// What a person should know of how it began, a line each, such as files that were passed over.
    package var notices: [String]

    package init(
        id: RunID,
        session: RunID? = nil,
        question: String,
        model: String?,
        subModel: String? = nil,
        environment: String? = nil,
        mode: String = "rlm",
        settings: RunSettings = RunSettings(),
        contexts: [Context] = [],
        origin: Origin = .live,
        source: String? = nil,
        sourceFormat: String? = nil,
        createdAt: Date,
        forkedFrom: RunID? = nil,
        forkedAt: Address? = nil,
        change: String? = nil,
        name: String? = nil,
        note: String? = nil,
        hashSeed: UInt32? = nil,
        randomSeed: UInt64? = nil,
        notices: [String] = []
    ) {
        self.id = id
        self.session = session
        self.question = question
        self.model = model
        self.subModel = subModel
        self.environment = environment
        self.mode = mode
        self.settings = settings
        self.contexts = contexts
        self.origin = origin
        self.source = source
        self.sourceFormat = sourceFormat
        self.createdAt = createdAt
        self.forkedFrom = forkedFrom
        self.forkedAt = forkedAt
        self.change = change
        self.name = name
        self.note = note
        self.hashSeed = hashSeed
        self.randomSeed = randomSeed
        self.notices = notices
    }
}
