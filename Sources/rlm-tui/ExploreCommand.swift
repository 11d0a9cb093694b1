import ArgumentParser
import Foundation

/// `rlm-tui` alone: the explorer on the list of runs.
struct ExploreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "The explorer, on the list of runs.",
        discussion: """
            EXAMPLES
              rlm-tui
              rlm-tui --theme light
            """,
        shouldDisplay: false
    )

    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func run() async throws {
        try Screenless.check()
        let store = try store.openForReading()
        try await theme.explore(store, run: nil)
    }
}

/// What the explorer says where it cannot be.
enum Screenless {
    static func check() throws {
        guard Watch.hasTerminal else {
            throw UsageError(
                "the explorer needs a terminal on stdin and stdout; without one use 'list', 'show RUN' or 'snapshot RUN'"
            )
        }
    }
}
