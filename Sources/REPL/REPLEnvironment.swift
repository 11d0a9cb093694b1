package import Trajectory

/// Where a REPL runs.
package enum REPLEnvironment: String, Sendable, CaseIterable {
    /// bubblewrap: no network, no home, nothing writable outside a private folder.
    case sandbox
    /// A plain child process with the user's rights.
    case local
}

/// A context as the worker finds it: a file on the host, read where it lies.
package struct MountedContext: Sendable {
    package var context: Context
    /// Absolute path on the host.
    package var path: String

    package init(context: Context, path: String) {
        self.context = context
        self.path = path
    }
}

/// The bounds of one REPL, enforced outside the Python process.
package struct REPLLimits: Sendable {
    /// Seconds a block may run, waiting for sub-calls not counted.
    package var secondsPerBlock: Double
    /// Bytes of address space.
    package var memory: Int
    package var processes: Int
    /// Bytes any one file may grow to.
    package var fileSize: Int
    /// Bytes of a block's stdout and stderr together that are kept; of what is longer, head and tail.
    package var outputKept: Int
    /// Bytes a block may print before it is stopped.
    package var outputPrinted: Int
    /// Checkpoints that are kept at once.
    package var checkpoints: Int
    /// Bytes that checkpoints may take in addition to what the code itself takes.
    package var checkpointMemory: Int
    /// Bytes of memory up to which a checkpoint is taken after each block that ran clean, so that a block that has to be
    /// killed costs its own variables alone.
    package var automaticCheckpointMemory: Int

    package init(
        secondsPerBlock: Double = 120,
        memory: Int = 8 << 30,
        processes: Int = 64,
        fileSize: Int = 1 << 30,
        outputKept: Int = 64 << 20,
        outputPrinted: Int = 256 << 20,
        checkpoints: Int = 8,
        checkpointMemory: Int = 1 << 30,
        automaticCheckpointMemory: Int = 256 << 20
    ) {
        self.secondsPerBlock = secondsPerBlock
        self.memory = memory
        self.processes = processes
        self.fileSize = fileSize
        self.outputKept = outputKept
        self.outputPrinted = outputPrinted
        self.checkpoints = checkpoints
        self.checkpointMemory = checkpointMemory
        self.automaticCheckpointMemory = automaticCheckpointMemory
    }
}
