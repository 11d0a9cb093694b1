import REPL
import Trajectory
import TrajectoryStore

/// Where the loop of an `rlm` call begins: at its question, or behind iterations that are in the store already.
struct LoopStart: Sendable {
    /// A response that stands in for asking the model in the first iteration.
    struct GivenResponse: Sendable {
        var text: String
        var finishReason: String?
        /// The iteration it belongs to, where that has its row; nil to write one, of this origin.
        var iteration: IterationID?
        var origin: Origin
    }

    var progress: Progress
    var given: GivenResponse?
    /// Brings the new REPL to where `progress` stands: by checkpoint, or by running recorded blocks again.
    var prepare: @Sendable (REPL) async throws -> Void = { _ in }
}
