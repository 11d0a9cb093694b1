import Testing
import Trajectory

@testable import Views

@Suite struct SiblingTitleTests {
    private func call(_ number: Int, _ title: String, kind: Node.Kind = .llm, iteration: Int = 1) -> Node {
        Node(
            id: .call(CallID(rawValue: Int64(number))),
            address: Address(steps: [.iteration(iteration), .call(number)]), kind: kind, depth: 1, status: .succeeded,
            origin: .live, freshness: .fresh, model: "m", title: title, failure: nil, preview: "", own: UsageTotal(),
            subtree: UsageTotal(), calls: CallCounts(), attempts: 1, childCount: 0, block: 1, batch: 1, startedAt: nil,
            endedAt: nil, seconds: 1)
    }

    @Test func whatNeighboursShareIsLeftOutUpToAWord() {
        let first = call(1, "Question: who? Text: Ada counted crates")
        let second = call(2, "Question: who? Text: Adam moved pallets")
        #expect(SiblingTitle.of(second, beside: [first]) == "…Adam moved pallets")
        #expect(SiblingTitle.of(first, beside: [second]) == "…Ada counted crates")
    }

    /// A number in a long name, or anything else that is one word: a little of it before the difference is shown.
    @Test func oneLongWordIsCutBeforeTheDifference() {
        let first = call(1, "summarise(chunk_of_the_annual_report_000001)")
        let second = call(2, "summarise(chunk_of_the_annual_report_000002)")
        #expect(SiblingTitle.of(second, beside: [first]) == "…00002)")
        #expect(SiblingTitle.of(second, beside: [first]) != SiblingTitle.of(first, beside: [second]))
    }

    @Test func recursiveCallsAndIterationsDoItToo() {
        let first = call(1, "Look into this part of the report: chapter one", kind: .rlm)
        let second = call(2, "Look into this part of the report: chapter two", kind: .rlm)
        #expect(SiblingTitle.of(second, beside: [first]) == "…two")
    }

    @Test func shortBeginningsAndStrangersStay() {
        let node = call(2, "part 2: say ok")
        #expect(SiblingTitle.of(node, beside: [call(1, "part 1: say ok")]) == "part 2: say ok")
        let other = call(1, "Question: who? Text: Ada", iteration: 2)
        #expect(SiblingTitle.of(call(2, "Question: who? Text: Bob"), beside: [other]) == "Question: who? Text: Bob")
    }

    @Test func equalTitlesAreShownWhole() {
        let same = "Question: who wrote this letter?"
        #expect(SiblingTitle.of(call(2, same), beside: [call(1, same)]) == same)
    }
}
