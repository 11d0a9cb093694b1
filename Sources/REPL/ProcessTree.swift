import Glibc
import OperatingSystem

/// A process and all below it, as `/proc` shows them at one moment.
struct ProcessTree {
    /// The root first, parents before children.
    private(set) var processes: [pid_t] = []
    private(set) var threadCount = 0

    /// Stops looking after `limit` processes.
    init(root: pid_t, limit: Int = .max) {
        processes = [root]
        var at = 0
        while at < processes.count, processes.count <= limit {
            for thread in Self.numbers(in: "/proc/\(processes[at])/task") {
                threadCount += 1
                let children = KernelFile.text("/proc/\(processes[at])/task/\(thread)/children")
                processes += children.split(separator: " ").compactMap { pid_t($0) }
            }
            at += 1
        }
    }

    /// Bytes in memory. What several of them share counts once, unless that cannot be told.
    ///
    /// The exact figure is slow to get, so it is asked for only when the rough one is over `threshold`.
    func memory(over threshold: Int) -> Int {
        let rough = processes.reduce(0) { $0 + Self.residentMemory(of: $1) }
        guard rough > threshold else { return rough }
        var exact = 0
        for process in processes {
            let rollup = KernelFile.text("/proc/\(process)/smaps_rollup")
            guard let line = rollup.split(separator: "\n").first(where: { $0.hasPrefix("Pss:") }) else { return rough }
            exact += (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
        }
        return exact
    }

    /// Bytes of a process in memory, what it shares with others included.
    static func residentMemory(of process: pid_t) -> Int {
        let fields = KernelFile.text("/proc/\(process)/statm").split(separator: " ", maxSplits: 2)
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }

    /// Bytes of a process in memory, and its share of them where several processes hold the same.
    static func memory(of process: pid_t) -> (resident: Int, share: Int)? {
        let lines = KernelFile.text("/proc/\(process)/smaps_rollup").split(separator: "\n")
        func bytes(_ name: String) -> Int? {
            lines.first { $0.hasPrefix(name + ":") }?.split(separator: " ").compactMap { Int($0) }.first.map {
                $0 * 1024
            }
        }
        guard let resident = bytes("Rss"), let share = bytes("Pss") else { return nil }
        return (resident, share)
    }

    /// The number that a process has in the innermost of its namespaces: what it takes for its own.
    static func innerNumber(of process: pid_t) -> pid_t? {
        let line = KernelFile.text("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        return line?.split(whereSeparator: \.isWhitespace).last.flatMap { pid_t($0) }
    }

    /// How a process ended that nobody has asked yet; nil where that cannot be told.
    static func exitStatus(of process: pid_t) -> ProcessEnd? {
        let fields = stat(process)
        guard fields.first == "Z", fields.count > 49, let status = Int32(fields[49].filter(\.isNumber)) else {
            return nil
        }
        return ProcessEnd(status)
    }

    /// Seconds of CPU used by those that live.
    var cpuSeconds: Double {
        let ticks = processes.reduce(0) { sum, process in
            let fields = Self.stat(process)
            return fields.count > 12 ? sum + (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : sum
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// When a process was started, in ticks since boot; with the number it names a process for good.
    static func startTime(of process: pid_t) -> UInt64? {
        let fields = stat(process)
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Whether it is there and not only a status that nobody has asked for yet.
    static func isAlive(_ process: pid_t) -> Bool {
        guard let state = stat(process).first else { return false }
        return state != "Z" && state != "X"
    }

    /// All processes of a session, wherever they hang in the tree.
    static func session(_ session: pid_t) -> [pid_t] {
        numbers(in: "/proc").filter { process in
            let fields = stat(process)
            return fields.count > 3 && fields[3] == String(session) && fields[0] != "Z"
        }
    }

    /// The fields of `/proc/N/stat` from the state on: the name before it may hold anything.
    private static func stat(_ process: pid_t) -> [Substring] {
        let text = KernelFile.text("/proc/\(process)/stat")
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func numbers(in folder: String) -> [pid_t] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var numbers: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let number = pid_t(name) { numbers.append(number) }
        }
        return numbers
    }
}
