// Fixtures, files made for a test, and a store to import them into.
import Foundation
import Testing
import Trajectory
import TrajectoryStore

@testable import TrajectoryFormats

func fixture(_ name: String) throws -> String {
    try #require(Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil))
}

/// A store and files in a folder that goes away with it.
final class ImportBench: Sendable {
    let folder: String
    let store: TrajectoryStore

    init() throws {
        folder = NSTemporaryDirectory() + "formats-tests-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try TrajectoryStore(path: "\(folder)/trajectories.sqlite")
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func file(_ text: String, named name: String = "log.jsonl") throws -> String {
        try file(Data(text.utf8), named: name)
    }

    func file(_ bytes: Data, named name: String = "log.jsonl") throws -> String {
        let path = "\(folder)/\(name)"
        try bytes.write(to: URL(fileURLWithPath: path))
        return path
    }

    func imported(_ path: String) async throws -> [ImportReport] {
        try await importFile(path, into: store.writer(), store: store)
    }

    func node(_ address: String, _ run: RunID) throws -> Node { try store.node(at: Address(address), in: run) }

    func detail(_ address: String, _ run: RunID) throws -> IterationDetail {
        guard case .iteration(let id) = try node(address, run).id else { throw CocoaError(.featureUnsupported) }
        return try store.iterationDetail(id)
    }
}
