import Foundation
import Glibc
import Trajectory

/// How a worker is started in an environment: the program, its arguments, and what it is told first.
struct WorkerLaunch: Sendable {
    let executable: String
    let arguments: [String]
    /// `NAME=VALUE`.
    let environment: [String]
    /// The private working folder on the host; nil where the sandbox has one in memory.
    let folder: String?
    let isSandbox: Bool
    /// What the kernel bounds, a little above what the host does: it is for what is too fast for the host.
    let processLimit: Int
    /// The Python that it comes to, for messages.
    let python: String
    /// The first frame, but for the token.
    private let settings: [String]

    /// - Throws: `REPLError` when Python, bubblewrap or a context is missing.
    init(
        environment kind: REPLEnvironment,
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
        // Not -I, which would have Python overlook the hash seed with all else: no other PYTHON… is in the environment,
        // -s leaves the user's packages out, and the bootstrap takes the working folder off the path.
        let start = [interpreter.path, "-s", "-B", "-X", "utf8", "-c", Self.bootstrap]
        processLimit = limits.processes + 16
        var processes = processLimit
        switch kind {
        case .sandbox:
            let bubblewrap = try Bubblewrap.find()
            let options = bubblewrap.options(
                readable: interpreter.prefixes,
                contexts: contexts.map(\.path),
                space: limits.fileSize,
                filter: SystemCallFilter.program == nil ? nil : 6
            )
            executable = bubblewrap.path
            arguments = options + ["--setenv", "PYTHONHASHSEED", String(seeds.hash), "--"] + start
            environment = []
            folder = nil
            isSandbox = true
            // Before 5.14 the kernel counts all processes of the user, not those of the sandbox.
            if !Self.kernelIsAtLeast(5, 14) { processes = -1 }
        case .local:
            executable = start[0]
            arguments = Array(start.dropFirst())
            let kept = ProcessInfo.processInfo.environment.filter { name, _ in
                ["PATH", "HOME", "LANG", "TMPDIR"].contains(name) || name.hasPrefix("LC_")
            }
            environment = kept.map { "\($0)=\($1)" }.sorted() + ["PYTHONHASHSEED=\(seeds.hash)"]
            folder = try Self.makeFolder()
            isSandbox = false
            processes = -1
        }
        let cpuSeconds = max(3600, Int(min(limits.secondsPerBlock, 1e6) * 100))
        // The sandbox has a process of its own that adopts orphans.
        let adopts = kind == .local ? 1 : 0
        var settings = [adopts, limits.memory, processes, limits.fileSize, cpuSeconds].map(String.init)
        settings += [String(seeds.random)] + WorkerFrame.limitSettings + [String(contexts.count)]
        for (index, mounted) in contexts.enumerated() {
            let context = mounted.context
            let path = kind == .sandbox ? Bubblewrap.contextPath(index) : mounted.path
            settings += [context.name, path, context.type.rawValue, String(context.parts.count)]
            for part in context.parts { settings += [part.path, String(part.start), String(part.end)] }
        }
        self.settings = settings + history
    }

    /// What a worker reads first: its source, then a frame with its settings.
    func greeting(token: String) -> [UInt8] {
        let source = PackageResources.worker_py
        let length = String(source.count, radix: 16)
        let header = String(repeating: "0", count: 8 - length.count) + length
        return Array(header.utf8) + source + WorkerFrame.encode(["start", "0", token] + settings)
    }

    /// Removes the working folder.
    func removeFolder() {
        guard let folder else { return }
        try? FileManager.default.removeItem(atPath: folder)
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

    private static func makeFolder() throws -> String {
        let base = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        var template = Array((base + "/rlm-tui.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw REPLError(
                code: .workerFailed,
                message: "No working folder can be made in \(base): \(String(cString: strerror(errno))). Set TMPDIR."
            )
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func kernelIsAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        return (version.majorVersion, version.minorVersion) >= (major, minor)
    }
}
