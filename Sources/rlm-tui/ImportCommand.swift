import ArgumentParser
import Trajectory
import Foundation
import TrajectoryFormats
import TrajectoryStore

/// `rlm-tui import`: takes over runs from other tools' files.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take runs from other tools' trajectory files into the store.",
        discussion: """
            Known formats: rlms (JSONL). A file is known by what is in it, not by its name. What cannot be read is said \
            line by line, and the rest is imported.

            EXAMPLES
              rlm-tui export latest --format rlms -o a.jsonl && rlm-tui import a.jsonl
              rlm-tui import logs/rlm_2026-11-22.jsonl
              rlm-tui import logs/ --json
            """
    )

    @Argument(help: ArgumentHelp("Files, or folders whose .jsonl files are meant.", valueName: "file|dir"))
    var sources: [String]

    @Flag(help: "A JSON array with an object for each run.")
    var json = false

    @OptionGroup var store: StoreOption

    private struct ReportJSON: Encodable {
        let file: String
        let run: String
        let format: String
        let iterations: Int
        let calls: Int
        let warnings: [String]
    }

    func run() async throws {
        let store = try store.open()
        var reports: [ReportJSON] = []
        var firstError: (any Error)?
        for file in try files() {
            do {
                for report in try await importFile(file, into: try store.writer(), store: store) {
                    reports.append(
                        ReportJSON(
                            file: report.file,
                            run: report.run.rawValue,
                            format: report.format,
                            iterations: report.iterations,
                            calls: report.calls,
                            warnings: report.warnings
                        )
                    )
                    if json { continue }
                    for warning in report.warnings { ErrorReport.say(warning) }
                    let counts = "\(report.iterations.counted("iteration")), \(report.calls.counted("call"))"
                    StandardOutput.say("\(report.run)  \(counts)  \(file)")
                }
            } catch let error as FormatError {
                // One bad file does not keep the others out.
                ErrorReport.say("\(error)")
                firstError = firstError ?? error
            }
        }
        try store.close()
        if json { try JSONOutput.print(reports) }
        if firstError != nil { throw SilentExit(status: .wrongUse) }
    }

    private func files() throws -> [String] {
        var files: [String] = []
        for source in sources {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
                throw UsageError("\(source): there is no such file or folder")
            }
            guard isFolder.boolValue else {
                files.append(source)
                continue
            }
            let names = FileManager.default.enumerator(atPath: source)?.allObjects as? [String] ?? []
            let found = names.filter { $0.hasSuffix(".jsonl") }.sorted()
            guard !found.isEmpty else { throw UsageError("\(source): the folder has no .jsonl files in it") }
            files += found.map { (source as NSString).appendingPathComponent($0) }
        }
        return files
    }
}
