import Engine
import Foundation
import LMClients
import Synchronization
import Testing
import Trajectory

/// Tokens and money cannot be passed by what is in flight, whoever answers and whatever they count.
@Suite struct AdmissionTests {
    /// Thirty-two at once, from a root of the same model or another, that answers in few tokens itself.
    private func run(
        tokens: Int? = nil, budget: Double? = nil, price: Double? = nil, isSameModel: Bool = true, depth: Int = 1,
        root: Usage = Usage(inputTokens: 100, outputTokens: 20),
        answers: @escaping @Sendable (CompletionRequest, Int) -> CompletionResponse
    ) async throws -> (result: RunResult, run: Run, most: Int) {
        let batch = "llm_query_batched(['question %d' % i for i in range(32)])"
        let code =
            depth == 1
            ? "answer['content'] = 'so far'\n\(batch)"
            : "answer['content'] = 'so far'\nif 'more' in context: \(batch)\nelse: rlm_query_batched(['more'] * 4)"
        let served = Mutex(0)
        let fixture = try EngineFixture { request, _ in
            if request.messages.first?.role == .system {
                var usage = root
                if let price { usage.cost = price * Double(root.totalTokens ?? 0) }
                return CompletionResponse(text: repl(code), usage: usage)
            }
            try await Task.sleep(for: .milliseconds(3))
            let number = served.withLock { served in
                served += 1
                return served
            }
            return answers(request, number)
        }
        var request = try fixture.request(limits: Limits(depth: depth, budget: budget, tokens: tokens))
        if isSameModel { request.subModel = request.model }
        let (result, run) = try await fixture.run(request)
        return (result, run, fixture.client.maxInFlight)
    }

    private static func usage(_ input: Int, _ output: Int, cost: Double? = nil) -> CompletionResponse {
        CompletionResponse(text: "x", usage: Usage(inputTokens: input, outputTokens: output, cost: cost))
    }

    @Test(arguments: [true, false], [1, 2])
    func aBatchCannotPassTheTokensTogether(_ isSameModel: Bool, _ depth: Int) async throws {
        // Depth costs the iterations of four more calls.
        let limit = depth == 1 ? 2000 : 3000
        let (result, run, _) = try await run(tokens: limit, isSameModel: isSameModel, depth: depth) { _, _ in
            Self.usage(250, 250)
        }
        #expect(result.status == .limited)
        #expect(result.stopReason == .maxTokens)
        let used = run.usage.known.totalTokens ?? 0
        #expect(used <= limit && used > limit / 2, "\(used)")
        #expect(result.answer == "so far")
    }

    @Test(arguments: [true, false])
    func norTheBudget(_ isSameModel: Bool) async throws {
        let (result, run, _) = try await run(budget: 0.05, price: 0.000_01, isSameModel: isSameModel) { _, _ in
            Self.usage(500, 500, cost: 0.01)
        }
        #expect(result.stopReason == .maxBudget)
        let spent = run.usage.known.cost ?? 1
        #expect(spent <= 0.05 && spent > 0.03, "\(spent)")
    }

    /// The first answers are short, and nothing says that the next ones are not.
    @Test func aServerThatIgnoresTheCapPassesByOneAnswerAtMost() async throws {
        let (_, run, _) = try await run(tokens: 2000) { _, number in Self.usage(5, number == 1 ? 5 : 500) }
        #expect((run.usage.known.totalTokens ?? 0) <= 2000 + 505)
    }

    @Test func aServerThatKeepsToTheCapNeverPasses() async throws {
        for seed in 1...4 {
            let (_, run, _) = try await run(tokens: 3000) { request, number in
                let wanted = (number * 7919 * seed) % 900
                return Self.usage(
                    10 + request.messages.reduce(0) { $0 + $1.content.utf8.count } / 3,
                    min(wanted, request.maxOutputTokens ?? .max))
            }
            #expect((run.usage.known.totalTokens ?? 0) <= 3000)
        }
    }

    @Test func longWordsOfASilentServerCount() async throws {
        let text = String(repeating: "word ", count: 400)
        let served = Mutex(0)
        let (result, _, _) = try await run(tokens: 3000, root: .unknown) { _, number in
            served.withLock { $0 = number }
            return CompletionResponse(text: text, usage: .unknown)
        }
        #expect(result.stopReason == .maxTokens)
        #expect(1...5 ~= served.withLock { $0 })
    }

    @Test func capsAreSentOnlyWhereALimitNeedsThem() async throws {
        let caps = Mutex<[Int?]>([])
        let answer: @Sendable (CompletionRequest, Int) -> CompletionResponse = { request, _ in
            caps.withLock { $0.append(request.maxOutputTokens) }
            return Self.usage(10, 10)
        }
        _ = try await run(answers: answer)
        _ = try await run(tokens: 100_000_000, answers: answer)
        #expect(caps.withLock { $0 }.allSatisfy { $0 == nil })
        caps.withLock { $0 = [] }
        _ = try await run(tokens: 2000, answers: answer)
        #expect(caps.withLock { !$0.isEmpty && $0.allSatisfy { 1...2000 ~= $0 ?? 0 } })
    }

    @Test func generousLimitsHoldNobodyUp() async throws {
        let (_, _, withTokens) = try await run(tokens: 1_000_000) { _, _ in Self.usage(200, 100) }
        #expect(withTokens == 32)
        let (_, _, withBudget) = try await run(budget: 50, price: 0.000_01) { _, _ in Self.usage(200, 100, cost: 0.003)
        }
        #expect(withBudget == 32)
    }

    @Test func whatDoesNotFitBesideOthersWaitsForThem() async throws {
        // Each needs a third of what is left; all come through, a few at a time.
        let served = Mutex(0)
        let (_, run, most) = try await run(tokens: 60_000) { _, number in
            served.withLock { $0 = number }
            return Self.usage(1000, 500)
        }
        #expect(served.withLock { $0 } >= 32)
        #expect((run.usage.known.totalTokens ?? 0) <= 60_000)
        #expect(most > 1)
    }
}
