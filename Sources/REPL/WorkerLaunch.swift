import Foundation
import Glibc
import Trajectory

/// What it takes to start the workers of a REPL: where they run, and what each is told first.
struct WorkerLaunch: Sendable {
    let host: any WorkerHost
    /// Processes that the kernel is to bound, a little more than the program itself does: it is for what is too fast to count.
    let processLimit: Int
    /// The Python that workers run on, for messages.
    let python: String
    /// The first frame, but for the token.
    private let settings: [String]

    /// - Throws: `REPLError` when Python, the environment or a context is missing.
    init(
        environment: REPLEnvironment,
        contexts: [MountedContext],
        history: [String],
        limits: REPLLimits,
        seeds: REPLSeeds = REPLSeeds(),
        python: String?
    ) throws {
        for context in contexts {
            guard Self.isReadable(context.path) else {
                throw REPLError(
                    code: .contextUnreadable,
                    message: "The file of \(context.context.name) cannot be read: \(context.path)."
                )
            }
        }
        let interpreter = try PythonInterpreter.find(python)
        self.python = interpreter.path
        processLimit = limits.processes + 16
        let plan = WorkerPlan(
            interpreter: interpreter,
            contexts: contexts,
            limits: limits,
            seeds: seeds,
            processLimit: processLimit,
            // Not -I, with which Python would not see the hash seed either. No other PYTHON… is in the environment, -s leaves
            // the user's packages out, and the bootstrap takes the working folder off the path.
            command: [interpreter.path, "-s", "-B", "-X", "utf8", "-c", Self.bootstrap]
        )
        host = try environment.makeHost(plan)
        let surroundings = host.surroundings
        let cpuSeconds = max(3600, Int(min(limits.secondsPerBlock, 1e6) * 100))
        var settings = [
            surroundings.adoptsOrphans ? 1 : 0, limits.memory, surroundings.processLimit ?? -1, limits.fileSize,
            cpuSeconds,
        ].map(String.init)
        settings += [String(seeds.random)] + WorkerFrame.limitSettings + [String(contexts.count)]
        for (mounted, path) in zip(contexts, surroundings.contextPaths) {
            let context = mounted.context
            settings += [context.name, path, context.type.rawValue, String(context.parts.count)]
            for part in context.parts { settings += [part.path, String(part.start), String(part.end)] }
        }
        self.settings = settings + history
    }

    /// What a worker reads first: its source, then a frame with its settings.
    func greeting(token: String) -> [UInt8] {
        let source = PackageResources.worker_py
        return Array(source.count.hexadecimal(digits: 8).utf8) + source
            + WorkerFrame.encode(["start", "0", token] + settings)
    }

    /// Exit codes of the bootstrap below.
    static let tooOldStatus: Int32 = 79

    /// Takes the worker's source from the socket, so that it is in no file and no list of processes.
    private static let bootstrap = """
        import sys
        if sys.version_info < (3, 9): sys.exit(79)
        if sys.path[:1] == ['']: del sys.path[0]
        from os import read
        def take(count):
            data = b''
            while len(data) < count:
                more = read(3, count - len(data))
                if not more: sys.exit(80)
                data += more
            return data
        exec(compile(take(int(take(8), 16)), '<worker>', 'exec'), {'__name__': 'worker'})
        """

    /// Whether it is a file that can be opened, not only one that is there.
    private static func isReadable(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var status = stat()
        return fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
