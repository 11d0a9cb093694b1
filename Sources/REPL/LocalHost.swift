import Foundation
import Glibc
import Synchronization

/// Workers as plain child processes with the user's rights, in a private working folder.
final class LocalHost: WorkerHost {
    let surroundings: WorkerSurroundings
    let ownProcessCount = 0
    private let command: [String]
    private let environment: [String]
    private let folder: String
    /// Processes that were found below the worker, with the time they started: they may leave its session, and their parents
    /// may end.
    private let found = Mutex<[pid_t: UInt64]>([:])

    /// - Throws: `REPLError` where no folder can be made.
    init(_ plan: WorkerPlan) throws {
        command = plan.command
        let kept = ProcessInfo.processInfo.environment.filter { name, _ in
            ["PATH", "HOME", "LANG", "TMPDIR"].contains(name) || name.hasPrefix("LC_")
        }
        environment = kept.map { "\($0)=\($1)" }.sorted() + ["PYTHONHASHSEED=\(plan.seeds.hash)"]
        // The kernel would count all processes of the user.
        surroundings = WorkerSurroundings(
            adoptsOrphans: true, processLimit: nil, contextPaths: plan.contexts.map(\.path))
        folder = try Self.makeFolder()
    }

    func start(_ ends: WorkerEnds) throws -> ChildProcess {
        found.withLock { $0 = [:] }
        return try ChildProcess(
            command[0],
            arguments: Array(command.dropFirst()),
            environment: environment,
            descriptors: ends.descriptors,
            folder: folder
        )
    }

    func measure(_ child: ChildProcess, limit: Int) -> ProcessTree {
        let tree = ProcessTree(root: child.identifier, limit: limit)
        found.withLock { found in
            for process in tree.processes where process != child.identifier && found[process] == nil {
                found[process] = ProcessTree.startTime(of: process)
            }
        }
        return tree
    }

    /// The worker adopts orphans, so it goes last, and starts nothing meanwhile.
    func kill(_ child: ChildProcess) {
        if child.end == nil { Glibc.kill(child.identifier, SIGSTOP) }
        for _ in 0..<100 {
            // Once it was asked how it ended, its number may be another's; that of its session may not.
            var victims = Set(ProcessTree.session(child.identifier))
            if child.end == nil { victims.formUnion(measure(child, limit: 100_000).processes) }
            for (process, start) in found.withLock({ $0 }) where ProcessTree.startTime(of: process) == start {
                victims.formUnion(ProcessTree(root: process, limit: 100_000).processes)
            }
            victims.remove(child.identifier)
            for process in victims { Glibc.kill(process, SIGKILL) }
            if !victims.contains(where: ProcessTree.isAlive) { break }
            usleep(300)
        }
        if child.end == nil { Glibc.kill(child.identifier, SIGKILL) }
        _ = child.reap(within: 3)
    }

    func startFailure(_ said: String) -> REPLError? { nil }

    func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

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
}
