import ArgumentParser
import Configuration
import Foundation
import TrajectoryStore

/// `rlm-tui paths`: where its files are.
struct PathsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paths",
        abstract: "Where the store, the contexts, the settings and the themes are.",
        discussion: """
            EXAMPLES
              rlm-tui paths
              rlm-tui paths --json | jq -r .store
            """
    )

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var store: StoreOption

    func run() throws {
        let locations = try FileLocations(environment: ProcessInfo.processInfo.environment)
        let paths = [
            ("store", try store.path()),
            ("contexts", TrajectoryStore.contextFolder(beside: try store.path())),
            ("config", locations.settings),
            ("themes", locations.themesFolder),
        ]
        if json {
            return try JSONOutput.print(Dictionary(uniqueKeysWithValues: paths))
        }
        for (name, path) in paths {
            StandardOutput.say("\(name.padding(toLength: 9, withPad: " ", startingAt: 0)) \(path)")
        }
    }
}
