import LMClients
import Testing

/// What is reasoning in a model's text, and what only speaks of it.
@Suite struct ReasoningSplitterTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var whole: String
        var text: String
        var reasoning: String?
        var testDescription: String { String(whole.prefix(60)) }

        init(_ whole: String, _ text: String, _ reasoning: String?) {
            self.whole = whole
            self.text = text
            self.reasoning = reasoning
        }

        /// Stays as it is.
        init(_ whole: String) { self.init(whole, whole, nil) }
    }

    private static let draft = "Let me see:\n```repl\nFINAL('draft')\n```\nno, better:"
    private static let answer = "Here it is:\n```repl\nFINAL('real')\n```\n"

    static let reasoning: [Example] = [
        Example("<think>hmm</think>4", "4", "hmm"),
        Example("<think>\n\(draft)\n</think>\n\n\(answer)", answer, draft),
        Example("\n  <think>hmm</think>\n\n4\n", "4\n", "hmm"),
        Example("<THINK>hmm</Think>4", "4", "hmm"),
        Example("<think type=\"deep\" budget='10'>hmm</think >4", "4", "hmm"),
        Example("<thinking>\(draft)</thinking>\(answer)", answer, draft),
        Example("<reasoning>\n\(draft)\n</reasoning>\(answer)", answer, draft),
        Example("<thought>a</thought>b", "b", "a"),
        Example("<thoughts>a</thoughts>b", "b", "a"),
        Example("<reflection>a</reflection>b", "b", "a"),
        Example("<seed:think>a</seed:think>b", "b", "a"),
        Example("[THINK]a[/THINK]b", "b", "a"),
        Example("◁think▷a◁/think▷b", "b", "a"),
        Example("<|begin_of_thought|>a<|end_of_thought|>b", "b", "a"),
        // Never closed.
        Example("<think>\(draft)", "", draft),
        Example("<think>", "", nil),
        Example("<think></think>", "", nil),
        Example("<think/>4", "4", nil),
        Example("I begin.\n<think>\n\(draft)", "I begin.\n", draft),
        Example("Okay, first: <think>\n\(draft)\n", "Okay, first: ", draft),
        // Opened by the template.
        Example("\(draft)\n</think>\n\n\(answer)", answer, draft),
        Example("2+2 is 4.</think>The answer is 4.", "The answer is 4.", "2+2 is 4."),
        Example("2+2 is **4**</think>**4**", "**4**", "2+2 is **4**"),
        Example("So it is 4. </think>\n4", "4", "So it is 4."),
        Example("</think>4", "4", nil),
        Example("all of it\n</think>\n", "", "all of it"),
        Example("<think>a <think>b</think> c</think>d", "d", "a <think>b\n\nc"),
        Example("a\n<think>b</think>\nc\n<think>d</think>\ne", "a\n\nc\n\ne", "b\n\nd"),
        // In the middle of a draft.
        Example(
            "```repl\nbroken off\n</think>\n```repl\nFINAL(2)\n```", "```repl\nFINAL(2)\n```", "```repl\nbroken off"),
        Example("```repl\nbroken off\n</think>\nIt is 7.", "It is 7.", "```repl\nbroken off"),
        // Several.
        Example("<think>a</think>b\n<think>c</think>d", "b\nd", "a\n\nc"),
        Example("<think>a</think>\n<think>c</think>\nd", "d", "a\n\nc"),
        Example("a</think>b\n<think>c</think>d", "b\nd", "a\n\nc"),
        Example("Sure. <think>let me see</think>4", "Sure. 4", "let me see"),
        Example("<think>a</think>more of it\n</think>\nb", "b", "a\n\nmore of it"),
        Example("<think>a</think>b\n</think>\n", "b\n", "a"),
        // Opened twice, closed by another name, spoken of inside.
        Example("<think>\n<think>\na</think>b", "b", "<think>\na"),
        Example("<thinking>a</think>b", "b", "a"),
        Example("<think><reflection>x</reflection>a</think>b", "b", "<reflection>x</reflection>a"),
        Example("<think>I close with \"</think>\" later</think>b", "b", "I close with \"</think>\" later"),
        Example("<think>with `</think>` later</think>b", "b", "with `</think>` later"),
        Example(
            "<think>like\n```\n<think>x</think>\n```\nyes</think>b", "b", "like\n```\n<think>x</think>\n```\nyes"),
        Example("<think>cut ```repl\nx = 1\n</think>b", "b", "cut ```repl\nx = 1"),
        Example("<think>a</think></think>b", "b", "a"),
        Example("<think>\r\na\r\n</think>\r\n\r\nb", "b", "a"),
        // Behind what nobody sees.
        Example("\u{FEFF}<think>a</think>b", "b", "a"),
        Example("\u{A0}\u{200B}<think>a</think>b", "b", "a"),
        // Right behind the fence of a draft.
        Example("```repl\nFINAL('draft')\n```</think>\n\nIt is 7.", "It is 7.", "```repl\nFINAL('draft')\n```"),
        Example("- so:\n  ~~~\n  x\n  ~~~~</think>\nIt is 7.", "It is 7.", "- so:\n  ~~~\n  x\n  ~~~~"),
        // Further names, and channels that the server left in the text.
        Example("<chain_of_thought>a</chain_of_thought>b", "b", "a"),
        Example("<thought_process>a</thought_process>b", "b", "a"),
        Example("<|think|>a<|/think|>b", "b", "a"),
        Example(
            "<|channel|>analysis<|message|>\(draft)<|end|><|start|>assistant<|channel|>final<|message|>\(answer)",
            answer,
            draft),
        Example("<|channel|>analysis<|message|>\(draft)", "", draft),
    ]

    static let spokenOf: [Example] = [
        Example(""),
        Example("4"),
        Example("  \n4\n \n"),
        Example("The <think> tag opens it and the </think> tag closes it."),
        Example("Models write \"<think>\" first, then \"</think>\"."),
        Example("Models write “<think>” first, then ‘</think>’."),
        Example("Use `<think>` and `</think>` around it."),
        Example("`<think>` opens, `</think>` closes."),
        Example("``a ` <think>`` and so on\n"),
        Example("It looks like <think>…</think> and is dropped."),
        Example("For example:\n```xml\n<think>\nhmm\n</think>\n```\nThat is all."),
        Example("For example:\n~~~\n<think>hmm</think>4\n~~~\n"),
        Example("- so:\n  ```\n  <think>\n  hmm\n  </think>\n  ```\n"),
        Example("1. so:\n   ````\n   ```\n   </think>\n   ````\n"),
        Example("```\n</think>\n```\nis how it ends."),
        Example("```\n</think>\n```"),
        Example("The closing tag is **</think>**, the opening one __<think>__."),
        Example("> <think>\n> quoted\n> </think>\n"),
        Example("Code:\n\n    <think>\n    indented\n"),
        Example("print('<think>')\nprint(\"</think>\")\n"),
        Example("```repl\ntext = '<think>'\nprint(re.sub(r'<think>.*?</think>', '', text))\n```\n"),
        Example("<thinker>a</thinker> <thin> <thinks> </thi"),
        Example("a < b and b > c; <b>bold</b>; [link](x); [THINKER]; — “…”"),
        Example("It ends in <think>"),
        Example("1. `<think>` opens it\n2. </think>\n3. then the answer\n"),
        Example("- <think>\n- </think>\n"),
        Example("# <think>\nopens it.\n"),
        Example("The opening tag: <think>\nThe closing tag: </think>\n"),
        Example("| <think> | opens |\n| </think> | closes |\n"),
        Example("```\n<think>\n```</think>\n"),
        Example("\u{FEFF}4"),
        Example("The <|end|> token ends it.<|end|>"),
        Example("It ends in <thi"),
        Example("(<think>) *<think>* [<think>] \\<think>\n"),
        Example("I love C++: std::vector<thought> all;"),
        Example("<answer>4</answer>"),
    ]

    @Test(arguments: reasoning + spokenOf)
    func splits(example: Example) {
        let split = ReasoningSplitter.split(example.whole)
        #expect(split.text == example.text)
        #expect(split.reasoning == example.reasoning)
    }

    /// However the text is cut, what comes out is the same, and the pieces put together are the answer.
    @Test(arguments: reasoning + spokenOf)
    func mayBeCutAnywhere(example: Example) {
        let all = Array(example.whole)
        for cut in 0...all.count { check(example, [String(all[..<cut]), String(all[cut...])]) }
        check(example, all.map { String($0) })
        for size in 2...7 {
            check(
                example,
                stride(from: 0, to: all.count, by: size).map { String(all[$0..<min($0 + size, all.count)]) })
        }
    }

    private func check(_ example: Example, _ pieces: [String]) {
        var splitter = ReasoningSplitter()
        var shown = ""
        for addition in pieces.map({ splitter.read($0) }) + [splitter.finish()] {
            if addition.isAnew { shown = "" }
            shown += addition.text
        }
        #expect(splitter.text == example.text, "\(pieces)")
        #expect(splitter.reasoning == example.reasoning, "\(pieces)")
        #expect(shown == example.text, "\(pieces)")
    }

    /// Texts made of the hard parts, put together at random: the same however they are cut, and nothing is lost or made up.
    @Test func randomTextsMayBeCutAnywhere() {
        let parts = [
            "<think>", "</think>", "<reasoning>", "</reasoning>", "[THINK]", "[/THINK]", "\n", "\n\n", " ", "word",
            ". ",
            "```\n", "```repl\n", "`", "\"", "    ", "> ", "- ", "<", "</", "é漢", "<think ", "x>",
        ]
        var generator = SeededGenerator(state: 7)
        for _ in 0..<2000 {
            let pieces = (0..<Int.random(in: 1...14, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }
            let whole = pieces.joined()
            let split = ReasoningSplitter.split(whole)
            let example = Example(whole, split.text, split.reasoning)
            check(example, pieces)
            check(example, whole.unicodeScalars.map { String(Character($0)) })
            let kept =
                split.text.filter { !$0.isWhitespace }.count + (split.reasoning ?? "").filter { !$0.isWhitespace }.count
            #expect(kept <= whole.filter { !$0.isWhitespace }.count, "\(whole)")
            if !whole.contains("hink"), !whole.contains("HINK"), !whole.contains("easoning") {
                #expect(split.text == whole && split.reasoning == nil, "\(whole)")
            }
        }
    }

    /// Splitting what has been split changes nothing.
    @Test(arguments: reasoning + spokenOf)
    func answersStayAsTheyAre(example: Example) {
        let again = ReasoningSplitter.split(example.text)
        #expect(again.text == example.text && again.reasoning == nil)
    }

    @Test func takesTimeInProportion() {
        let clock = ContinuousClock()
        func seconds(_ count: Int) -> Duration {
            let text = String(repeating: "a < b <think x [THIN — ``` ", count: count)
            return clock.measure { _ = ReasoningSplitter.split("<think>" + text + "</think>" + text) }
        }
        _ = seconds(100)
        #expect(seconds(20_000) < seconds(2_000) * 60 + .milliseconds(200))
    }
}

/// The same numbers each time.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
