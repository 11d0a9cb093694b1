import Testing
import Trajectory

@Suite struct UsageTests {
    @Test func unknownIsNeverZero() {
        let total = UsageTotal(.unknown) + UsageTotal(.unknown)
        #expect(total.known.inputTokens == nil)
        #expect(total.known.cost == nil)
        #expect(total.known.totalTokens == nil)
        #expect(total.completions == 2)
        #expect(total.completionsOfUnknownTokens == 2)
        #expect(total.completionsOfUnknownCost == 2)
    }

    @Test func knownPartsAddUpBesideUnknownOnes() {
        let total =
            UsageTotal(Usage(inputTokens: 10, outputTokens: 2, cost: 0.5)) + UsageTotal(.unknown)
            + UsageTotal(Usage(inputTokens: 5, outputTokens: 1, cachedTokens: 4))
        #expect(total.known == Usage(inputTokens: 15, outputTokens: 3, cachedTokens: 4, cost: 0.5))
        #expect(total.known.reasoningTokens == nil)
        #expect(total.completionsOfUnknownTokens == 1)
        #expect(total.completionsOfUnknownCost == 2)
    }

    @Test func nothingAddedChangesNothing() {
        let one = UsageTotal(Usage(inputTokens: 1, outputTokens: 0, cost: 0))
        #expect(one + UsageTotal() == one)
        #expect((UsageTotal() + one).known.cost == 0)
    }
}
