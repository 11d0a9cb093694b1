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

            EXAMPLES
              rlm-tui demo                 see one work: no key, no network
              rlm-tui run "What failed first?" --context big.txt
              rlm-tui                      the runs there are
              rlm-tui help run             all about a command

            Without a command the explorer opens on the list of runs.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, DemoCommand.self, OpenCommand.self, ListCommand.self, ShowCommand.self, VarsCommand.self,
            MapCommand.self, DiffCommand.self, RerunCommand.self, ResumeCommand.self, ImportCommand.self,
            ExportCommand.self,
            SnapshotCommand.self, DoctorCommand.self, ModelsCommand.self, PathsCommand.self, ExploreCommand.self,
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
            let check = CommandLineCheck(words: Array(CommandLine.arguments.dropFirst()))
            try check.checkCommand()
            var command = try parse(check)
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

    private static func parse(_ check: CommandLineCheck) throws -> any ParsableCommand {
        // An h in a question that begins with '-' would be taken for -h.
        if check.hasTextLikeOption { try check.checkOptions() }
        do { return try RLMTUI.parseAsRoot() } catch {
            // Help and version come this way too.
            if RLMTUI.exitCode(for: error) != .success { try check.checkOptions() }
            throw error
        }
    }
}
