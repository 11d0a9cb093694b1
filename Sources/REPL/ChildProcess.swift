import Glibc
import OperatingSystem

/// A child of this process, in a session of its own, with exactly the descriptors it was given.
final class ChildProcess {
    let identifier: pid_t
    /// How it ended, once it was asked for. From then on its number may be another process's.
    private(set) var end: ProcessEnd?

    /// Starts a program. Call it from a thread that outlives the child: one that asked to die with its parent dies with the
    /// *thread*.
    ///
    /// - Parameters:
    ///   - descriptors: become the child's 0, 1, 2 …; nil is `/dev/null`. Nothing else is inherited.
    ///   - folder: the child's working folder; nil keeps this process's.
    /// - Throws: `SystemError`.
    init(
        _ executable: String,
        arguments: [String],
        environment: [String],
        descriptors: [Descriptor?],
        folder: String? = nil
    ) throws {
        var program = ProgramStart(executable, arguments: arguments, environment: environment)
        program.descriptors = descriptors.enumerated().map { (Int32($0), $1?.number) }
        program.closesFrom = Int32(descriptors.count)
        program.beginsSession = true
        program.folder = folder
        // From here on nothing else speaks of the descriptors, and without being asked they would be closed.
        identifier = try withExtendedLifetime(descriptors) { try program.start() }
    }

    /// How it ended, or nil while it has not.
    func reap() -> ProcessEnd? {
        if let end { return end }
        var status: Int32 = 0
        let result = waitpid(identifier, &status, WNOHANG)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        end = result < 0 ? .exited(0) : ProcessEnd(status)
        return end
    }

    /// Whether it has ended; how stays to be asked for.
    var hasEnded: Bool {
        if end != nil { return true }
        var info = siginfo_t()
        return waitid(P_PID, id_t(identifier), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    /// Waits until it has ended, but not for ever: a process can hang in the kernel.
    func reap(within seconds: Double) -> ProcessEnd? {
        let deadline = Clock.now + seconds
        while true {
            if let end = reap() { return end }
            if Clock.now > deadline { return nil }
            usleep(300)
        }
    }

    /// Runs a program to its end and returns what it printed.
    ///
    /// - Parameters:
    ///   - input: its standard input; nil is empty.
    ///   - others: become its descriptors 3, 4 …
    /// - Returns: nil for its end when it took longer than `seconds` and was killed.
    /// - Throws: `SystemError`.
    static func output(
        of executable: String,
        _ arguments: [String],
        environment: [String] = [],
        input: Descriptor? = nil,
        others: [Descriptor] = [],
        within seconds: Double = 10
    ) throws -> (end: ProcessEnd?, stdout: String, stderr: String) {
        let (out, outEnd) = try Descriptor.pipe()
        let (err, errEnd) = try Descriptor.pipe()
        let child = try ChildProcess(
            executable,
            arguments: arguments,
            environment: environment,
            descriptors: [input, outEnd, errEnd] + others
        )
        outEnd.close()
        errEnd.close()
        // Their numbers alone are read from below.
        defer { withExtendedLifetime((out, err)) {} }
        var texts: [[UInt8]] = [[], []]
        var watched = [out, err].map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        let deadline = Clock.now + seconds
        var room = [UInt8](repeating: 0, count: 4096)
        while watched.contains(where: { $0.fd >= 0 }) {
            let left = deadline - Clock.now
            if left <= 0 { break }
            guard poll(&watched, nfds_t(watched.count), Int32(left * 1000) + 1) > 0 else { continue }
            for index in watched.indices where watched[index].revents != 0 {
                let count = read(watched[index].fd, &room, room.count)
                if count > 0, texts[index].count < 1 << 20 { texts[index] += room.prefix(count) }
                if count == 0 { watched[index].fd = -1 }
            }
        }
        let end = child.reap(within: max(0, deadline - Clock.now))
        if end == nil {
            kill(child.identifier, SIGKILL)
            _ = child.reap(within: 5)
        }
        return (end, String(decoding: texts[0], as: UTF8.self), String(decoding: texts[1], as: UTF8.self))
    }
}

/// The monotonic clock, in seconds.
enum Clock {
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
