// The program's entrance: the list of subcommands, and the exit status that each ending has.

import ArgumentParser
import Foundation
import Terminal

struct RLMTUI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rlm-tui",
        abstract: "Run Recursive Language Models and look into what they did.",
        discussion: """
            A question over a context far too long to paste is answered by a model that writes Python over it. Everything \
            it does is kept, and can be walked through while it happens or later.

              rlm-tui demo                                          see one work: no key, no network
              rlm-tui run "What is the vault code?" --context big.txt
              rlm-tui                                               the runs there are

            Without a command the explorer opens on the list of runs.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, DemoCommand.self, OpenCommand.self, ListCommand.self, ShowCommand.self, VarsCommand.self,
            DiffCommand.self,
            ImportCommand.self, ExportCommand.self, SnapshotCommand.self, DoctorCommand.self, ModelsCommand.self,
            PathsCommand.self, ExploreCommand.self,
        ],
        defaultSubcommand: ExploreCommand.self
    )
}

@main
enum Main {
    static func main() async {
        // A reader that goes away (`rlm-tui list | head`) is no crash; the write fails and the program ends.
        signal(SIGPIPE, SIG_IGN)
        QuitSignal.endTheProgram()
        StandardStreams.occupy()
        do {
            try checkCommand(CommandLine.arguments.dropFirst().first)
            var command = try RLMTUI.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            ErrorReport.exit(.done)
        } catch {
            ErrorReport.exit(for: error)
        }
    }

    /// A word that is no command would be taken for an argument of the explorer, and the complaint be about that.
    private static func checkCommand(_ word: String?) throws {
        let names = RLMTUI.configuration.subcommands.map { $0._commandName } + ["help"]
        guard let word, !word.hasPrefix("-"), !names.contains(word) else { return }
        throw UsageError("there is no command '\(word)'; 'rlm-tui --help' lists them")
    }
}
