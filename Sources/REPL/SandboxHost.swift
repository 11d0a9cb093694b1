import Foundation
import Glibc

/// Workers in a bubblewrap sandbox: no network, no home, nothing writable outside a private folder in memory.
struct SandboxHost: WorkerHost {
    let surroundings: WorkerSurroundings
    /// bubblewrap outside the sandbox, and the first process inside it.
    let ownProcessCount = 2
    private let executable: String
    private let arguments: [String]

    /// - Throws: `REPLError.bubblewrapMissing`.
    init(_ plan: WorkerPlan) throws {
        let bubblewrap = try Bubblewrap.find()
        // The filter's descriptor comes after the ends.
        let options = bubblewrap.options(
            readable: plan.interpreter.prefixes,
            contexts: plan.contexts.map(\.path),
            space: plan.limits.fileSize,
            filter: SystemCallFilter.program == nil ? nil : 6
        )
        executable = bubblewrap.path
        arguments = options + ["--setenv", "PYTHONHASHSEED", String(plan.seeds.hash), "--"] + plan.command
        surroundings = WorkerSurroundings(
            // The first process in the sandbox does.
            adoptsOrphans: false,
            // Before 5.14 the kernel counts all processes of the user, not those of the sandbox.
            processLimit: Self.kernelIsAtLeast(5, 14) ? plan.processLimit : nil,
            contextPaths: plan.contexts.indices.map(Bubblewrap.contextPath)
        )
    }

    func start(_ ends: WorkerEnds) throws -> ChildProcess {
        let filter = try SystemCallFilter.descriptor().map { [$0] } ?? []
        return try ChildProcess(
            executable, arguments: arguments, environment: [], descriptors: ends.descriptors + filter)
    }

    func measure(_ child: ChildProcess, limit: Int) -> ProcessTree {
        ProcessTree(root: child.identifier, limit: limit + ownProcessCount)
    }

    /// The first process inside takes all others with it; bubblewrap outside then ends by itself.
    func kill(_ child: ChildProcess) {
        guard child.end == nil else { return }
        let inner = ProcessTree(root: child.identifier, limit: 1).processes.dropFirst()
        for process in inner { Glibc.kill(process, SIGKILL) }
        if !inner.isEmpty, child.reap(within: 3) != nil { return }
        Glibc.kill(child.identifier, SIGKILL)
        _ = child.reap(within: 3)
    }

    func startFailure(_ said: String) -> REPLError? { said.hasPrefix("bwrap:") ? Bubblewrap.error(said) : nil }

    /// All that a sandbox had is gone with it.
    func cleanUp() {}

    private static func kernelIsAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        return (version.majorVersion, version.minorVersion) >= (major, minor)
    }
}
