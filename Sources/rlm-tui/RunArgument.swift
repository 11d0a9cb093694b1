import Foundation
import Trajectory
import TrajectoryFormats
import TrajectoryStore

/// What a person names a run by: an id, a unique beginning of one, `latest`, or a file that holds one.
struct RunArgument {
    let text: String

    init(_ text: String) { self.text = text }

    /// The run meant. A file is imported first; of several runs in it, the last is opened.
    func resolve(in store: TrajectoryStore) async throws -> Run {
        guard looksLikeFile else { return try store.run(matching: text) }
        let waits = StoreReport(store)
        let progress = ImportProgress(file: text)
        defer {
            progress.end()
            waits.stop()
        }
        let reports = try await importFile(
            text,
            into: try store.writer(),
            store: store,
            onProgress: { progress.show($0) }
        )
        for warning in reports.filter({ !$0.wasKnown }).flatMap(\.warnings) { ErrorReport.say(warning) }
        guard let last = reports.last else { throw UsageError("\(text) holds no run") }
        return try store.run(last.run)
    }

    /// A name with a slash or a dot is a file; so is one that lies here and is no id.
    private var looksLikeFile: Bool {
        text.contains("/") || text.contains(".")
            || (FileManager.default.fileExists(atPath: text) && !text.allSatisfy(\.isHexDigit))
    }
}
