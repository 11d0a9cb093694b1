package import TrajectoryStore

/// Reads a file of any known format into the store: a report for each run in it.
package func importFile(
    _ path: String, into writer: TrajectoryWriter, store: TrajectoryStore
) async throws -> [ImportReport] { throw StoreError(code: .io, path: path, message: "not built yet") }
