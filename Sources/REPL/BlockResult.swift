package import Trajectory

/// The result of running one code block. A block that raised, hung, exited or died is a result, not an error.
package struct BlockResult: Sendable {
    package enum Outcome: Sendable, Hashable {
        case clean
        /// The code raised; kind is the exception's class name, message its text. The traceback, user frames only,
        /// is in stderr.
        case raised(Failure)
        /// A limit of the run ended it (`LimitReached`).
        case limitReached(String)
        /// Over its time; interrupted, variables kept.
        case timedOut
        case cancelled
        /// The process died: killed, out of memory, `os._exit`. The REPL goes on, as `aftermath` says.
        case died(Failure)
    }

    /// What became of the variables. Running the blocks again has to repeat this.
    package enum Aftermath: Sendable, Hashable {
        /// They are as the block left them.
        case kept
        /// The process is gone; the REPL went on from its last checkpoint, as it was after that many blocks.
        case undone(toBlock: Int)
        /// The process is gone; the REPL began anew, with the contexts alone.
        case lost
    }

    package var outcome: Outcome
    package var aftermath: Aftermath
    /// Each stream whole, as long as both together are within `REPLLimits.outputKept`.
    package var output: Output
    /// SHA-256 of all that the block and what it started printed, 32 bytes each: for telling whether a block that is run
    /// again does as it did. What the REPL itself adds to stderr, such as that a new Python has started, is not in it.
    package var stdoutHash: [UInt8]
    package var stderrHash: [UInt8]
    /// After the block, in order of first assignment; the REPL's own names and imported modules left out.
    package var variables: [Variable]
    /// The final answer, if this block ran clean and left `answer["ready"]` true or called `FINAL` or `FINAL_VAR`.
    package var finalAnswer: String?
    /// What stands in `answer["content"]` after the block without being said to be ready: the best there is if the run
    /// must end here.
    package var unfinishedAnswer: String?
    /// Wall seconds, waiting included.
    package var seconds: Double
    /// Wall seconds spent waiting for sub-calls.
    package var waitingSeconds: Double

    package init(
        outcome: Outcome,
        aftermath: Aftermath = .kept,
        output: Output,
        stdoutHash: [UInt8],
        stderrHash: [UInt8],
        variables: [Variable],
        finalAnswer: String?,
        unfinishedAnswer: String? = nil,
        seconds: Double,
        waitingSeconds: Double
    ) {
        self.outcome = outcome
        self.aftermath = aftermath
        self.output = output
        self.stdoutHash = stdoutHash
        self.stderrHash = stderrHash
        self.variables = variables
        self.finalAnswer = finalAnswer
        self.unfinishedAnswer = unfinishedAnswer
        self.seconds = seconds
        self.waitingSeconds = waitingSeconds
    }
}
