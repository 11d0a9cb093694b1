import Foundation
import Testing
import Trajectory
import TrajectoryStore

@testable import TrajectoryFormats

@Suite struct RLMSWriterTests {
    private func user(_ text: String) -> [Message] { [Message(role: .user, content: text)] }

    private func answered(_ text: String, _ usage: Usage = Usage(inputTokens: 7, outputTokens: 2, cost: 0.5))
        -> CompletionResult
    { CompletionResult(response: text, status: .succeeded, usage: usage) }

    private func failed(_ kind: String, _ message: String, _ status: Status = .failed) -> CompletionResult {
        CompletionResult(response: nil, status: status, failure: Failure(kind: kind, message: message))
    }

    private func exported(_ run: RunID, _ bench: ImportBench, named name: String = "out.jsonl") throws -> String {
        let path = "\(bench.folder)/\(name)"
        try exportRun(run, of: bench.store, as: .rlms, to: .file(path, isReplacing: true))
        return path
    }

    /// Exports a run and imports it into a store of its own.
    private func again(_ run: RunID, _ bench: ImportBench) async throws -> (outline: RunOutline, path: String) {
        let path = try exported(run, bench)
        let other = try ImportBench()
        let reports = try await other.imported(path)
        try #require(reports.count == 1)
        #expect(reports[0].warnings == [])
        return (try RunOutline(reports[0].run, in: other.store), path)
    }

    private func objects(_ path: String) throws -> [[String: Any]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }

    private static let hostile =
        "nul \u{0} esc \u{1b}[2J c1 \u{9b}31m bell \u{7} \"quoted\" \\n \\ud800 \r\n\t lines \u{2028}\u{2029}\u{85} "
        + "bidi \u{202e} flag 🇩🇪 e\u{301} \u{fffd} \u{7f} end"

    @Test func aRunComesBack() async throws {
        let bench = try ImportBench()
        let text = "line one\n\(Self.hostile)\nline three"
        let (hash, count) = try await bench.store.writer().storeContext(bytes: Data(text.utf8))
        let context = Context(name: "context_0", hash: hash, byteCount: count, type: .text, source: "/home/x/log.txt")
        let run = try await RecordedRun(bench.store, question: "Which?\n\nContexts:\n?", contexts: [context])

        let first = try await run.turn("```repl\nprint(1)\n```", code: "print(1)")
        try await run.ask(first, user("one"), answered("a"))
        try await run.ask(first, user(Self.hostile), answered(Self.hostile, .unknown))
        try await run.ask(first, user("Error: no"), answered("Error: an answer that begins so", .unknown))
        try await run.ask(first, user("two"), answered("b", Usage(outputTokens: 3)))
        try await run.ask(first, user("bad"), failed("rate_limited", "too many requests: wait"))
        try await run.ask(first, user("late"), failed("limit", "the budget is used up", .limited))
        try await run.ask(first, user("gone"), failed("cancelled", "the run was cancelled", .cancelled))
        try await run.ask(
            first, [Message(role: .system, content: "s"), Message(role: .user, content: "u")], answered("c"))
        try await run.end(first, stdout: Self.hostile, stderr: "a warning\n")

        let second = try await run.turn("second", code: "x = missing")
        try await run.end(
            second,
            stderr: "Traceback (most recent call last):\n  File \"<block>\", line 1, in <module>\nNameError: name\n",
            failure: Failure(kind: "NameError", message: "name"))
        let third = try await run.turn("third", code: "raise Missing('it')")
        try await run.end(
            third, stderr: "Traceback (most recent call last):\n  File \"<block>\", line 1\nMissing: it\n",
            failure: Failure(kind: "Missing", message: "it"))
        _ = try await run.turn("no code, only a thought")

        let fifth = try await run.turn("fifth", code: "rlm_query('sub')")
        let child = try await run.recurse(fifth, "sub")
        for number in 1...3 {
            let block = try await run.turn(of: child, "the same words", code: "step(\(number))")
            try await run.ask(block, user("deep \(number)"), depth: 2, answered("d\(number)"))
            try await run.end(block, stdout: "\(number)\n")
        }
        try await run.end(child, .succeeded, answer: "child's answer")
        let broken = try await run.recurse(fifth, "broken")
        try await run.end(broken, .failed, answer: nil, failure: Failure(kind: "no_answer", message: "nothing came"))
        let limited = try await run.recurse(fifth, "limited")
        _ = try await run.turn(of: limited, "my best guess")
        try await run.end(limited, .limited, answer: "my best guess")
        try await run.end(fifth, stdout: "ok\n")
        let last = try await run.turn("last", code: "FINAL('\(42)')")
        try await run.end(last)
        try await run.end(.succeeded, .answered, answer: "42 \(Self.hostile)")

        var expected = try RunOutline(run.id, in: bench.store)
        // What the format cannot say: stderr ends with the exception, and the iteration's seconds of a best answer.
        for index in expected.entries.indices where expected.entries[index].kind == .block {
            guard expected.entries[index].failure != nil else { continue }
            expected.entries[index].stderr?.removeLast()
        }
        let (found, path) = try await again(run.id, bench)
        let isSame = found == expected
        #expect(isSame, "\(found.differences(from: expected))")
        #expect(found["i1.c5"]?.failure == Failure(kind: "rate_limited", message: "too many requests: wait"))
        #expect(found["i1.c2"]?.usage == [nil, nil, nil])
        #expect(found["i1.c4"]?.usage == [nil, 3, nil])
        #expect(found["i5.c1.i3"]?.prompt.count == 6)
        #expect(found["i5.c3"]?.status == .limited)
        #expect(found.contexts == [["context_0", text]])

        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(!bytes.contains { $0 < 0x20 && $0 != 0x0a })
        #expect(String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).count == 7)
        let locals = try objects(path).dropFirst().map { line in
            (line["code_blocks"] as? [[String: Any]] ?? []).map { ($0["result"] as? [String: Any])?["locals"] }
        }
        let firstLocals = try #require(locals.first?.first as? [String: Any])
        #expect(firstLocals["context"] as? String == text)
        #expect(firstLocals["context_0"] == nil)
        #expect(firstLocals["few"] as? [Int] == [1, 2])
        #expect(firstLocals["rows"] as? String == "<list[40] ['a', 'b']>")
        #expect(firstLocals["n"] as? Int == 12)
        #expect(firstLocals["name"] as? String == "it's\n")
        #expect((locals[1].first as? [String: Any])?["context"] == nil)
    }

    @Test(arguments: ["rlms-simple", "rlms-batch", "rlms-nested", "rlms-exhausted"])
    func fixturesComeBackAndHaveTheSameFields(_ name: String) async throws {
        let bench = try ImportBench()
        let run = try await bench.imported(fixture("\(name).jsonl"))[0].run
        let first = try RunOutline(run, in: bench.store)
        let (second, path) = try await again(run, bench)
        #expect(second == first, "\(second.differences(from: first))")

        // A second round gives the same bytes.
        let other = try ImportBench()
        let reimported = try await other.imported(path)[0].run
        let repeated = try exported(reimported, other)
        #expect(try String(contentsOfFile: repeated, encoding: .utf8) == String(contentsOfFile: path, encoding: .utf8))

        let theirs = try objects(fixture("\(name).jsonl"))
        let ours = try objects(path)
        #expect(ours.count == theirs.count)
        for (ours, theirs) in zip(ours, theirs) { Self.expectSameFields(ours, theirs, "\(name)") }
    }

    /// Every field is there with a value of the same kind; prompts of children and variables are another matter.
    private static func expectSameFields(_ ours: Any, _ theirs: Any, _ place: String) {
        if let ours = ours as? [String: Any], let theirs = theirs as? [String: Any] {
            // The log does not say what a child's iterations cost, so that the child's sums cannot be told.
            let missing: Set = place.hasSuffix("usage_summary") ? Set(["total_cost"]) : []
            #expect(Set(ours.keys).union(missing) == Set(theirs.keys).union(missing), "\(place)")
            for (key, value) in theirs where key != "locals" && key != "model_usage_summaries" {
                if let own = ours[key] { expectSameFields(own, value, "\(place).\(key)") }
            }
        } else if let ours = ours as? [Any], let theirs = theirs as? [Any] {
            if !place.hasSuffix("iterations.prompt") { #expect(ours.count == theirs.count, "\(place)") }
            for (ours, theirs) in zip(ours, theirs) { expectSameFields(ours, theirs, place) }
        } else {
            #expect(ours is NSNull == theirs is NSNull, "\(place)")
            #expect(ours is String == theirs is String, "\(place)")
            #expect(ours is NSNumber == theirs is NSNumber, "\(place)")
        }
    }

    @Test func aRunThatHasNotEnded() async throws {
        let bench = try ImportBench()
        let run = try await RecordedRun(bench.store)
        let first = try await run.turn("one", code: "print(1)")
        try await run.end(first, stdout: "1\n")
        let second = try await run.turn("two", code: "llm_query('?')")
        try await run.ask(second, user("paid for"), answered("kept"))
        try await run.ask(second, user("on its way"), nil)

        // While it goes on, whole iterations alone are written, as the tool itself does.
        let going = try await again(run.id, bench).outline
        #expect(going.entries.map(\.address) == ["root", "i1", "i1.b1"])
        #expect(going.status == .cancelled && going.stopReason == .interrupted && going.answer == nil)

        // Once it is over, what was paid for is there.
        try await run.end(.cancelled, .cancelled, answer: nil)
        let ended = try await again(run.id, bench).outline
        #expect(ended["i2.b1"]?.status == .failed)
        #expect(ended["i2.b1"]?.failure?.kind == "KeyboardInterrupt")
        #expect(ended["i2.c1"]?.answer == "kept")
        #expect(ended["i2.c2"]?.status == .cancelled)
        #expect(ended.status == .cancelled)
    }

    @Test func aRunWithoutIterations() async throws {
        let bench = try ImportBench()
        let run = try await RecordedRun(bench.store)
        try await run.end(.failed, .failed, answer: nil, failure: Failure(kind: "no_key", message: "no key"))
        let found = try await again(run.id, bench).outline
        #expect(found.entries.map(\.address) == ["root"])
        #expect(found.status == .cancelled)
    }

    @Test func limitedRuns() async throws {
        let bench = try ImportBench()
        let guessed = try await RecordedRun(bench.store)
        try await guessed.end(try await guessed.turn("look", code: "print(1)"))
        _ = try await guessed.turn("It is probably two.")
        try await guessed.end(.limited, .maxIterations, answer: "It is probably two.")
        let found = try await again(guessed.id, bench).outline
        #expect(found.status == .limited && found.answer == "It is probably two.")

        // What code had put aside when the money was gone is no answer that the format can tell from a real one.
        let broke = try await RecordedRun(bench.store)
        let block = try await broke.turn("look", code: "llm_query('?')")
        try await broke.end(
            block, stderr: "", failure: Failure(kind: "limit", message: "the budget is used up"), .limited)
        try await broke.end(.limited, .maxBudget, answer: "half an answer")
        let other = try await again(broke.id, bench).outline
        #expect(other.status == .cancelled && other.answer == nil)
        #expect(other["i1.b1"]?.status == .limited)
        #expect(other["i1.b1"]?.failure == Failure(kind: "LimitReached", message: "the budget is used up"))
    }

    @Test func whatLooksLikeAFailureIsNone() async throws {
        let bench = try ImportBench()
        let run = try await RecordedRun(bench.store)
        try await run.end(
            try await run.turn("one", code: "warn()"), stderr: "Traceback (most recent call last):\nValueError: caught")
        try await run.end(.succeeded, .answered, answer: "fine")
        let found = try await again(run.id, bench).outline
        #expect(found["i1.b1"]?.status == .succeeded)
        #expect(found["i1.b1"]?.stderr == "Traceback (most recent call last):\nValueError: caught\n")
    }

    @Test func contextsThatAreLeftOut() async throws {
        let bench = try ImportBench()
        let writer = try bench.store.writer()
        func context(_ name: String, _ text: String, _ type: ContextType) async throws -> Context {
            let (hash, count) = try await writer.storeContext(bytes: Data(text.utf8))
            return Context(name: name, hash: hash, byteCount: count, type: type, source: "x")
        }
        let long = String(repeating: "0123456789", count: 30_000)
        let contexts = [
            try await context("context_0", long, .text), try await context("context_1", "{\"a\":\n [1]}", .json),
            try await context("context_2", "[1", .json), try await context("context_3", "a\nb", .lines),
        ]
        let run = try await RecordedRun(bench.store, contexts: contexts)
        try await run.end(try await run.turn("one", code: "1"))
        let (found, path) = try await again(run.id, bench)
        #expect(found.contexts == [["context_1", "{\"a\":  [1]}"]])
        #expect(try String(contentsOfFile: path, encoding: .utf8).utf8.count < 10_000)
    }

    @Test func severalProvidersAreWrittenInFull() async throws {
        let bench = try ImportBench()
        let writer = try bench.store.writer()
        let run = try await RecordedRun(bench.store)
        let block = try await run.turn("one", code: "1")
        let iteration = try #require(block).iteration
        let started = try await writer.beginCalls([
            NewCall(
                iteration: iteration, block: block?.id, kind: .llm, depth: 1, model: "openrouter/a/b",
                prompt: user("p"),
                completion: NewCompletion(model: "openrouter/a/b", messages: user("p")))
        ])[0]
        try await writer.finish(call: started.call, completion: #require(started.completion), answered("r"))
        try await run.end(block)
        let found = try await again(run.id, bench).outline
        #expect(found["i1.c1"]?.model == "openrouter/a/b")
        #expect(found.model == "openai/root")
    }

    @Test func filesAppearWholeOrNotAtAll() async throws {
        let bench = try ImportBench()
        let run = try await RecordedRun(bench.store)
        let folder = "\(bench.folder)/out"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/run.jsonl"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: FormatError.self) {
            try exportRun(run.id, of: bench.store, as: .rlms, to: .file(path, isReplacing: false))
        }
        #expect(error?.message.contains("there already") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        for place in [folder, "/dev/null", "\(folder)/none/run.jsonl"] {
            #expect(throws: FormatError.self) {
                try exportRun(run.id, of: bench.store, as: .rlms, to: .file(place, isReplacing: true))
            }
        }
        struct Broken: Error {}
        #expect(throws: Broken.self) { try NewFile.write("\(folder)/half", isReplacing: false) { _ in throw Broken() } }
        try exportRun(run.id, of: bench.store, as: .rlms, to: .file(path, isReplacing: true))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["run.jsonl"])
        #expect(try objects(path).count == 1)
    }
}
