import TestSupport
import Testing

@testable import Comparison

@Suite struct SequenceAlignmentTests {
    @Test func matchesWhatBothHave() {
        let steps = SequenceAlignment.steps(Array("abcd"), Array("axcd")).map { "\($0.a ?? -1):\($0.b ?? -1)" }
        #expect(steps == ["0:0", "1:-1", "-1:1", "2:2", "3:3"])
    }

    /// Whatever the sequences: pairs are equal, rise in both, and nothing is left out of the steps or told twice.
    @Test func isSoundForRandomSequences() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<2_000 {
            let letters = round % 2 == 0 ? 3 : 40
            let a = (0..<Int.random(in: 0..<30, using: &generator)).map { _ in
                Int.random(in: 0..<letters, using: &generator)
            }
            let b = (0..<Int.random(in: 0..<30, using: &generator)).map { _ in
                Int.random(in: 0..<letters, using: &generator)
            }
            let pairs = SequenceAlignment.pairs(a, b)
            #expect(pairs.allSatisfy { a[$0.a] == b[$0.b] })
            #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.a < $1.a && $0.b < $1.b })
            let steps = SequenceAlignment.steps(a, b)
            #expect(steps.compactMap(\.a) == Array(a.indices))
            #expect(steps.compactMap(\.b) == Array(b.indices))
        }
    }

    /// One element put in before 10,000 others moves them, and changes none of them.
    @Test func seesThroughAnInsertion() {
        let a = Array(0..<10_000)
        let pairs = SequenceAlignment.pairs(a, [-1] + a)
        #expect(pairs.count == 10_000)
        #expect(pairs.allSatisfy { $0.b == $0.a + 1 })
    }

    /// Two long sequences of a few elements that repeat end at once; an exact alignment would take minutes.
    @Test(.timeLimit(.minutes(1))) func givesUpOnLongRepetitions() {
        let a = (0..<60_000).map { $0 % 7 }
        let b = (0..<60_000).map { $0 * $0 % 5 }
        let pairs = SequenceAlignment.pairs(a, b)
        #expect(pairs.allSatisfy { a[$0.a] == b[$0.b] })
    }
}
