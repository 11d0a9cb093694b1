import Foundation
import TestSupport
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct TotalsTests {
    /// Whatever happens in whatever order, the totals kept with the rows are those the rows give.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func keptTotalsAreThoseOfTheRows(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        var openCalls = [try await writer.begin(run: run)]
        var ahead: [CompletionID] = []
        var fetched: Set<CompletionID> = []
        var held: [StartedCall: HoldID] = [:]
        var iterations: [IterationID] = []
        var openCompletions: [CompletionID] = []
        var queued: [StartedCall] = []
        for step in 0..<250 {
            switch Int.random(in: 0..<12, using: &random) {
            case 9:
                ahead.append(try await writer.beginAhead(in: run.id, completion: newCompletion("ahead \(step)")))
            case 10:
                guard let index = ahead.indices.randomElement(using: &random) else { continue }
                if Bool.random(using: &random) {
                    guard fetched.insert(ahead[index]).inserted else { continue }
                    try await writer.finish(completion: ahead[index], randomResult(using: &random))
                    continue
                }
                guard let iteration = iterations.randomElement(using: &random) else { continue }
                var call = llmCall(in: iteration, "ahead \(step)")
                call.completion = nil
                call.ahead = ahead.remove(at: index)
                let started = try await writer.enqueueBeginCalls([call])[0]
                if fetched.contains(started.completion!) { continue }
                writer.enqueueStart(call: started.call)
                queued.append(started)
            case 11:
                guard let call = queued.randomElement(using: &random), held[call] == nil else { continue }
                held[call] = try await writer.hold(
                    .call(call.call), completion: call.completion, stage: .beforeSend, rule: "r", preview: "p"
                )
                if Bool.random(using: &random) { try await writer.decide([held[call]!], .release) }

            case 0, 1:
                let (iteration, completion) = try await writer.beginIteration(
                    of: openCalls.randomElement(using: &random)!,
                    completion: newCompletion("turn \(step)")
                )
                iterations.append(iteration)
                openCompletions.append(completion)
            case 2, 3:
                guard let iteration = iterations.randomElement(using: &random) else { continue }
                let calls = (0..<Int.random(in: 1...5, using: &random)).map { number in
                    var call = llmCall(in: iteration, "ask \(step) \(number)")
                    if Bool.random(using: &random) {
                        call.kind = .rlm
                        call.completion = nil
                    }
                    return call
                }
                for started in try await writer.beginCalls(calls) {
                    if started.completion == nil { openCalls.append(started.call) } else { queued.append(started) }
                }
            case 4:
                if let call = queued.randomElement(using: &random) { writer.enqueueStart(call: call.call) }
                if let call = openCalls.randomElement(using: &random) { writer.enqueueStart(call: call) }
            case 5:
                guard let index = queued.indices.randomElement(using: &random) else { continue }
                let call = queued.remove(at: index)
                try await writer.finish(
                    call: call.call,
                    completion: call.completion!,
                    randomResult(using: &random)
                )
                // What has ended ends once.
                await #expect(throws: StoreError.self) {
                    try await writer.finish(call: call.call, completion: call.completion!, answered("again"))
                }
                if Bool.random(using: &random) {
                    openCompletions.append(
                        try await writer.beginAttempt(of: .call(call.call), completion: newCompletion("again"))
                    )
                }
            case 6:
                guard let index = openCompletions.indices.randomElement(using: &random) else { continue }
                try await writer.finish(
                    completion: openCompletions.remove(at: index),
                    randomResult(using: &random)
                )
            case 7:
                guard let iteration = iterations.randomElement(using: &random) else { continue }
                openCompletions.append(
                    try await writer.beginAttempt(of: .iteration(iteration), completion: newCompletion("other"))
                )
            default:
                guard openCalls.count > 2 else { continue }
                let call = openCalls.remove(at: Int.random(in: 1..<openCalls.count, using: &random))
                try await writer.finish(
                    call: call,
                    status: [.succeeded, .failed, .limited, .cancelled].randomElement(using: &random)!,
                    answer: "done \(step)",
                    failure: nil
                )
            }
        }
        try await writer.flush()
        let wrong = try store.wrongTotals()
        #expect(wrong.isEmpty, "seed \(seed): \(wrong.prefix(3))")
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    @Test func runShowsTheTotalsOfItsTree() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        try await writer.finish(
            completion: completion,
            answered("a", Usage(inputTokens: 100, outputTokens: 10, cachedTokens: 40, cost: 0.5))
        )
        let calls = try await writer.beginCalls([
            llmCall(in: iteration, "one"), llmCall(in: iteration, "two"), llmCall(in: iteration, "three"),
        ])
        try await writer.finish(call: calls[0].call, completion: calls[0].completion!, answered("1", .unknown))
        try await writer.finish(
            call: calls[1].call,
            completion: calls[1].completion!,
            CompletionResult(
                response: nil,
                status: .failed,
                failure: Failure(kind: "timeout", message: "no answer"),
                usage: Usage(inputTokens: 7)
            )
        )
        let found = try store.run(run.id)
        #expect(found.usage.known == Usage(inputTokens: 107, outputTokens: 10, cachedTokens: 40, cost: 0.5))
        #expect(found.usage.completions == 3)
        #expect(found.usage.completionsOfUnknownTokens == 1)
        #expect(found.usage.completionsOfUnknownCost == 2)
        #expect(found.calls == CallCounts(queued: 1, running: 1, done: 2, failed: 1))
        #expect(found.deepest == 1)
        #expect(found.iterations == 1)
        let node = try store.node(at: try Address("i1"), in: run.id)
        #expect(node.own.known.inputTokens == 100)
        #expect(node.subtree == found.usage)
        #expect(node.calls == CallCounts(queued: 1, done: 2, failed: 1))
        try store.close()
    }

    private func randomResult(using random: inout SeededGenerator) -> CompletionResult {
        let usage = Usage(
            inputTokens: Bool.random(using: &random) ? Int.random(in: 0...500, using: &random) : nil,
            outputTokens: Bool.random(using: &random) ? Int.random(in: 0...50, using: &random) : nil,
            cachedTokens: Bool.random(using: &random) ? 3 : nil,
            reasoningTokens: nil,
            cost: Bool.random(using: &random) ? 0.25 : nil
        )
        if Int.random(in: 0..<4, using: &random) == 0 {
            return CompletionResult(
                response: nil,
                status: .failed,
                failure: Failure(kind: "refused", message: "no"),
                usage: usage
            )
        }
        return answered("answer \(UInt64.random(in: .min ... .max, using: &random))", usage)
    }
}
