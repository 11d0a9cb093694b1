import Foundation
import Glibc
import OperatingSystem
import Testing

@testable import REPL

@Suite struct ProcessBoundTests {
    /// Whether a process limit is held by the kernel here: always for ordinary users, for root with a control group.
    static let isHeldByKernel: Bool = {
        guard ProcessBound.isNeeded else { return true }
        guard let bound = ProcessBound(limit: 8) else { return false }
        bound.remove()
        return true
    }()

    @Test(.enabled(if: ProcessBound.isNeeded && isHeldByKernel, "for root, where control groups can be made"))
    func whatIsHeldCannotGrowPastTheLimit() throws {
        let bound = try #require(ProcessBound(limit: 6))
        // Waits for a line before it starts anything, so that it is held by then.
        let script = "read go; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; wait"
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/bash")
        child.arguments = ["-c", script]
        let input = Pipe()
        child.standardInput = input
        child.standardError = FileHandle.nullDevice
        try child.run()
        #expect(bound.hold([child.processIdentifier]))
        try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))
        var most = 0
        let deadline = Clock.now + 10
        while Clock.now < deadline, most < 6 {
            most = max(most, ProcessTree(root: child.processIdentifier).processes.count)
            usleep(5_000)
        }
        #expect(most == 6)
        for _ in 0..<20 {
            #expect(ProcessTree(root: child.processIdentifier).processes.count <= 6)
            usleep(5_000)
        }
        for process in ProcessTree(root: child.processIdentifier).processes { kill(process, SIGKILL) }
        child.waitUntilExit()
        bound.remove()
    }

    @Test func groupsOfDeadProcessesAreSwept() throws {
        let folder = try Folder()
        let dead = try ChildProcess("/bin/true", arguments: [], environment: [], descriptors: [nil, nil, nil])
        #expect(dead.reap(within: 20) == .exited(0))
        let left = "rlm-tui-\(dead.identifier)-1"
        let used = "rlm-tui-\(dead.identifier)-2"
        let kept = [used, "rlm-tui-\(getpid())-1", "rlm-tui-x-1", "another-\(dead.identifier)-1"]
        for name in [left] + kept { mkdir(folder.path + "/" + name, 0o755) }
        // As one that something runs in, it cannot be removed.
        mkdir("\(folder.path)/\(used)/inside", 0o755)
        ProcessBound.removeLeftGroups(in: [folder.path, "/nowhere"])
        #expect(try folder.names().sorted() == kept.sorted())
    }

    @Test func aBoundThatIsNotThereIsSaidOnce() async throws {
        let isHeld = Self.isHeldByKernel
        try await withREPL { repl in
            _ = await repl.run("import os; os._exit(1)")
            #expect(await repl.run("1").outcome == .clean)
            #expect(repl.notices == (isHeld ? [] : [ProcessBound.problem]))
        }
    }

    @Test(.enabled(if: ProcessBound.isNeeded && isHeldByKernel, "for root, where control groups can be made"))
    func groupsAreTakenAway() async throws {
        try await withREPL(.local) { repl in _ = await repl.run("1") }
        let left = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].flatMap {
            (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? []
        }
        #expect(!left.contains { $0.hasPrefix("rlm-tui-\(getpid())-") })
    }
}
