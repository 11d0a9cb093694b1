package import Glibc

/// A program to start as a child, with default signals, and what the child inherits.
package struct ProgramStart: Sendable {
    package var executable: String
    /// Those after the program's own name.
    package var arguments: [String]
    /// `NAME=VALUE`.
    package var environment: [String]
    /// Which descriptor of this process becomes which of the child; nil is `/dev/null`.
    package var descriptors: [(child: Int32, own: Int32?)] = []
    /// From this number on, the child gets none of this process's descriptors; nil where it gets all that are inherited.
    package var closesFrom: Int32?
    /// Whether the child begins a session of its own, without a terminal.
    package var beginsSession = false
    /// The child's working folder; nil keeps this process's.
    package var folder: String?

    package init(_ executable: String, arguments: [String], environment: [String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts it. A child that asked to die with its parent dies with the *thread* that calls this.
    package func start() throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (child, own) in descriptors {
            if let own {
                posix_spawn_file_actions_adddup2(&actions, own, child)
            } else {
                posix_spawn_file_actions_addopen(&actions, child, "/dev/null", O_RDWR, 0)
            }
        }
        if let closesFrom {
            guard let add = GNUFunctions.addCloseFrom else { throw Self.tooOld }
            _ = add(&actions, closesFrom)
        }
        if let folder {
            guard let add = GNUFunctions.addChangeFolder else { throw Self.tooOld }
            _ = add(&actions, folder)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        let newSession: Int32 = beginsSession ? 0x80 : 0  // POSIX_SPAWN_SETSID
        let flags = newSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, executable, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw SystemError(action: "start \(executable)", code: code) }
        return child
    }

    private static let tooOld = SystemError(action: "start a process: this needs glibc 2.34 or newer", code: ENOSYS)
}
