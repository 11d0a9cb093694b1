import Glibc

/// A child of this process with exactly the descriptors it was given.
struct ChildProcess {
    let identifier: pid_t

    /// Starts a program in a session of its own, with default signals.
    ///
    /// Spawn from a thread that outlives the child: a child that asked to die with its parent dies with the *thread*.
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
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in descriptors.enumerated() {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor.number, Int32(target))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", O_RDWR, 0)
            }
        }
        guard let closeFrom = GNUFunctions.addCloseFrom, let changeFolder = GNUFunctions.addChangeFolder else {
            throw SystemError(action: "start a process: this needs glibc 2.34 or newer", code: ENOSYS)
        }
        _ = closeFrom(&actions, Int32(descriptors.count))
        if let folder { _ = changeFolder(&actions, folder) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD, SIGWINCH, SIGTSTP, SIGUSR1, SIGUSR2] {
            sigaddset(&signals, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let newSession: Int32 = 0x80
        posix_spawnattr_setflags(
            &attributes,
            Int16(newSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF))
        )

        var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, executable, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw SystemError(action: "start \(executable)", code: code) }
        identifier = child
    }

    /// How it ended, or nil while it has not.
    func reap() -> ExitStatus? {
        var status: Int32 = 0
        let result = waitpid(identifier, &status, WNOHANG)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        return result < 0 ? .exited(0) : ExitStatus(status)
    }

    /// Whether it has ended; its status stays to be asked for.
    var hasEnded: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(identifier), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    /// Waits until it has ended, but not for ever: a process can hang in the kernel.
    func reap(within seconds: Double) -> ExitStatus? {
        let end = Clock.now + seconds
        while true {
            if let status = reap() { return status }
            if Clock.now > end { return nil }
            usleep(300)
        }
    }

    /// Runs a program to its end and returns what it printed.
    ///
    /// - Parameters:
    ///   - input: its standard input; nil is empty.
    ///   - others: become its descriptors 3, 4 …
    /// - Returns: nil for the status when it took longer than `seconds` and was killed.
    /// - Throws: `SystemError`.
    static func output(
        of executable: String,
        _ arguments: [String],
        environment: [String] = [],
        input: Descriptor? = nil,
        others: [Descriptor] = [],
        within seconds: Double = 10
    ) throws -> (status: ExitStatus?, stdout: String, stderr: String) {
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
        var texts: [[UInt8]] = [[], []]
        var watched = [out, err].map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        let end = Clock.now + seconds
        var room = [UInt8](repeating: 0, count: 4096)
        while watched.contains(where: { $0.fd >= 0 }) {
            let left = end - Clock.now
            if left <= 0 { break }
            guard poll(&watched, nfds_t(watched.count), Int32(left * 1000) + 1) > 0 else { continue }
            for index in watched.indices where watched[index].revents != 0 {
                let count = read(watched[index].fd, &room, room.count)
                if count > 0, texts[index].count < 1 << 20 { texts[index] += room.prefix(count) }
                if count == 0 { watched[index].fd = -1 }
            }
        }
        var status = child.reap(within: max(0, end - Clock.now))
        if status == nil {
            kill(child.identifier, SIGKILL)
            _ = child.reap(within: 5)
            status = nil
        }
        return (status, String(decoding: texts[0], as: UTF8.self), String(decoding: texts[1], as: UTF8.self))
    }
}

/// How a process ended.
enum ExitStatus: Hashable {
    case exited(Int32)
    case signalled(Int32)

    /// From `waitpid`.
    init(_ status: Int32) {
        self = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
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
