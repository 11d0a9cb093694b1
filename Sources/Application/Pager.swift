// A long text in the person's own pager.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `$PAGER`, or `less`.
enum Pager {
    /// Shows a text and waits until it was seen. Throws `ServiceError`.
    ///
    /// - Parameter command: instead of what the environment says.
    static func show(_ text: String, command: String? = nil) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "rlm-tui-\(UUID().uuidString)",
            isDirectory: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("text.txt")
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try Data(readable(text).utf8).write(to: file)
        } catch {
            throw ServiceError("The temporary file for the pager could not be written: \(file.path).")
        }
        let status = try run(file.path, command: command)
        if status == 126 || status == 127 {
            throw ServiceError("The pager was not found; set PAGER to a program that shows a file.")
        }
    }

    /// The text with its lines, and nothing in it that a pager might pass on to the terminal.
    static func readable(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { line in
            TextCells.sanitise(TextCells.expandingTabs(String(line)))
        }.joined(separator: "\n")
    }

    /// Runs it in the process group of the terminal's foreground, which Foundation's `Process` would take it out of, and
    /// gives its exit status. ^C is the pager's alone meanwhile, as for `system(3)`.
    private static func run(_ file: String, command: String?) throws -> Int32 {
        // The setting is a command line, as for every program that has a pager; the file is an argument of its own.
        let arguments = ["/bin/sh", "-c", "exec ${PAGER:-less} \"$1\"", "sh", file]
        var environment = ProcessInfo.processInfo.environment
        if let command { environment["PAGER"] = command }
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
        var process = pid_t()
        guard posix_spawn(&process, "/bin/sh", nil, &attributes, &argv, &envp) == 0 else {
            throw ServiceError("The pager did not start; set PAGER to a program that shows a file.")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return 0 }
        }
        // The exit code of a process that ended by itself; a signal counts as having been seen.
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 0
    }
}
