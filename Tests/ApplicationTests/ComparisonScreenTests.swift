import Foundation
import Terminal
import Testing
import Trajectory
import TrajectoryStore
import Views

@testable import Application

/// A run and its fork in a real store: the family, and how the two differ.
@Suite struct ComparisonScreenTests {
    private let model = "openai/gpt-5"

    private func completion(_ prompt: String) -> NewCompletion {
        NewCompletion(model: model, messages: [Message(role: .user, content: prompt)])
    }

    private func answered(_ text: String) -> CompletionResult {
        CompletionResult(
            response: text, status: .succeeded, usage: Usage(inputTokens: 600, outputTokens: 20, cost: 0.000_4))
    }

    /// One iteration that asks `answers.count` parts, and one that sums up.
    private func write(_ run: NewRun, _ answers: [String], total: String, in store: TrajectoryStore) async throws {
        let writer = try store.writer()
        let root = try await writer.begin(run: run)
        let (first, asked) = try await writer.beginIteration(of: root, completion: completion(run.question))
        try await writer.finish(completion: asked, answered("```repl\ncounts = ask(parts)\n```"))
        let block = try await writer.beginBlock(in: first, ordinal: 1, code: "counts = ask(parts)")
        let calls = try await writer.beginCalls(
            answers.indices.map { part in
                let prompt = Message(role: .user, content: "How many in part \(part + 1)?")
                return NewCall(
                    iteration: first, block: block, kind: .llm, depth: 1, model: model, prompt: [prompt], batch: 1,
                    completion: NewCompletion(model: model, messages: [prompt]))
            })
        for (call, answer) in zip(calls, answers) {
            try await writer.finish(call: call.call, completion: try #require(call.completion), answered(answer))
        }
        try await writer.finish(
            block: block, BlockRecord(status: .succeeded, output: Output(stdout: "total \(total)\n")))
        try await writer.finish(iteration: first, status: .succeeded)
        let (second, summed) = try await writer.beginIteration(
            of: root, completion: completion("Output: total \(total)"))
        try await writer.finish(completion: summed, answered("The total is \(total)."))
        try await writer.finish(iteration: second, status: .succeeded)
        try await writer.finish(run: run.id, status: .succeeded, stopReason: .answered, answer: total, failure: nil)
    }

    private func family(_ count: Int, in store: TrajectoryStore) async throws {
        let answers = (1...count).map { "\($0) of them, as far as I see" }
        let start = Fixture.start
        try await write(
            NewRun(id: RunID(rawValue: "7f3a"), question: "How many in all?", model: model, createdAt: start), answers,
            total: "55", in: store)
        var changed = answers
        changed[3] = "40 of them, as far as I see"
        var fork = NewRun(
            id: RunID(rawValue: "91bc"), question: "How many in all?", model: model,
            createdAt: start.addingTimeInterval(60))
        fork.forkedFrom = RunID(rawValue: "7f3a")
        fork.forkedAt = try Address("i1.c4")
        fork.change = #"{"prompt":"Look again: how many in part 4?"}"#
        fork.name = "looked again"
        try await write(fork, changed, total: "91", in: store)
    }

    private func screen(_ store: TrajectoryStore, _ keys: String, _ size: Size) throws -> String {
        try snapshot(store: store, run: RunID(rawValue: "91bc"), size: size, keys: keys).text()
    }

    @Test func theFamilyAndTheDifferences() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        try await family(10, in: store)
        let size = Size(columns: 80, rows: 40)
        let forks = try screen(store, "b", size)
        #expect(forks.contains("✓ 7f3a  55"))
        #expect(forks.contains("  ✓ 91bc  looked again  at i1.c4: prompt  91"))
        #expect(forks.contains("fork of 7f3a at i1.c4, changed: prompt"))
        // From the tree of the fork, and from the family with its cursor on either.
        for keys in ["=", "b=", "bg=", "bg<space>j<space>="] {
            let text = try screen(store, keys, size)
            #expect(text.contains("Differences  7f3a → 91bc"), "\(keys): \(text)")
            #expect(text.contains("3 sub-calls the same"), "\(text)")
            #expect(text.contains("i1.c4  changed: answer"))
            #expect(text.contains("- [-4-] of them, as far as I see"))
            #expect(text.contains("+ {+40+} of them, as far as I see"))
            #expect(text.contains("- total [-55-]") && text.contains("+ total {+91+}"))
        }
        #expect(try screen(store, "b=q", size).contains("Forks"), "back to the family")
        #expect(try screen(store, "bg=qq", size).contains("Tree"), "and to the tree")
        #expect(try screen(store, "bg<enter>", size).contains("7f3a"), "Enter opens the run")
        try store.close()
    }

    @Test func markedNodesAreCompared() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        try await family(10, in: store)
        let size = Size(columns: 80, rows: 40)
        let text = try screen(store, "jj<space>jj<space>=", size)
        #expect(text.contains("Differences  i1.c1 → i1.c3"), "\(text)")
        #expect(text.contains("- How many in part [-1-]?") && text.contains("+ How many in part {+3+}?"))
        #expect(!text.contains("the same"), "only the two were compared")
        let marks = try screen(store, "jj<space>", size)
        #expect(marks.contains("1 node marked; mark another, then = compares them."))
        try store.close()
    }

    /// The first differences of two large runs are on the screen before all of them are known.
    @Test func theFirstOfManyComeAtOnce() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        let start = Fixture.start
        for (id, word) in [("aaaa", "one"), ("bbbb", "two")] {
            try await write(
                NewRun(id: RunID(rawValue: id), question: "q", model: model, createdAt: start),
                (1...600).map { "\(word) \($0)" }, total: word, in: store)
        }
        var portions: [Int] = []
        let pair = ComparedPair(
            ComparedSide(run: RunID(rawValue: "aaaa"), address: .root),
            ComparedSide(run: RunID(rawValue: "bbbb"), address: .root))
        try store.compare(pair, isCancelled: { false }) { nodes, isWhole in
            portions.append(nodes.count)
            #expect(isWhole == (portions.reduce(0, +) >= 600), "\(portions)")
        }
        #expect(portions.first == 10 && portions.count > 5)
        // Whoever has left is not worked for any more.
        var asked = 0
        try store.compare(
            pair,
            isCancelled: {
                asked += 1; return asked > 3
            }
        ) { _, _ in Issue.record("not wanted") }
        try store.close()
    }
}
