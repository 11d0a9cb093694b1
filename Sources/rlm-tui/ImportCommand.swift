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
            line by line, and the rest is imported. Pipes, devices and sockets are named and passed over. A run is shown \
            once all of it is there; an import that is stopped leaves nothing to be seen.

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
        let files = try files()
        let store = try store.open()
        let report = StoreReport(store)
        defer { report.stop() }
        var reports: [ReportJSON] = []
        var firstError: (any Error)?
        var passedOver = 0
        for file in files {
            let progress = ImportProgress(file: file.path)
            do {
                let found = try await importFile(
                    file.path,
                    into: try store.writer(),
                    store: store,
                    onProgress: { progress.show($0) }
                )
                progress.end()
                for report in found {
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
                    StandardOutput.say("\(report.run)  \(counts)  \(file.path)")
                }
            } catch let error as FormatError {
                progress.end()
                // One bad file does not keep the others out.
                ErrorReport.say("\(error)")
                if error.isSpecial { passedOver += 1 }
                // What lies in a folder beside its files was not asked for.
                if file.isNamed || !error.isSpecial { firstError = firstError ?? error }
            }
        }
        if passedOver > 0 {
            ErrorReport.say("\(passedOver.grouped) passed over: no plain \(passedOver == 1 ? "file" : "files")")
        }
        try store.close()
        if json { try JSONOutput.print(reports) }
        if firstError != nil || reports.isEmpty { throw SilentExit(status: .wrongUse) }
    }

    private struct Source {
        var path: String
        /// Whether it was named itself, and not the folder it is in.
        var isNamed: Bool
    }

    private func files() throws -> [Source] {
        var files: [Source] = []
        for source in sources {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
                throw UsageError("\(source): there is no such file or folder")
            }
            guard isFolder.boolValue else {
                files.append(Source(path: source, isNamed: true))
                continue
            }
            let names = FileManager.default.enumerator(atPath: source)?.allObjects as? [String] ?? []
            let found = names.sorted().filter { isMeant((source as NSString).appendingPathComponent($0)) }
            guard !found.isEmpty else { throw UsageError("\(source): the folder has no .jsonl files in it") }
            files += found.map {
                Source(path: (source as NSString).appendingPathComponent($0), isNamed: false)
            }
        }
        return files
    }

    /// What is taken from a folder: `.jsonl` files, and what is no file at all, to be named.
    private func isMeant(_ path: String) -> Bool {
        var look = stat()
        guard stat(path, &look) == 0 else { return path.hasSuffix(".jsonl") }
        switch look.st_mode & S_IFMT {
        case S_IFDIR: return false
        case S_IFREG: return path.hasSuffix(".jsonl")
        default: return true
        }
    }
}
