import Foundation

/// The processes of this machine, as `/proc` has them.
enum ProcessTable {
    /// A process that has ended and was not waited for yet is not alive.
    static func isAlive(_ pid: Int32) -> Bool { state(of: pid).map { $0.state != "Z" && $0.state != "X" } ?? false }

    /// Children of a process, their children, and so on.
    static func descendants(of pid: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let parents = names.compactMap { Int32($0) }.compactMap { pid in state(of: pid).map { (pid, $0.parent) } }
        var found: [Int32] = []
        var next = [pid]
        while let parent = next.popLast() {
            let children = parents.filter { $0.1 == parent }.map(\.0)
            found += children
            next += children
        }
        return found
    }

    private static func state(of pid: Int32) -> (state: Substring, parent: Int32)? {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The name in parentheses may hold anything; what follows the last one is numbers.
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 2, let parent = Int32(fields[1]) else { return nil }
        return (fields[0], parent)
    }
}
