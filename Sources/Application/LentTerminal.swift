// Lending the terminal to another program for a file, and waiting until it is done.

import Foundation
import OperatingSystem
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
        let ignored = [SIGINT, SIGQUIT]
        var old = ignored.map { _ in sigaction() }
        for (index, number) in ignored.enumerated() {
            sigaction(number, nil, &old[index])
            signal(number, SIG_IGN)
        }
        defer { for (index, number) in ignored.enumerated() { sigaction(number, &old[index], nil) } }
        var shell = ProgramStart(
            "/bin/sh",
            arguments: ["-c", "exec \(command) \"$1\"", "sh", file],
            environment: environment.map { "\($0.key)=\($0.value)" }
        )
        // Where standard input is a pipe, the other program has its keys from the terminal too.
        if let terminal = TerminalInput.lent { shell.descriptors = [(STDIN_FILENO, terminal)] }
        guard let process = try? shell.start() else { throw ServiceError("/bin/sh did not start.") }
        // A signal counts as having been left.
        if case .exited(let code) = ProcessEnd.wait(for: process) { return code }
        return 0
    }
}
