package import Foundation
package import Trajectory

/// An iteration as a REPL is rebuilt from it: what the model said, and each block with the answers its sub-calls got.
package struct RecordedIteration: Sendable {
    package var id: IterationID
    /// From 1, in its call.
    package var ordinal: Int
    package var status: Status
    package var origin: Origin
    package var failure: Failure?
    /// The attempt that counts; its messages are `TrajectoryStore.messages(sentBy:)`.
    package var completion: CompletionID?
    /// Of the first attempt: what was asked before a person changed it.
    package var requestKey: Data?
    package var response: String?
    package var reasoning: String?
    package var finishReason: String?
    /// Why there is no response.
    package var completionFailure: Failure?
    package var blocks: [RecordedBlock]
    /// Sub-calls that no block is known for, as in some imported runs.
    package var looseCalls: [RecordedCall]
}

/// A block and what it is compared with when it is run again.
package struct RecordedBlock: Sendable {
    package var id: BlockID
    package var ordinal: Int
    package var attempt: Int
    package var code: String
    package var status: Status
    package var failure: Failure?
    /// SHA-256 of the whole streams; nil where nobody took it, as in imported runs.
    package var stdoutHash: Data?
    package var stderrHash: Data?
    package var output: Output
    package var answer: String?
    /// In the order they were made.
    package var calls: [RecordedCall]
}

/// A sub-call and the answer it got.
package struct RecordedCall: Sendable {
    package var id: CallID
    /// From 1, in its iteration.
    package var ordinal: Int
    package var kind: Call.Kind
    package var batch: Int?
    package var model: String?
    /// Of the first attempt: what the code asked before a person changed it.
    package var requestKey: Data?
    package var status: Status
    package var origin: Origin
    package var answer: String?
    package var failure: Failure?
    package var finishReason: String?
    /// What it used; unknown where nobody said.
    package var usage: Usage
}
