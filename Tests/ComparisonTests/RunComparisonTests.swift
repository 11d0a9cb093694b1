import Foundation
import Testing
import TestSupport
import Trajectory
import TrajectoryStore

@testable import Comparison

@Suite struct RunComparisonTests {
    @Test func findsTheCauseAndItsEffects() async throws {
        let shelf = try Shelf()
        let a = try await shelf.run(answers: ["1", "2", "3"], total: "6")
        let b = try await shelf.run(answers: ["1", "7", "3"], total: "11")
        let comparison = try shelf.compare(a, b)
        #expect(
            comparison.nodes.map { "\($0.address) \($0.fields.map(\.rawValue))" } == [
                #"root ["answer"]"#, #"i1.b1 ["stdout"]"#, #"i1.c2 ["answer"]"#,
            ])
        #expect(comparison.firstDifference?.description == "i1.c2")
        let texts = try #require(comparison.nodes.last).texts(of: .answer, in: shelf.store)
        #expect(texts == (a: "2", b: "7"))
    }

    @Test func seesNoDifferenceInCostAndTimeAlone() async throws {
        let shelf = try Shelf()
        let a = try await shelf.run(answers: ["1", "2"], total: "3", tokens: 10)
        let b = try await shelf.run(answers: ["1", "2"], total: "3", tokens: 99)
        let comparison = try shelf.compare(a, b)
        #expect(comparison.nodes.isEmpty)
        #expect(comparison.firstDifference == nil)
    }

    /// A sub-call put in before the others moves them along and changes none of them.
    @Test func alignsMovedSubcallsByTheirPrompts() async throws {
        let shelf = try Shelf()
        let a = try await shelf.run(prompts: ["p", "q", "r"], answers: ["1", "2", "3"], total: "t")
        let b = try await shelf.run(prompts: ["new", "p", "q", "r"], answers: ["0", "1", "2", "3"], total: "t")
        let forwards = try shelf.compare(a, b)
        #expect(forwards.nodes.map { "\($0.address) \($0.change)" } == ["i1.c1 added"])
        let backwards = try shelf.compare(b, a)
        #expect(backwards.nodes.map { "\($0.address) \($0.change)" } == ["i1.c1 removed"])
        #expect(backwards.firstDifference?.description == "i1.c1")
    }

    @Test func aChangedBlockComesBeforeItsSubcalls() async throws {
        let shelf = try Shelf()
        let a = try await shelf.run(code: "ask(1)", prompts: ["p"], answers: ["1"], total: "1")
        let b = try await shelf.run(code: "ask(2)", prompts: ["P"], answers: ["2"], total: "2")
        let comparison = try shelf.compare(a, b)
        #expect(comparison.firstDifference?.description == "i1.b1")
        #expect(comparison.nodes.map { $0.address.description } == ["root", "i1.b1", "i1.c1"])
    }

    @Test func comparesAttemptsOfASubcall() async throws {
        let shelf = try Shelf()
        let run = try await shelf.run(prompts: ["read this"], answers: ["wrong"], total: "x")
        let call = try shelf.store.node(at: Address("i1.c1"), in: run)
        let attempt = try await shelf.store.writer().beginAttempt(
            of: call.id, completion: shelf.completion("read it well"))
        try await shelf.store.writer().finish(
            completion: attempt, CompletionResult(response: "right", status: .succeeded, usage: .unknown))
        let first = try shelf.store.node(at: Address("i1.c1@1"), in: run)
        let second = try shelf.store.node(at: Address("i1.c1@2"), in: run)
        let comparison = try RunComparison(of: first, and: second, in: shelf.store)
        #expect(comparison.nodes.first?.fields.contains(.answer) == true)
        let texts = try #require(comparison.nodes.first).texts(of: .answer, in: shelf.store)
        #expect(texts == (a: "wrong", b: "right"))
        let prompts = try #require(comparison.nodes.first).texts(of: .prompt, in: shelf.store)
        #expect(prompts == (a: "read this", b: "read it well"))
    }

    @Test func comparesTenThousandSubcallsAtOnce() async throws {
        let shelf = try Shelf()
        let prompts = (0..<10_000).map { "prompt \($0)" }
        let a = try await shelf.run(prompts: prompts, answers: prompts, total: "t")
        var changed = prompts
        changed[5_000] = "other"
        let b = try await shelf.run(prompts: prompts, answers: changed, total: "t")
        let start = ContinuousClock.now
        let comparison = try shelf.compare(a, b)
        #expect(comparison.nodes.map(\.address.description) == ["i1.c5001"])
        // A debug build on a busy machine; `make bench` has the figure.
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}

/// A store with finished runs of one iteration each.
private struct Shelf {
    let store: TrajectoryStore
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "comparison-tests-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try TrajectoryStore(path: folder + "/trajectories.sqlite")
    }

    func completion(_ prompt: String) -> NewCompletion {
        NewCompletion(model: "test/model", messages: [Message(role: .user, content: prompt)])
    }

    func run(
        code: String = "ask()", prompts: [String]? = nil, answers: [String], total: String, tokens: Int = 10
    ) async throws -> RunID {
        let prompts = prompts ?? answers.indices.map { "part \($0)" }
        let writer = try store.writer()
        let id = RunID.random()
        let root = try await writer.begin(
            run: NewRun(id: id, question: "How many?", model: "test/model", createdAt: Date()))
        let (iteration, response) = try await writer.beginIteration(of: root, completion: completion("How many?"))
        try await writer.finish(
            completion: response,
            CompletionResult(response: "code", status: .succeeded, usage: Usage(inputTokens: tokens, outputTokens: 1)))
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: code)
        let calls = try await writer.beginCalls(
            prompts.map { prompt in
                NewCall(
                    iteration: iteration, block: block, kind: .llm, depth: 1, model: "test/model",
                    prompt: [Message(role: .user, content: prompt)], batch: 1, completion: completion(prompt))
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (call, answer) in zip(calls, answers) {
                guard let completion = call.completion else { continue }
                group.addTask {
                    try await writer.finish(
                        call: call.call, completion: completion,
                        CompletionResult(
                            response: answer, status: .succeeded, usage: Usage(inputTokens: tokens, outputTokens: 1)))
                }
            }
            try await group.waitForAll()
        }
        try await writer.finish(block: block, BlockRecord(status: .succeeded, output: Output(stdout: total)))
        try await writer.finish(iteration: iteration, status: .succeeded)
        try await writer.finish(run: id, status: .succeeded, stopReason: .answered, answer: total, failure: nil)
        return id
    }

    func compare(_ a: RunID, _ b: RunID) throws -> RunComparison {
        try RunComparison(of: store.root(of: a), and: store.root(of: b), in: store)
    }
}
