// Which process runs an engine, and how another program tells that it is gone.
internal import Foundation
internal import Trajectory

/// The process that runs a run's engine, as it is recorded with the run.
struct EngineProcess: Hashable, Sendable {
    var pid: Int
    var host: String
    /// Changes at each start of the machine, so that an old process number means nothing after it; empty where the
    /// system does not tell.
    var boot: String

    static let current = EngineProcess(
        pid: Int(getpid()),
        host: ProcessInfo.processInfo.hostName,
        boot: (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    )

    /// Seconds without a sign after which an engine counts as gone. It gives one every 2 s.
    static let patience: TimeInterval = 15

    /// Whether the engine of a run that has not ended will never end it: it gave no sign for `patience`, or it ran on
    /// this machine and its process is no more.
    /// - Parameters:
    ///   - heartbeatAt: Nil for a run that never had an engine, such as an imported one.
    ///   - isAlive: Whether a process of this machine exists.
    static func isGone(
        _ engine: EngineProcess?,
        heartbeatAt: Date?,
        now: Date = Date(),
        here: EngineProcess = .current,
        isAlive: (Int) -> Bool = processExists
    ) -> Bool {
        guard let engine, let heartbeatAt else { return true }
        if now.timeIntervalSince(heartbeatAt) > patience { return true }
        guard engine.host == here.host else { return false }
        return engine.boot != here.boot || !isAlive(engine.pid)
    }

    /// A process that may not be signalled exists too.
    static func processExists(_ pid: Int) -> Bool {
        guard let pid = pid_t(exactly: pid), pid > 0 else { return false }
        return kill(pid, 0) == 0 || errno == EPERM
    }
}
