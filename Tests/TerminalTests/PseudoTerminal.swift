import CNCurses
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A terminal made of nothing, with a program in it: what it writes goes through `TerminalEmulator`, and its line
/// settings can be compared before and after.
final class PseudoTerminal {
    /// How a program ended.
    enum End: Equatable, CustomStringConvertible {
        case exited(Int32)
        case killed(Int32)

        var description: String {
            switch self {
            case .exited(let status): "exited \(status)"
            case .killed(let signal): "killed by signal \(signal)"
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var emulator: TerminalEmulator
    private(set) var bytes: [UInt8] = []
    let process: pid_t
    private let main: Int32
    private let line: Int32
    private let settings: termios
    private var isMainOpen = true
    private var end: End?

    /// Starts the fixture with arguments, or another program.
    init(
        _ arguments: [String],
        program: String? = nil,
        columns: Int = 80,
        rows: Int = 24,
        environment: [String: String] = [:]
    ) throws {
        let path: String
        (main, path) = try Self.openPair()
        line = open(path, O_RDWR | O_NOCTTY)
        _ = fcntl(main, F_SETFD, FD_CLOEXEC)
        _ = fcntl(line, F_SETFD, FD_CLOEXEC)
        emulator = TerminalEmulator(columns: columns, rows: rows)
        Self.setSize(line, columns: columns, rows: rows)
        var settings = termios()
        tcgetattr(line, &settings)
        self.settings = settings

        let executable = program ?? Self.fixture
        var variables = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        variables.merge(environment) { $1 }
        process = try Self.spawn([executable] + arguments, line: path, environment: variables)
    }

    deinit {
        if end == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        if isMainOpen { close(main) }
        close(line)
    }

    static var fixture: String {
        URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("terminal-fixture").path
    }

    /// The main end of a new pair, and the path of its line.
    private static func openPair() throws -> (main: Int32, path: String) {
        let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        #if canImport(Glibc)
            // TIOCSPTLCK and TIOCGPTN; the functions for this are hidden by feature macros.
            var lock: Int32 = 0
            var number: Int32 = 0
            guard main >= 0, ioctl(main, 0x4004_5431, &lock) == 0, ioctl(main, 0x8004_5430, &number) == 0 else {
                throw Failure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
            }
            return (main, "/dev/pts/\(number)")
        #else
            guard main >= 0, grantpt(main) == 0, unlockpt(main) == 0, let name = ptsname(main) else {
                throw Failure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
            }
            return (main, String(cString: name))
        #endif
    }

    private static func spawn(_ arguments: [String], line: String, environment: [String: String]) throws -> pid_t {
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #else
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Opened in the new session, the line becomes its controlling terminal.
        posix_spawn_file_actions_addopen(&actions, 0, line, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        #if canImport(Glibc)
            let newSession: Int32 = 0x80
        #else
            let newSession = Int32(POSIX_SPAWN_SETSID)
        #endif
        let flags = newSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, arguments[0], &actions, &attributes, &argv, &envp)
        guard result == 0 else {
            throw Failure(description: "\(arguments[0]) does not start: \(String(cString: strerror(result)))")
        }
        return process
    }

    private static func setSize(_ descriptor: Int32, columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    func resize(columns: Int, rows: Int) {
        emulator.resize(columns: columns, rows: rows)
        Self.setSize(line, columns: columns, rows: rows)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(main, bytes, bytes.count)
    }

    /// Shows bytes that did not come from the program.
    func scribble(_ text: String) { emulator.feed(text.utf8) }

    func signal(_ signal: Int32) { kill(process, signal) }

    /// As when the window is closed.
    func hangUp() {
        close(main)
        isMainOpen = false
    }

    /// Reads what was written within the time; whether there was something.
    @discardableResult
    func read(milliseconds: Int32) -> Bool {
        guard isMainOpen else { return false }
        var entry = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65536)
        #if canImport(Glibc)
            let count = Glibc.read(main, &buffer, buffer.count)
        #else
            let count = Darwin.read(main, &buffer, buffer.count)
        #endif
        guard count > 0 else { return false }
        bytes += buffer[..<count]
        emulator.feed(buffer[..<count])
        return true
    }

    /// Reads until the screen is as wanted, at most ten seconds.
    func wait(
        for what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        until isDone: (TerminalEmulator) -> Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !isDone(emulator) {
            read(milliseconds: 20)
            guard ContinuousClock.now < deadline else {
                Issue.record("waited in vain for \(what); the screen is:\n\(text)", sourceLocation: sourceLocation)
                throw Failure(description: "waited in vain for \(what)")
            }
        }
    }

    func wait(forText text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try wait(for: "'\(text)'", sourceLocation: sourceLocation) { $0.text.contains(text) }
    }

    var text: String { emulator.text }

    /// Reads on until the program has ended, at most so many seconds.
    func waitForEnd(seconds: Int = 10) throws -> End {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let end = endIfOver() { return end }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "the program does not end:\n\(text)")
            }
            if !read(milliseconds: 5) && !isMainOpen { usleep(5000) }
        }
    }

    /// How the program ended, if it has; all that it wrote is read then.
    func endIfOver() -> End? {
        if let end { return end }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        while read(milliseconds: 0) {}
        end = status & 0x7F == 0 ? End.exited(status >> 8 & 0xFF) : End.killed(status & 0x7F)
        return end
    }

    /// Whether the program has been stopped by a signal, within ten seconds.
    func waitForStop() throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var status: Int32 = 0
        while true {
            if waitpid(process, &status, WNOHANG | WUNTRACED) == process, status & 0xFF == 0x7F { return }
            guard ContinuousClock.now < deadline else { throw Failure(description: "the program was not stopped") }
            read(milliseconds: 5)
        }
    }

    /// Whether the line settings are those from before the program started.
    var hasOldLineSettings: Bool {
        var now = termios()
        tcgetattr(line, &now)
        var before = settings
        let isSameControl = withUnsafeBytes(of: &now.c_cc) { one in
            withUnsafeBytes(of: &before.c_cc) { other in one.elementsEqual(other) }
        }
        return now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag && now.c_cflag == before.c_cflag
            && now.c_lflag == before.c_lflag && isSameControl
    }
}
