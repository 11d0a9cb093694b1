import TestSupport
import Testing

@testable import Comparison

@Suite struct TextComparisonTests {
    @Test func showsTheWordsThatDiffer() {
        let comparison = TextComparison("valve 7 is ok\n", "valve 9 is ok\n")
        #expect(
            comparison.lines == [
                .removed([part("valve "), part("7", true), part(" is ok")]),
                .added([part("valve "), part("9", true), part(" is ok")]),
            ])
    }

    @Test func takesLinesThatShareLittleAsTwo() {
        let (a, b) = TextComparison.words("the quick fox is here", "a slow and heavy bear was there")
        #expect(a == [part("the quick fox is here", true)])
        #expect(b == [part("a slow and heavy bear was there", true)])
    }

    @Test func foldsWhatIsTheSame() {
        let many = (1...40).map { "line \($0)\n" }.joined()
        let lines = TextComparison(many + "old\n" + many, many + "new\n" + many).lines
        #expect(lines.first == .folded(38))
        #expect(lines.last == .folded(38))
        #expect(lines.contains(.same("line 40")) && lines.contains(.same("line 1")))
        #expect(lines.contains(.removed([part("old", true)])) && lines.contains(.added([part("new", true)])))
    }

    @Test func saysWhetherAnythingDiffers() {
        #expect(TextComparison("a\nb\n", "a\nb\n").isSame)
        #expect(!TextComparison("", "a").isSame)
        #expect(TextComparison("", "").lines.isEmpty)
    }

    /// The parts of each side, put together again, are the two lines.
    @Test func losesNoText() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let words = ["alpha", "beta", " ", ", ", "字", "🙂", "7"]
            func line() -> String {
                (0..<Int.random(in: 0..<12, using: &generator)).map { _ in words.randomElement(using: &generator) ?? ""
                }.joined()
            }
            let (a, b) = (line(), line())
            let (left, right) = TextComparison.words(a, b)
            #expect(left.map(\.text).joined() == a)
            #expect(right.map(\.text).joined() == b)
            #expect(
                left.filter { !$0.isChanged }.map(\.text).joined()
                    == right.filter { !$0.isChanged }.map(\.text).joined())
        }
    }

    private func part(_ text: String, _ isChanged: Bool = false) -> TextComparison.Part {
        TextComparison.Part(text: text, isChanged: isChanged)
    }
}
