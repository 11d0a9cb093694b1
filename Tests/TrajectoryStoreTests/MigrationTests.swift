import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

/// A store that the first version of the program made is brought up to date and shows what that program showed.
/// `version-1.sqlite` holds an answered run, a limited one, an imported one and one that was killed in a batch;
/// `version-1.json` is what `show --json` of that version printed of them.
@Suite struct MigrationTests {
    private func copy(of name: String, to folder: TemporaryFolder) throws -> String {
        let source = try #require(Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil))
        let target = "\(folder.path)/\(name)"
        try FileManager.default.copyItem(atPath: source, toPath: target)
        return target
    }

    @Test func olderStoreShowsTheSame() throws {
        let folder = try TemporaryFolder()
        let path = try copy(of: "version-1.sqlite", to: folder)
        let printed = try Data(contentsOf: URL(fileURLWithPath: try copy(of: "version-1.json", to: folder)))
        let expected = try #require(try JSONSerialization.jsonObject(with: printed) as? [[String: Any]])
        #expect(expected.count == 4)
        let store = try TrajectoryStore(path: path)
        for run in expected {
            let id = RunID(rawValue: try #require(run["run"] as? String))
            let found = try store.run(id)
            #expect(found.status.rawValue == run["status"] as? String)
            #expect(found.answer == run["answer"] as? String)
            #expect(found.calls.total == run["calls"] as? Int)
            #expect(found.calls.failed == run["failed_calls"] as? Int)
            #expect(found.deepest == run["deepest"] as? Int)
            #expect(found.usage.known.inputTokens == (run["usage"] as? [String: Any])?["input_tokens"] as? Int)
            var nodes: [String] = []
            try store.walk(run: id) { nodes.append(line($0)) }
            let printed = lines(try #require(run["root"] as? [String: Any]))
            #expect(nodes.count == printed.count)
            for (found, line) in zip(nodes, printed) { #expect(found == line) }
        }
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    @Test func olderStoreGetsWhatIsNew() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: try copy(of: "version-1.sqlite", to: folder))
        let wrong = try store.wrongTotals()
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
        var problems: [String] = []
        for run in try store.runs(limit: 10) {
            var walked: [Address] = []
            try store.walk(run: run.id) { if $0.problem != nil { walked.append($0.address) } }
            #expect(try store.problems(in: run.id) == walked)
            problems += walked.map(\.description)
        }
        #expect(problems.count > 10)
        // It can be written on, with ids that no row has yet.
        let run = try #require(try store.runs(limit: 10).first { $0.stopReason == .interrupted })
        let writer = try store.writer()
        try await writer.setStatus(run: run.id, .running)
        let root = try #require(run.root)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("on"))
        try await writer.finish(completion: completion, answered("yes"))
        _ = try await writer.enqueueBeginCalls([llmCall(in: iteration, "a"), llmCall(in: iteration, "b")])
        try await writer.flush()
        #expect(try store.run(run.id).iterations == run.iterations + 1)
        #expect(try store.wrongTotals() == [])
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    private func line(_ node: Node) -> String {
        let usage = node.subtree.known
        return [
            node.address.description, node.kind.rawValue, node.status.rawValue, node.origin.rawValue,
            node.freshness.rawValue, node.model ?? "", node.title, "\(usage.inputTokens ?? -1)",
            "\(usage.outputTokens ?? -1)", node.failure?.kind ?? "",
        ].joined(separator: "|")
    }

    private func lines(_ node: [String: Any]) -> [String] {
        func text(_ key: String) -> String { node[key] as? String ?? "" }
        func count(_ usage: String, _ key: String) -> Int { (node[usage] as? [String: Any])?[key] as? Int ?? -1 }
        let line = [
            text("address"), text("kind"), text("status"), text("origin"), text("freshness"), text("model"),
            text("title"), "\(count("subtree_usage", "input_tokens"))", "\(count("subtree_usage", "output_tokens"))",
            (node["failure"] as? [String: Any])?["kind"] as? String ?? "",
        ].joined(separator: "|")
        return [line] + (node["children"] as? [[String: Any]] ?? []).flatMap(lines)
    }
}
