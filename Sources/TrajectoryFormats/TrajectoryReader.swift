// What a reader of another tool's files is.
package import TrajectoryStore
package import Trajectory

/// Reads one file into the store, in the transaction it is given.
package protocol TrajectoryReader {
    static var format: TrajectoryFormat { get }

    /// Gives the runs of the file in order, and the hash of its bytes. Faults of the file become warnings as far as the
    /// rest makes sense; throws `FormatError` where nothing does, and `StoreError`.
    func read(file path: String, into transaction: ImportTransaction) throws -> ReadFile
}

/// What a reader found in a file.
package struct ReadFile: Sendable {
    package struct Run: Sendable {
        package var id: RunID
        package var warnings: [String]
    }

    package var runs: [Run]
    /// Lower-case hexadecimal SHA-256 of the file's bytes.
    package var hash: String
}

/// Reads a file of any known format into the store: a report for each run in it. A file that was imported before gives
/// the runs of then. Throws `FormatError` and `StoreError`; nothing of the file is kept then.
package func importFile(
    _ path: String,
    into writer: TrajectoryWriter,
    store: TrajectoryStore
) async throws -> [ImportReport] {
    let format = try FormatSniffer.format(ofFile: path)
    let reader: any TrajectoryReader & Sendable =
        switch format {
        case .rlms: RLMSReader()
        }
    let runs: [ReadFile.Run]
    var wasKnown = false
    do {
        runs = try await writer.importing { transaction in
            let file = try reader.read(file: path, into: transaction)
            let known = try transaction.runs(ofSource: file.hash)
            // Throwing takes back what was just read.
            guard known.isEmpty else { throw KnownFile(runs: known) }
            try transaction.setSource(hash: file.hash, of: file.runs.map(\.id))
            return file.runs
        }
    } catch let known as KnownFile {
        wasKnown = true
        runs = known.runs.map { ReadFile.Run(id: $0, warnings: ["already imported as run \($0)"]) }
    }
    return try runs.map { run in
        let stored = try store.run(run.id)
        return ImportReport(
            file: path,
            run: run.id,
            format: format.rawValue,
            iterations: stored.iterations,
            calls: stored.calls.total,
            warnings: run.warnings,
            wasKnown: wasKnown
        )
    }
}

private struct KnownFile: Error {
    var runs: [RunID]
}
