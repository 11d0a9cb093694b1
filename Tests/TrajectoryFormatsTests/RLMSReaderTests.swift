import Foundation
import Testing
import Trajectory
import TrajectoryStore

@testable import TrajectoryFormats

@Suite struct RLMSReaderTests {
    @Test func simpleRun() async throws {
        let bench = try ImportBench()
        let reports = try await bench.imported(fixture("rlms-simple.jsonl"))
        try #require(reports.count == 1)
        #expect(reports[0].format == "rlms")
        #expect(reports[0].iterations == 3)
        #expect(reports[0].calls == 2)
        #expect(reports[0].warnings == [])
        let run = try bench.store.run(reports[0].run)
        #expect(run.question == "TASK simple: what is the vault code?")
        #expect(run.model == "openai/scripted-root")
        #expect(run.environment == "local")
        #expect(run.settings.maxIterations == 10)
        #expect(run.settings.baseURL == "http://127.0.0.1:8000/v1")
        #expect(run.status == .succeeded)
        #expect(run.stopReason == .answered)
        #expect(run.answer == "answer bdd6b066")
        #expect(run.origin == .imported)
        // The root's own usage is not in the log; the sub-call's is.
        #expect(run.usage.completions == 4)
        #expect(run.usage.completionsOfUnknownTokens == 3)
        #expect(run.usage.known.outputTokens == 3)
        #expect(run.usage.known.cost == 0.001)
    }

    @Test func contextIsStoredOnceAndIsNoVariable() async throws {
        let bench = try ImportBench()
        let run = try await bench.imported(fixture("rlms-simple.jsonl"))[0].run
        let contexts = try bench.store.contexts(of: run)
        try #require(contexts.count == 1)
        #expect(contexts[0].name == "context_0")
        #expect(contexts[0].type == .text)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: bench.store.contextPath(contexts[0].hash)))
        #expect(bytes.count == contexts[0].byteCount)
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("040 the vault code is 7-1-9\n"))
        let files = try FileManager.default.contentsOfDirectory(atPath: bench.store.contextFolder)
        #expect(files == [contexts[0].hash])
        let detail = try bench.detail("i2", run)
        let names = detail.blocks[0].variables.map(\.name)
        #expect(names.contains("reply") && names.contains("lines"))
        #expect(!names.contains { $0.hasPrefix("context") })
        let lines = try #require(detail.blocks[0].variables.first { $0.name == "lines" })
        #expect(lines.type == "list[41]")
        #expect(!lines.isChanged)
        #expect(try #require(detail.blocks[0].variables.first { $0.name == "reply" }).isChanged)
        #expect(try #require(detail.blocks[0].variables.first { $0.name == "reply" }).preview == "'answer bdd6b066'")
    }

    @Test func nodesShowWhatTheyAreAbout() async throws {
        let bench = try ImportBench()
        let run = try await bench.imported(fixture("rlms-simple.jsonl"))[0].run
        let iteration = try bench.node("i2", run)
        #expect(iteration.title.hasPrefix("hits = [l for l in lines if 'code' in l]; reply = llm_query("))
        #expect(iteration.preview == "answer bdd6b066")
        #expect(iteration.origin == .imported)
        #expect(iteration.status == .succeeded)
        #expect(try #require(iteration.seconds) > 0)
        let call = try bench.node("i2.c1", run)
        #expect(call.kind == .llm)
        #expect(call.block == 1)
        #expect(call.title == "Which code is named here? 040 the vault code is 7-1-9")
        #expect(call.preview == "answer bdd6b066")
        #expect(call.own.known.inputTokens == 13)
        #expect(try #require(call.seconds) > 0)
        let messages = try bench.store.completions(of: iteration.id)[0].messages
        #expect(messages.map(\.role) == [.system, .user, .user, .assistant, .user, .user])
        #expect(try bench.store.root(of: run).title == "TASK simple: what is the vault code?")
    }

    @Test func batchWithFailedItemAndErrors() async throws {
        let bench = try ImportBench()
        let run = try await bench.imported(fixture("rlms-batch.jsonl"))[0].run
        // The failed item left no record: four of five.
        #expect(try bench.node("i1", run).calls == CallCounts(done: 4))
        let failed = try bench.detail("i2", run).blocks[0]
        #expect(failed.status == .failed)
        #expect(failed.failure == Failure(kind: "NameError", message: "name 'undefined_name' is not defined"))
        #expect(try bench.node("i2", run).failure?.kind == "NameError")
        // A word on stderr is no failure.
        let warned = try bench.detail("i3", run).blocks[0]
        #expect(warned.status == .succeeded)
        #expect(warned.output.stderr == "a word to stderr\n")
        #expect(warned.output.stdout == "x is 42\n")
        let thought = try bench.node("i4", run)
        #expect(thought.childCount == 0)
        #expect(thought.title == "No code this time, only a thought.")
        #expect(try bench.store.run(run).answer == "recovered ✓ 🙂")
    }

    @Test func nestedChildren() async throws {
        let bench = try ImportBench()
        let report = try await bench.imported(fixture("rlms-nested.jsonl"))[0]
        #expect(report.calls == 14)
        let run = report.run
        let child = try bench.node("i1.c1", run)
        #expect(child.kind == .rlm)
        #expect(child.childCount == 3)
        #expect(child.depth == 1)
        #expect(child.title == "CHILD count the lines")
        #expect(try bench.node("i1.c1.i2.c1", run).kind == .rlm)
        let leaf = try bench.node("i1.c1.i2.c1.i1.c1", run)
        #expect(leaf.kind == .llm)
        #expect(leaf.depth == 3)
        #expect(try bench.store.run(run).deepest == 3)
        guard case .call(let childID) = child.id else { throw CocoaError(.featureUnsupported) }
        #expect(try bench.store.answer(of: childID) == "child says answer d7b1d100")
        // Each of the child's iterations shows the final history in the file; here what it was sent.
        for (number, count) in [(1, 3), (2, 6), (3, 9)] {
            let iteration = try bench.node("i1.c1.i\(number)", run)
            #expect(try bench.store.completions(of: iteration.id)[0].messages.count == count)
        }
        let plain = try bench.node("i2.c3", run)
        #expect(plain.kind == .llm && plain.title == "plain")
        var visited: [String] = []
        try bench.store.walk(run: run) { visited.append($0.address.description) }
        #expect(visited.count == Set(visited).count)
        #expect(visited.starts(with: ["root", "i1", "i1.b1", "i1.c1", "i1.c1.i1", "i1.c1.i1.b1", "i1.c1.i1.c1"]))
    }

    @Test func exhaustedRunIsLimited() async throws {
        let bench = try ImportBench()
        let report = try await bench.imported(fixture("rlms-exhausted.jsonl"))[0]
        let run = try bench.store.run(report.run)
        #expect(run.status == .limited)
        #expect(run.stopReason == .maxIterations)
        #expect(run.answer == "My best answer is two.")
        #expect(report.iterations == 3)
        // It was asked for by a message of the assistant's, which is not an answer to cut at.
        #expect(try bench.store.completions(of: bench.node("i3", report.run).id)[0].messages.last?.role == .assistant)
    }

    @Test func halfALastLineIsLeftOut() async throws {
        let bench = try ImportBench()
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("rlms-simple.jsonl")))
        let report = try await bench.imported(bench.file(whole.dropLast(900)))[0]
        #expect(report.iterations == 2)
        #expect(report.warnings.count == 1)
        #expect(report.warnings[0].hasPrefix("line 4: half a line"))
        let run = try bench.store.run(report.run)
        #expect(run.status == .cancelled)
        #expect(run.stopReason == .interrupted)
        #expect(run.answer == nil)
    }

    @Test func lastLineWithoutLineEndIsKept() async throws {
        let bench = try ImportBench()
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("rlms-simple.jsonl")))
        let report = try await bench.imported(bench.file(whole.dropLast()))[0]
        #expect(report.iterations == 3 && report.warnings.isEmpty)
    }

    @Test func numbersThatBeginAgainAreAnotherRun() async throws {
        let bench = try ImportBench()
        let text = try String(contentsOfFile: fixture("rlms-simple.jsonl"), encoding: .utf8)
        let again = text.split(separator: "\n").dropFirst().joined(separator: "\n")
        let reports = try await bench.imported(bench.file("\(text)\(again)\n"))
        #expect(reports.map(\.iterations) == [3, 3])
        #expect(Set(reports.map(\.run)).count == 2)
        #expect(try bench.store.runCount() == 2)
    }

    @Test func theSameBytesGiveTheSameRun() async throws {
        let bench = try ImportBench()
        let first = try await bench.imported(fixture("rlms-batch.jsonl"))[0]
        let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture("rlms-batch.jsonl")))
        let second = try await bench.imported(bench.file(bytes, named: "copy.jsonl"))[0]
        #expect(second.run == first.run)
        #expect(second.warnings == ["already imported as run \(first.run)"])
        #expect(second.calls == first.calls)
        #expect(try bench.store.runCount() == 1)
    }

    @Test func datesAreLocalTime() async throws {
        let bench = try ImportBench()
        let line = """
            {"type":"iteration","iteration":1,"timestamp":"2026-03-04T05:06:07.500000","prompt":[],"response":"r",\
            "code_blocks":[],"final_answer":null,"iteration_time":2.5}
            """
        let run = try bench.store.run(await bench.imported(bench.file(line))[0].run)
        let end = DateComponents(calendar: .current, year: 2026, month: 3, day: 4, hour: 5, minute: 6, second: 7)
        #expect(abs(run.createdAt.timeIntervalSince(end.date!) + 2) < 0.001)
        #expect(PythonText.date("2026-03-04T05:06:07+02:00") == PythonText.date("2026-03-04T03:06:07Z"))
        #expect(PythonText.date("yesterday") == nil)
    }
}
