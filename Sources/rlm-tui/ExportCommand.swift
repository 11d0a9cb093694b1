import ArgumentParser
import Foundation
import Trajectory
import TrajectoryFormats
import TrajectoryStore

/// `rlm-tui export`: a run as another tool's file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a run as another tool's trajectory file.",
        discussion: """
            Known format: rlms (JSONL: a line about the run, then one for each iteration of the root call). What it has \
            no place for is left out: tokens of iterations, earlier attempts, which sub-calls were one batch, contexts \
            over 256 kB, and whatever has not ended yet. 'import' reads the file back.

            EXAMPLES
              rlm-tui export latest --format rlms                  to stdout
              rlm-tui export 7f3a --format rlms -o needle.jsonl    to a new file
              rlm-tui export latest --format rlms | jq -r .response
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run"))
    var target: String

    @Option(help: ArgumentHelp("The format: rlms.", valueName: "name"))
    var format: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file to write; stdout when not given or -.", valueName: "file"))
    var output: String = "-"

    @Flag(help: "Replace the file when it is there.")
    var force = false

    @OptionGroup var store: StoreOption

    func validate() throws {
        _ = try knownFormat()
        if output.isEmpty { throw ValidationError("-o has no name; give a file, or - for stdout") }
    }

    func run() async throws {
        let store = try store.openForReading()
        let run = try await RunArgument(target).resolve(in: store)
        let destination: ExportDestination = output == "-" ? .stdout : .file(output, isReplacing: force)
        try exportRun(run.id, of: store, as: try knownFormat(), to: destination)
    }

    private func knownFormat() throws -> TrajectoryFormat {
        guard let known = TrajectoryFormat(rawValue: format) else {
            let names = TrajectoryFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--format \(format): only \(names) can be written")
        }
        return known
    }
}
