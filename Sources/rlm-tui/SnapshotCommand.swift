import ArgumentParser
import Application
import Trajectory
import Foundation
import Terminal
import TrajectoryStore

/// `rlm-tui snapshot`: the explorer's screen as text.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "The explorer's screen as text, after typing some keys.",
        discussion: """
            EXAMPLES
              rlm-tui snapshot latest --size 120x40
              rlm-tui snapshot latest --size 80x24 --keys 'jj<enter>'
              rlm-tui snapshot latest --size 80x24 --ansi --theme light
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run"))
    var target: String

    @Option(help: ArgumentHelp("Columns and rows.", valueName: "120x40"))
    var size: String = "80x24"

    @Option(help: ArgumentHelp("Keys to type first, for example 'jj<enter>'.", valueName: "keys"))
    var keys: String = ""

    @Flag(help: "With colours, as escape sequences.")
    var ansi = false

    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func validate() throws { _ = try parsedSize() }

    func run() async throws {
        let store = try store.openForReading()
        let run = try await RunArgument(target).resolve(in: store)
        let (palette, warnings) = try theme.resolve()
        for warning in warnings { ErrorReport.say(warning) }
        let surface = try snapshot(store: store, run: run.id, size: try parsedSize(), keys: keys, palette: palette)
        StandardOutput.print(ansi ? surface.ansi(palette: palette) : surface.text())
    }

    private func parsedSize() throws -> Size {
        let numbers = size.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let columns = numbers[0], let rows = numbers[1],
            (1...1000).contains(columns), (1...1000).contains(rows)
        else { throw ValidationError("--size \(size): expected COLUMNSxROWS, each from 1 to 1000, for example 120x40") }
        return Size(columns: columns, rows: rows)
    }
}
