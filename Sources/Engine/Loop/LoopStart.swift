import Foundation
import REPL
import Trajectory
import TrajectoryStore

/// Where the loop of an `rlm` call begins: at its question, or behind iterations that are in the store already.
struct LoopStart: Sendable {
    /// A response that stands in for asking the model in the first iteration, which is written anew.
    struct GivenResponse: Sendable {
        var text: String
        var reasoning: String?
        var finishReason: String?
        var origin: Origin

        var answer: Recording.Answer {
            Recording.Answer(text: text, reasoning: reasoning, finishReason: finishReason, usage: .unknown)
        }
    }

    var progress: Progress
    /// What is run again, in order, to bring the new REPL to where `progress` stands.
    var replay: [ReplayedBlock] = []
    /// The answer of a call that an earlier engine had left at its very end; nothing more is to be done for it.
    var answer: String?
    /// A REPL that stands there already, in place of running `replay`.
    var kept: (kept: REPLKeeper.Kept, point: REPLKeeper.Point)?
    var given: GivenResponse?
    /// By ordinal, the code that runs in the first iteration's blocks in place of the response's.
    var codes: [Int: String] = [:]
    /// What is different in the first iteration and below it, in a fork.
    var path: ChangePath?
    /// The first iteration as an earlier engine left it, in a run that goes on.
    var open: OpenIteration?
}

/// A block of an earlier execution, with what is compared when it is run again and what its sub-calls are given.
struct ReplayedBlock: Sendable {
    var address: Address
    var code: String
    var status: Status
    /// SHA-256 of the whole streams; nil where nobody took it.
    var stdoutHash: Data?
    var stderrHash: Data?
    /// In the order they were made.
    var calls: [ReplayedCall]
    /// Whether a person dropped it: it did not run, and does not run again.
    var wasDropped = false
}

struct ReplayedCall: Sendable {
    var ordinal: Int
    /// By its request, and by its messages alone.
    var keys: [Data]
    var kind: Call.Kind
    var status: Status
    var answer: String?
    var failure: Failure?

    var outcome: SubcallOutcome {
        if status == .succeeded { return .answer(answer ?? "") }
        let failure = failure ?? Failure(kind: "no_answer", message: "no answer was recorded")
        return status == .limited ? .limit(failure.message) : .failure(failure)
    }
}

/// An iteration that an earlier engine had begun and not ended: its rows are gone on with.
struct OpenIteration: Sendable {
    var id: IterationID
    /// From 1, in its call.
    var ordinal: Int
    var completion: CompletionID
    /// What the model said; nil where it was not asked yet, or had not answered.
    var answer: Recording.Answer?
    /// The whole prompt, as it was or is to be sent.
    var messages: [Message]
    /// Whether it is the last request of a call that met a limit.
    var isBestAnswer: Bool
    var blocks: [Int: OpenBlock]
    var calls: OpenCalls
}

struct OpenBlock: Sendable {
    var id: BlockID
    /// What a person changed it to is another attempt, whose code this is.
    var code: String
    /// Nil while it had not ended.
    var ended: ReplayedBlock?
}
