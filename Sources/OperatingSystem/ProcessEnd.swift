package import Glibc

/// How a process ended.
package enum ProcessEnd: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    /// From the status that `waitpid` gives.
    package init(_ status: Int32) {
        self = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    }

    /// Waits until a child has ended; nil where it is no child of this process.
    package static func wait(for child: pid_t) -> ProcessEnd? {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return ProcessEnd(status)
    }
}
