package import Foundation
package import Trajectory

/// What came of running a code block.
package struct BlockRecord: Sendable {
    package var status: Status
    package var output: Output
    package var failure: Failure?
    package var variables: [Variable]
    /// Wall time.
    package var seconds: Double?
    /// The part of `seconds` spent waiting for sub-calls.
    package var waitingSeconds: Double?
    /// SHA-256 of what it printed, whole, 32 bytes each, so that another run of the same code can be compared with it.
    package var stdoutHash: Data?
    package var stderrHash: Data?
    /// The final answer it gave; nil for most.
    package var answer: String?

    package init(
        status: Status,
        output: Output,
        failure: Failure? = nil,
        variables: [Variable] = [],
        seconds: Double? = nil,
        waitingSeconds: Double? = nil,
        stdoutHash: Data? = nil,
        stderrHash: Data? = nil,
        answer: String? = nil
    ) {
        self.status = status
        self.output = output
        self.failure = failure
        self.variables = variables
        self.seconds = seconds
        self.waitingSeconds = waitingSeconds
        self.stdoutHash = stdoutHash
        self.stderrHash = stderrHash
        self.answer = answer
    }
}
