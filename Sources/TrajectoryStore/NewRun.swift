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
        createdAt: Date
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
    }
}
