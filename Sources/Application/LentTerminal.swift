// Lending the terminal to another program for a file, and waiting until it is done.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `$PAGER` and `$EDITOR` run here.
enum LentTerminal {
    /// A file for the other program in a folder of its own, which only this user can read and which is gone afterwards.
    /// Throws `ServiceError`.
    static func withFile<Result>(_ name: String, _ text: String, _ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "rlm-tui-\(UUID().uuidString)",
            isDirectory: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try Data(text.utf8).write(to: file)
        } catch {
            throw ServiceError("The temporary file could not be written: \(file.path).")
        }
        return try body(file)
    }

    /// Runs a shell's word for a program on a file, in the process group of the terminal's foreground, which Foundation's
    /// `Process` would take it out of, and gives its exit status. ^C is that program's alone meanwhile, as for `system(3)`.
    ///
    /// - Parameter command: such as `${PAGER:-less}`; the file is an argument of its own.
    static func run(_ command: String, on file: String, environment: [String: String]) throws -> Int32 {
        let arguments = ["/bin/sh", "-c", "exec \(command) \"$1\"", "sh", file]
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }

        let ignored = [SIGINT, SIGQUIT]
        var old = ignored.map { _ in sigaction() }
        for (index, number) in ignored.enumerated() {
            sigaction(number, nil, &old[index])
            signal(number, SIG_IGN)
        }
        defer { for (index, number) in ignored.enumerated() { sigaction(number, &old[index], nil) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Where standard input is a pipe, the other program has its keys from the terminal too.
        if let terminal = TerminalInput.lent { posix_spawn_file_actions_adddup2(&actions, terminal, STDIN_FILENO) }
        var process = pid_t()
        guard posix_spawn(&process, "/bin/sh", &actions, &attributes, &argv, &envp) == 0 else {
            throw ServiceError("/bin/sh did not start.")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return 0 }
        }
        // The exit code of a process that ended by itself; a signal counts as having been left.
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 0
    }
}
