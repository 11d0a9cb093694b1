import Glibc

/// Where workers run: how one is started, interrupted, measured and killed there. An environment is one file with a type that
/// conforms to this, and its line in `REPLEnvironment.makeHost`; nothing else asks which environment it is.
protocol WorkerHost: Sendable {
    /// What a worker is told about the place it runs in.
    var surroundings: WorkerSurroundings { get }

    /// Processes that come before Python in what `measure` finds: they belong to the environment and not to the code.
    var ownProcessCount: Int { get }

    /// Starts Python, which takes the worker's source from the connection.
    ///
    /// Called on the thread that minds the worker: a child that asked to die with its parent dies with the *thread*.
    ///
    /// - Parameter ends: the worker's ends of what leads to it.
    /// - Throws: `SystemError`.
    func start(_ ends: WorkerEnds) throws -> ChildProcess

    /// Raises `KeyboardInterrupt` in a block; where that has ended, nothing happens.
    func interrupt(block: Int, over line: Descriptor)

    /// Finds the worker and all that it started, parents before children. Stops after `limit` processes of the code.
    func measure(_ child: ChildProcess, limit: Int) -> ProcessTree

    /// Kills the worker and all that it started, and waits until they are gone, but not for ever.
    func kill(_ child: ChildProcess)

    /// What it means that Python did not start and this was the last line on stderr; nil where that was not the environment.
    func startFailure(_ said: String) -> REPLError?

    /// Takes away what was made for the workers, once none runs any more.
    func cleanUp()
}

extension WorkerHost {
    func interrupt(block: Int, over line: Descriptor) {
        let word = withUnsafeBytes(of: UInt64(block).littleEndian) { Array($0) }
        _ = Glibc.send(line.number, word, word.count, Int32(MSG_NOSIGNAL))
    }
}

/// What a worker is told about the place it runs in.
struct WorkerSurroundings: Sendable {
    /// Whether Python itself has to adopt processes whose parents have ended, so that they are found and killed.
    var adoptsOrphans: Bool
    /// Processes that Python asks the kernel to allow, nil where the kernel's count would not be that of the worker alone.
    var processLimit: Int?
    /// Where each context lies, in order.
    var contextPaths: [String]
}

/// The worker's ends of what leads to it, in the order of its descriptors from 0 on.
struct WorkerEnds {
    /// What user code prints.
    var stdout: Descriptor
    var stderr: Descriptor
    /// Frames both ways.
    var socket: Descriptor
    /// Interrupts.
    var line: Descriptor
    /// Descriptors for checkpoints.
    var control: Descriptor

    var descriptors: [Descriptor?] { [nil, stdout, stderr, socket, line, control] }
}

/// What a host needs to know to start workers.
struct WorkerPlan: Sendable {
    var interpreter: PythonInterpreter
    var contexts: [MountedContext]
    var limits: REPLLimits
    var seeds: REPLSeeds
    /// Processes that the kernel is to bound, a little more than the program itself does: it is for what is too fast to count.
    var processLimit: Int
    /// Python and its arguments, the program's own name first.
    var command: [String]
}

extension REPLEnvironment {
    /// - Throws: `REPLError` where the environment cannot be had.
    func makeHost(_ plan: WorkerPlan) throws -> any WorkerHost {
        switch self {
        case .sandbox: try SandboxHost(plan)
        case .local: try LocalHost(plan)
        }
    }
}
