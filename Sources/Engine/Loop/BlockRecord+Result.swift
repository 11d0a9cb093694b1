import Foundation
import REPL
import Trajectory
import TrajectoryStore

extension BlockRecord {
    /// What the store keeps of a block that has run.
    init(_ result: BlockResult) {
        self.init(
            status: Self.status(of: result.outcome),
            output: result.output,
            failure: Self.failure(of: result.outcome),
            variables: result.variables,
            seconds: result.seconds,
            waitingSeconds: result.waitingSeconds,
            stdoutHash: Data(result.stdoutHash),
            stderrHash: Data(result.stderrHash),
            answer: result.finalAnswer
        )
    }

    private static func status(of outcome: BlockResult.Outcome) -> Status {
        switch outcome {
        case .clean: .succeeded
        case .raised, .timedOut, .died: .failed
        case .limitReached: .limited
        case .cancelled: .cancelled
        }
    }

    private static func failure(of outcome: BlockResult.Outcome) -> Failure? {
        switch outcome {
        case .clean: nil
        case .raised(let failure), .died(let failure): failure
        case .limitReached(let message): Failure(kind: "limit", message: message)
        case .timedOut: Failure(kind: "timeout", message: "the block ran longer than it may and was interrupted")
        case .cancelled: Failure(kind: "cancelled", message: "the run was cancelled")
        }
    }
}
