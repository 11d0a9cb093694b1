import Testing
import Trajectory

@testable import Engine

struct HoldRuleTests {
    @Test(arguments: [
        ("depth>", 7, "expected a number"), ("(all", 5, "expected )"), ("all all", 5, "expected & or |"),
        ("tokens 5", 8, "expected >, >=, <, <= or ="), ("size>3", 1, "unknown word"),
        ("/[/", 2, "not a regular expression"),
        ("/abc", 5, "expected /"), ("before-run: all &", 18, "expected depth"), ("", 1, "expected depth"),
        ("tokens>99999999999999999999", 8, "too large"), ("before-send: before-run: all", 14, "unknown word"),
    ])
    func errorsPointAtTheColumn(text: String, column: Int, message: String) {
        let error = #expect(throws: HoldRuleError.self) { try HoldRule(text) }
        #expect(error?.column == column)
        #expect(error?.message.contains(message) == true)
    }

    @Test func tooDeepOrTooLongRulesAreRefused() {
        #expect(throws: HoldRuleError.self) { try HoldRule(String(repeating: "(", count: 3_000)) }
        #expect(throws: HoldRuleError.self) { try HoldRule(String(repeating: "!", count: 3_000) + "all") }
        #expect(throws: HoldRuleError.self) { try HoldRule(String(repeating: "all&", count: 3_000) + "all") }
    }

    /// Whatever is typed is a rule or an error at a column that is there, and quickly; a rule decides about any text.
    @Test func hostileRulesAreReadOrRefused() throws {
        let pieces = [
            "depth", "tokens", "model:", "/", "\\", "(", ")", "!", "&", "|", ">", ">=", "=", "<", "error", "all", "9",
            " ", "é",
            "\u{1b}[2J", "\u{202e}", "\0", "\n", "*", "[", "a+", "before-send:", "before-run:", "🙂",
            "99999999999999999999", "{", "?",
        ]
        var random = SystemRandomNumberGenerator()
        let clock = ContinuousClock.now
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            .joined()
            do throws(HoldRuleError) {
                let rule = try HoldRule(text)
                let node = HoldCandidate(depth: 1, tokens: 9, model: "é🙂", text: "\0 a+ 🙂\n", isError: true)
                _ = rule.filter.matches(node)
                #expect(try HoldRule(rule.description) == rule, "\(text.debugDescription)")
            } catch {
                #expect((1...text.count + 1).contains(error.column), "\(text.debugDescription)")
                #expect(!error.message.isEmpty)
            }
        }
        #expect(ContinuousClock.now - clock < .seconds(20))
    }

    @Test func aPatternThatTakesForEverHoldsInTheEnd() throws {
        let rule = try HoldRule("/(x+x+)+y/")
        let node = HoldCandidate(
            depth: 1, tokens: 1, model: "m", text: String(repeating: "x", count: 30), isError: false)
        let began = ContinuousClock.now
        #expect(rule.filter.matches(node))
        #expect(rule.filter.matches(node))
        #expect(ContinuousClock.now - began < .seconds(20))
        let quick = HoldCandidate(depth: 1, tokens: 1, model: "m", text: "ab", isError: false)
        #expect(try !HoldRule("/x/").filter.matches(quick) && HoldRule("/b/").filter.matches(quick))
    }

    @Test func andBindsTighterThanOr() throws {
        #expect(
            try HoldRule("error | all & !depth=1").filter == .or(.error, .and(.all, .not(.number(.depth, .equal, 1)))))
        #expect(try HoldRule("before-deliver: error").stage == .beforeDeliver)
        #expect(try HoldRule("depth>1").stage == .beforeSend)
        // An error comes after sending.
        #expect(try HoldRule("depth>1 & !error").stage == .beforeDeliver)
    }

    @Test(arguments: [
        ("gpt-5*", "gpt-5-mini", true), ("gpt-5*", "my-gpt-5", false), ("*mini", "gpt-5-mini", true),
        ("*a*b", "xaaxb", true), ("*a*b", "xaaxbc", false), ("gpt", "gpt", true), ("gpt", "gpt4", false),
        ("*", "", true),
    ])
    func starsStandForAnything(pattern: String, model: String, expected: Bool) throws {
        let node = HoldCandidate(depth: 0, tokens: 0, model: model, text: "", isError: false)
        #expect(try HoldRule("model:\(pattern)").filter.matches(node) == expected)
    }

    @Test func printedRulesReadBackAndDecideAsTheReferenceDoes() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let (filter, reference) = Self.filter(size: 5, &random)
            let rule = HoldRule(
                stage: Hold.Stage.allCases.randomElement(using: &random) ?? .beforeRun, filter: filter)
            let read = try HoldRule(rule.description)
            #expect(read == rule, "\(rule)")
            let node = HoldCandidate(
                depth: .random(in: 0...3, using: &random), tokens: .random(in: 0...3, using: &random), model: "gpt-5",
                text: Bool.random(using: &random) ? "a/b" : "c", isError: .random(using: &random))
            #expect(read.filter.matches(node) == reference(node), "\(rule) \(node)")
        }
    }

    private typealias Reference = (HoldCandidate) -> Bool

    private static func filter(
        size: Int, _ random: inout SystemRandomNumberGenerator
    ) -> (HoldFilter, Reference) {
        if size > 0, Int.random(in: 0..<4, using: &random) > 0 {
            let (left, isLeft) = filter(size: size - 1, &random)
            let (right, isRight) = filter(size: size - 1, &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: return (.not(left), { !isLeft($0) })
            case 1: return (.and(left, right), { isLeft($0) && isRight($0) })
            default: return (.or(left, right), { isLeft($0) || isRight($0) })
            }
        }
        let bound = Int.random(in: 0...3, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return (.all, { _ in true })
        case 1: return (.error, { $0.isError })
        case 2: return (.regex("a/b"), { $0.text == "a/b" })
        case 3: return (.model("gpt*"), { _ in true })
        case 4: return (.number(.depth, .above, bound), { $0.depth > bound })
        case 5: return (.number(.tokens, .atMost, bound), { $0.tokens <= bound })
        default: return (.number(.depth, .equal, bound), { $0.depth == bound })
        }
    }
}
