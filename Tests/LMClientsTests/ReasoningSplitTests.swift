import Testing

@testable import LMClients

@Suite struct ReasoningSplitTests {
    struct Example: CustomTestStringConvertible, Sendable {
        let text: String
        let answer: String
        let reasoning: String?
        var testDescription: String { text }
    }

    static let examples = [
        Example(text: "<think>Look.</think>\nIt is 7.", answer: "It is 7.", reasoning: "Look."),
        Example(text: "\n<THINK>Look.</Think>It is 7.", answer: "It is 7.", reasoning: "Look."),
        Example(text: "<thinking type=\"x\">a\nb</thinking>\n\nc", answer: "c", reasoning: "a\nb"),
        Example(text: "<reasoning>a</reasoning>b", answer: "b", reasoning: "a"),
        Example(
            text: "<think>It never ends\n```repl\ndraft()\n```", answer: "",
            reasoning: "It never ends\n```repl\ndraft()\n```"),
        Example(
            text: "The template opened it.\n</think>\nIt is 7.", answer: "It is 7.",
            reasoning: "The template opened it."),
        Example(
            text: "draft:\n```repl\nFINAL(1)\n```\n</think>\n```repl\nFINAL(2)\n```", answer: "```repl\nFINAL(2)\n```",
            reasoning: "draft:\n```repl\nFINAL(1)\n```"),
        Example(
            text: "```repl\nbroken off\n</think>\n```repl\nFINAL(2)\n```", answer: "```repl\nFINAL(2)\n```",
            reasoning: "```repl\nbroken off"),
        Example(text: "a\n<think>b</think>\nc\n<think>d</think>\ne", answer: "a\n\nc\n\ne", reasoning: "b\n\nd"),
        Example(text: "<think>a <think>b</think> c</think>d", answer: "d", reasoning: "a <think>b</think> c"),
        Example(text: "<think></think>\n\nIt is 7.", answer: "It is 7.", reasoning: nil),
        // The tag as the subject stays.
        Example(
            text: "Models write `<think>` and `</think>`.", answer: "Models write `<think>` and `</think>`.",
            reasoning: nil),
        Example(text: "The tag <think> opens a section.", answer: "The tag <think> opens a section.", reasoning: nil),
        Example(text: "Quoted: \"</think>\"", answer: "Quoted: \"</think>\"", reasoning: nil),
        Example(
            text: "```html\n<think>\nx\n</think>\n```\nSo it is.",
            answer: "```html\n<think>\nx\n</think>\n```\nSo it is.",
            reasoning: nil),
        Example(text: "a < b and <thinker>", answer: "a < b and <thinker>", reasoning: nil),
    ]

    @Test(arguments: examples) func takesReasoningOut(example: Example) {
        let split = ReasoningSplit(example.text)
        #expect(split.answer == example.answer)
        #expect(split.reasoning == example.reasoning)
    }

    /// A preview of a stream never shows as answer what turns out to be reasoning.
    @Test func previewsOfAStreamShowNoReasoning() {
        let text = "<think>one two</think>\nIt is 7."
        for end in text.indices.dropFirst("<think>".count) {
            #expect(!ReasoningSplit(String(text[..<end])).answer.contains("one"))
        }
    }
}
