// The way out: a run of the store as another tool's file.
internal import Foundation
package import Trajectory
package import TrajectoryStore

/// Where an export goes.
package enum ExportDestination: Sendable {
    case stdout
    /// A file that appears whole or not at all.
    case file(String, isReplacing: Bool)
}

/// Writes a run in a format, as it goes through it: memory does not grow with the run. Throws `FormatError` and
/// `StoreError`.
package func exportRun(
    _ run: RunID,
    of store: TrajectoryStore,
    as format: TrajectoryFormat,
    to destination: ExportDestination
) throws {
    func write(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        switch format {
        case .rlms: try RLMSWriter(store: store, run: run, sink: sink).write()
        }
    }
    switch destination {
    case .stdout: try write { try NewFile.put($0, to: STDOUT_FILENO, named: "stdout") }
    case .file(let path, let isReplacing):
        try NewFile.write(path, isReplacing: isReplacing) { put in try withoutActuallyEscaping(put, do: write) }
    }
}
