import ArgumentParser
import Foundation
import Terminal
import Trajectory
import TrajectoryStore

/// `rlm-tui list`: the runs there are.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The runs of the store, newest first.",
        discussion: """
            EXAMPLES
              rlm-tui list
              rlm-tui list --json | jq '.[] | select(.status == "failed") | .run'
            """
    )

    @Option(name: .shortAndLong, help: ArgumentHelp("How many at the most.", valueName: "n"))
    var limit: Int = 1000

    @Flag(help: "A JSON array.")
    var json = false

    @OptionGroup var store: StoreOption

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is a number from 1, not \(limit)") }
    }

    func run() throws {
        let runs = try store.openForReading().runs(limit: limit)
        if json { return try JSONOutput.print(runs.map { RunJSON(run: $0) }) }
        guard !runs.isEmpty else {
            return ErrorReport.say("no runs yet; 'rlm-tui demo' makes one")
        }
        for run in runs {
            let columns = [
                pad(run.id.rawValue, 16), pad(run.statusWord, 11),
                run.createdAt.formatted(.iso8601.dateSeparator(.dash).dateTimeSeparator(.space)),
                pad(run.calls.total.counted("call"), 11), pad(run.model ?? "?", 20), run.question,
            ]
            StandardOutput.say(columns.joined(separator: "  "))
        }
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - TextWidth.columns(of: text)))
    }
}
