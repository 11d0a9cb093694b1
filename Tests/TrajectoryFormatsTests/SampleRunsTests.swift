import Foundation
import Testing
import Trajectory
import TrajectoryStore

@testable import TrajectoryFormats

/// The files of `sample-runs/` are what its README says.
@Suite struct SampleRunsTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("sample-runs").path

    private func sample(_ name: String, in bench: ImportBench) async throws -> (run: Run, outline: RunOutline) {
        let reports = try await bench.imported("\(Self.folder)/\(name).jsonl")
        try #require(reports.count == 1)
        #expect(reports[0].warnings == [])
        return (try bench.store.run(reports[0].run), try RunOutline(reports[0].run, in: bench.store))
    }

    @Test func everyFileIsSmallReadableAndNamesNoMachine() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".jsonl") }
        #expect(names.count >= 4)
        for name in names {
            let bench = try ImportBench()
            let path = "\(Self.folder)/\(name)"
            let (run, outline) = try await sample(String(name.dropLast(6)), in: bench)
            #expect(run.status == .succeeded && run.stopReason == .answered, "\(name)")
            #expect(outline.contexts.count == 1, "\(name)")
            #expect(!run.question.contains("not recorded"), "\(name)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.utf8.count < 300_000, "\(name)")
            for trace in ["/home/", "/root", "/tmp/", "/work/", "/Users/", "base_url", "127.0.0.1"] {
                #expect(!text.contains(trace), "\(name) holds \(trace)")
            }
            // What the program writes of it is what it wrote.
            let again = "\(bench.folder)/again.jsonl"
            try exportRun(run.id, of: bench.store, as: .rlms, to: .file(again, isReplacing: false))
            let other = try ImportBench()
            let second = try await other.imported(again)[0].run
            let isSame = try RunOutline(second, in: other.store) == outline
            #expect(isSame, "\(name)")
        }
    }

    @Test func needle() async throws {
        let (run, outline) = try await sample("needle", in: ImportBench())
        #expect(run.answer?.contains("41-07-26") == true)
        #expect(run.model == "offline/lexical")
        #expect(outline.contexts[0][1].split(separator: "\n").count > 700)
        #expect(outline.entries.contains { $0.kind == .llm })
    }

    @Test func countAgreesWithTheContext() async throws {
        let (run, outline) = try await sample("count", in: ImportBench())
        let lines = outline.contexts[0][1].split(separator: "\n")
        let count = lines.count { $0.split(separator: "|").dropFirst().first == " billing " }
        #expect(count > 50)
        #expect(run.answer?.contains("\(count) ") == true, "\(run.answer ?? "") is not \(count)")
        #expect(outline.entries.count { $0.kind == .llm } >= 3)
    }

    @Test func recovery() async throws {
        let (run, outline) = try await sample("recovery", in: ImportBench())
        let raised = outline.entries.filter { $0.kind == .block && $0.status == .failed }.compactMap(\.failure?.kind)
        #expect(raised.contains("JSONDecodeError") && raised.contains("KeyError") && raised.contains("BatchError"))
        #expect(outline.entries.contains { $0.kind == .iteration && $0.status == .failed })
        let refused = outline.entries.filter { $0.kind == .llm && $0.status == .failed }
        #expect(refused.count >= 2)
        #expect(refused.allSatisfy { $0.failure?.kind == "refused" })
        #expect(run.calls.failed == refused.count)
        #expect(outline.entries.last { $0.kind == .iteration }?.status == .succeeded)
    }

    @Test func long() async throws {
        let (run, outline) = try await sample("long", in: ImportBench())
        #expect(run.iterations >= 25)
        let children = outline.entries.filter { $0.kind == .rlm && $0.depth >= 1 }
        #expect(children.count >= 1)
        #expect(children.allSatisfy { $0.status == .succeeded && $0.answer != nil })
        #expect(run.deepest == 2)
        #expect(outline.entries.count { $0.kind == .llm && $0.depth == 1 } >= 15)
        #expect(outline.entries.contains { $0.kind == .llm && $0.depth == 2 })
    }
}
