import Foundation
import Testing

/// A terminal of a given size with the program in it, driven as a person drives it.
final class TmuxSession {
    private let socket: String
    /// Kept, as its folder has the socket that the session is ended by.
    private let program: Program

    /// Starts a shell in the terminal and types the command into it, so that what comes after the program is seen too.
    init(_ program: Program, columns: Int, rows: Int, command: String) throws {
        self.program = program
        socket = program.folder.appendingPathComponent("tmux-\(UUID().uuidString.prefix(8))").path
        let settings = program.environment.map { "\($0.key)='\($0.value)'" }.sorted().joined(separator: " ")
        try tmux(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "\(columns)",
            "-y",
            "\(rows)",
            "env -i \(settings) PS1='ready> ' COLORTERM=truecolor sh -i"
        )
        try wait { $0.contains("ready>") }
        type(command)
        press("Enter")
    }

    deinit { _ = try? tmux("kill-server") }

    var screen: String { (try? tmux("capture-pane", "-p")) ?? "" }

    /// The screen with the sequences for its colours and attributes.
    var colouredScreen: String { (try? tmux("capture-pane", "-p", "-e")) ?? "" }

    /// What tmux knows of the terminal, by its own names: `cursor_flag`, `alternate_on`.
    func fact(_ name: String) -> String {
        (try? tmux("display-message", "-p", "#{\(name)}"))?.trimmingCharacters(in: .newlines) ?? ""
    }

    /// The program that runs in the terminal now, nil when there is none.
    var programPid: Int32? {
        Int32(fact("pane_pid")).flatMap { shell in
            ProcessTable.descendants(of: shell).first { pid in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")) == Program.path
            }
        }
    }

    /// Types text as it is.
    func type(_ text: String) { _ = try? tmux("send-keys", "-l", text) }

    /// Presses keys by tmux's names: `Enter`, `Escape`, `C-c`.
    func press(_ keys: String...) {
        for key in keys { _ = try? tmux("send-keys", key) }
    }

    func resize(columns: Int, rows: Int) throws {
        try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// Waits until the screen is as said, 30 seconds at the most, and returns it.
    @discardableResult
    func wait(
        sourceLocation: SourceLocation = #_sourceLocation,
        until isRight: (String) -> Bool
    ) throws -> String {
        let deadline = Date().addingTimeInterval(30)
        var screen = ""
        while Date() < deadline {
            screen = self.screen
            if isRight(screen) { return screen }
            usleep(20_000)
        }
        Issue.record("the screen never came to be as expected:\n\(screen)", sourceLocation: sourceLocation)
        throw CocoaError(.userCancelled)
    }

    @discardableResult
    private func tmux(_ arguments: String...) throws -> String {
        try TmuxClient.call(["-S", socket] + arguments)
    }
}
