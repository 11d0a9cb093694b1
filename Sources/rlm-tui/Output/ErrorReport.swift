import ArgumentParser
import Configuration
import ContextMap
import Engine
import Foundation
import LMClients
import REPL
import Terminal
import TrajectoryFormats
import TrajectoryStore

/// The exit status of every ending.
enum ExitStatus: Int32 {
    case done = 0
    case runFailed = 1
    case wrongUse = 2
    case limitReached = 3
    case cancelled = 4
    /// The environment or the provider is not available.
    case unavailable = 5
}

/// Ends a command with a status, after it has said itself what there is to say.
struct SilentExit: Error {
    let status: ExitStatus
}

/// Turns every error into one sentence on stderr and an exit status. The only place that does.
enum ErrorReport {
    static func exit(for error: any Error) -> Never {
        if let end = error as? SilentExit { exit(end.status) }
        if let status = status(of: error) {
            say(withoutSecrets("\(error)") + suggestion(for: error))
            exit(status)
        }
        // What is left comes from the argument parser: help and version (0, stdout), wrong use (stderr).
        let message = withoutSecrets(RLMTUI.fullMessage(for: error))
        switch RLMTUI.exitCode(for: error) {
        case .success:
            StandardOutput.print(message)
            exit(.done)
        case .failure:
            // Or from the system, such as a temporary folder that cannot be made.
            say(error.localizedDescription)
            exit(.runFailed)
        default:
            StandardError.put(message + "\n")
            exit(.wrongUse)
        }
    }

    /// The model that was meant, where a provider or the offline model was mistyped.
    private static func suggestion(for error: any Error) -> String {
        guard let error = error as? CompletionError, error.code == .modelNotFound,
            let model = ModelSuggestion.nearest(to: error.model)
        else { return "" }
        return "; did you mean '\(model)'?"
    }

    /// The parser repeats what it cannot use, which may be an address with a key in it.
    private static func withoutSecrets(_ message: String) -> String {
        CommandLine.arguments.reduce(message) { ContextAddress.withoutSecrets(of: $1, in: $0) }
    }

    /// Ends the program once all that was printed has arrived.
    static func exit(_ status: ExitStatus) -> Never {
        var status = status
        if let error = StandardOutput.finish() {
            say("\(error)")
            if status == .done { status = .unavailable }
        }
        Foundation.exit(status.rawValue)
    }

    /// Writes a line of progress or a warning to stderr.
    static func say(_ text: String) {
        StandardError.put("rlm-tui: \(TerminalText.plain(text))\n")
    }

    private static func status(of error: any Error) -> ExitStatus? {
        switch error {
        case is ContextError, is UsageError, is TravelError, is FormatError, is KeyNotation.ParseError: .wrongUse
        case is FileLocations.Failure, is MapError, is REPLError, is CompletionError, is TerminalError: .unavailable
        case let error as StoreError:
            switch error.code {
            case .noSuchRun, .ambiguousRun, .noSuchNode: .wrongUse
            default: .unavailable
            }
        default: nil
        }
    }
}

/// The command line asks for something that cannot be meant.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
