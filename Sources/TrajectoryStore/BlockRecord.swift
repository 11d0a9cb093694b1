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

    package init(
        status: Status,
        output: Output,
        failure: Failure? = nil,
        variables: [Variable] = [],
        seconds: Double? = nil,
        waitingSeconds: Double? = nil
    ) {
        self.status = status
        self.output = output
        self.failure = failure
        self.variables = variables
        self.seconds = seconds
        self.waitingSeconds = waitingSeconds
    }
}
