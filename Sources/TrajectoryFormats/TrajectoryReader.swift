// What a reader of another tool's files is.
package import TrajectoryStore
package import Trajectory

/// Reads one file into the store, through the import it is given.
package protocol TrajectoryReader {
    static var format: TrajectoryFormat { get }

    /// Gives the runs of the file in order, and the hash of its bytes. Faults of the file become warnings as far as the
    /// rest makes sense; throws `FormatError` where nothing does, and `StoreError`.
    func read(file path: String, into runs: RunImport) throws -> ReadFile
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
/// the runs of then. Throws `FormatError`, `StoreError` and `CancellationError`; nothing of the file is kept then.
/// - Parameter onProgress: Called often, on another thread.
package func importFile(
    _ path: String,
    into writer: TrajectoryWriter,
    store: TrajectoryStore,
    onProgress: @escaping @Sendable (RunImport.Progress) -> Void = { _ in }
) async throws -> [ImportReport] {
    let format = try FormatSniffer.format(ofFile: path)
    let reader: any TrajectoryReader & Sendable =
        switch format {
        case .rlms: RLMSReader()
        }
    let (runs, wasKnown) = try await writer.importing(onProgress: onProgress) { runs in
        func known(_ ids: [RunID]) -> ([ReadFile.Run], Bool) {
            (ids.map { ReadFile.Run(id: $0, warnings: ["already imported as run \($0)"]) }, true)
        }
        if try runs.hasSources() {
            let earlier = try runs.runs(ofSource: LineReader.hash(of: path))
            if !earlier.isEmpty { return known(earlier) }
        }
        let file = try reader.read(file: path, into: runs)
        // Another program may have imported it meanwhile, or it may have been a longer file before.
        let others = try runs.publish(sourceHash: file.hash)
        return others.isEmpty ? (file.runs, false) : known(others)
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
