import ContextMap
import TestSupport
import Testing
import Trajectory

/// The matcher against its definition, over thousands of random texts.
@Suite struct ReferenceTests {
    @Test(arguments: RandomTexts.Alphabet.allCases) func agreesWithTheDefinition(_ alphabet: RandomTexts.Alphabet)
        throws
    {
        var found = 0
        for seed in 0..<250 as Range<UInt64> {
            var random = RandomTexts(alphabet, seed: seed)
            let (text, items) = random.context()
            let context = try TestContext(text, type: items.isEmpty ? .text : .files, items: items)
            let naive = NaiveSlices(context: text, items: items)
            for _ in 0..<3 {
                let prompt = random.prompt(of: text)
                let slices = context.slices(in: prompt)
                let expected = naive.attributed(in: prompt)
                found += expected.count
                guard slices == expected else {
                    Issue.record(
                        """
                        \(alphabet) \(seed): \(slices.map { "\($0.text) \($0.places)" })
                        in place of \(expected.map { "\($0.text) \($0.places)" })
                        context \(text.debugDescription)
                        prompt \(prompt.debugDescription)
                        """)
                    return
                }
                for slice in slices {
                    // Both ends are between characters, and both sides say the same.
                    let theirs = slice.places.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
                    let own = String(decoding: Array(prompt.utf8)[slice.text], as: UTF8.self)
                    #expect(theirs.allSatisfy { RandomTexts.normalised($0) == RandomTexts.normalised(own) })
                }
            }
        }
        // Cases without a slice would prove nothing.
        #expect(found > 200, "\(found)")
    }
}

/// Contexts and prompts made of slices of them.
struct RandomTexts {
    enum Alphabet: String, CaseIterable, Sendable {
        case two, letters, words, unicode, lines, windows, periodic
    }

    private let alphabet: Alphabet
    private var random: SeededGenerator

    init(_ alphabet: Alphabet, seed: UInt64) {
        self.alphabet = alphabet
        random = SeededGenerator(seed: seed &* 7919 &+ UInt64(alphabet.rawValue.utf8.reduce(0) { $0 &* 31 &+ Int($1) }))
    }

    static func normalised(_ text: String) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if scalar == "\n", result.last == "\r" { result.removeLast() }
            result.append(scalar)
        }
        return result
    }

    private mutating func fresh(_ length: Int) -> String {
        var result = String.UnicodeScalarView()
        let scalars: [Unicode.Scalar] =
            switch alphabet {
            case .two, .periodic: ["a", "b"]
            case .letters, .words: Array("etaoin shrdlu".unicodeScalars)
            case .unicode: ["a", "é", "漢", "😀", "\u{301}", "字", "ж", " ", "\u{FEFF}"]
            case .lines: Array("abcdefgh\n".unicodeScalars)
            case .windows: ["a", "b", "c", "\r", "\n", "é"]
            }
        if alphabet == .periodic {
            let period = (0..<Int.random(in: 1...6, using: &random)).map { _ in pick(scalars) }
            for index in 0..<length { result.append(period[index % period.count]) }
            return String(result)
        }
        while result.count < length {
            let scalar = pick(scalars)
            if alphabet == .windows, scalar == "\n", Int.random(in: 0..<2, using: &random) == 0 { result.append("\r") }
            result.append(scalar)
        }
        return String(result)
    }

    private mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }

    private mutating func slice(of text: String, from least: Int, to most: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        let count = min(scalars.count, Int.random(in: least...most, using: &random))
        let begin = Int.random(in: 0...scalars.count - count, using: &random)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[begin..<begin + count])
        return String(view)
    }

    mutating func context() -> (String, items: [Int]) {
        var text = fresh(Int.random(in: 10...60, using: &random))
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            text +=
                Bool.random(using: &random)
                ? slice(of: text, from: 20, to: 40) : fresh(Int.random(in: 1...30, using: &random))
        }
        guard Int.random(in: 0..<4, using: &random) == 0 else { return (text, []) }
        // Items end between characters.
        let places = text.unicodeScalars.indices.map { text.utf8.distance(from: text.utf8.startIndex, to: $0) }
        let items = Set((0..<2).map { _ in pick(places) } + [0])
        return (text, items.sorted())
    }

    mutating func prompt(of context: String) -> String {
        var text = Bool.random(using: &random) ? fresh(Int.random(in: 0...20, using: &random)) : "Read this: "
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            var part = slice(of: context, from: 18, to: 60)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                part = part.split(separator: "\n", omittingEmptySubsequences: false).map { "> \($0)" }.joined(
                    separator: "\n")
            case 1: part = String(String.UnicodeScalarView(Self.normalised(part)))
            case 2: part = part.replacing("\n", with: "\r\n")
            case 3: part = slice(of: part, from: 18, to: 40) + "…" + slice(of: part, from: 18, to: 40)
            default: break
            }
            text += part + pick(["", "\n", " | ", "\r", fresh(3)])
        }
        return text
    }
}
