import ArgumentParser
import Trajectory
import Foundation
import TrajectoryFormats
import TrajectoryStore

/// `rlm-tui open`: the explorer on one run, from the store or from a file.
struct OpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Look into one run, of the store or of a file.",
        discussion: """
            EXAMPLES
              rlm-tui open                              the newest run
              rlm-tui open 7f3a                         the run whose id begins so
              rlm-tui open runs/needle.jsonl            a file; it is imported first
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run|file"))
    var target: String = "latest"

    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func run() async throws {
        try Screenless.check()
        let store = try store.openForReading()
        let run = try await RunArgument(target).resolve(in: store)
        try await theme.explore(store, run: run.id)
    }
}
