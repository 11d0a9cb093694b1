import Engine
import Testing

/// Fences where CommonMark finds them. The numbered ones are examples of the specification, version 0.31.2, by what their
/// fenced blocks hold.
@Suite struct FencesInContainersTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let number: Int
        let markdown: String
        /// Language and text of each fenced block.
        let blocks: [[String]]

        init(_ number: Int, _ markdown: String, _ blocks: [[String]] = []) {
            self.number = number
            self.markdown = markdown
            self.blocks = blocks
        }

        var testDescription: String { "example \(number)" }
    }

    private func found(_ markdown: String) -> [[String]] {
        FencedBlocks.all(in: markdown).map { [$0.language, $0.text] }
    }

    @Test(arguments: fencedCode + quotes + items + lists)
    func specification(_ example: Example) {
        #expect(found(example.markdown) == example.blocks)
    }

    /// A container around any of the examples that are about fences alone changes nothing but the depth.
    @Test(arguments: fencedCode)
    func anyFenceMayStandInAContainer(_ example: Example) {
        let lines = example.markdown.split(separator: "\n", omittingEmptySubsequences: false)
        let quoted = lines.map { "> " + $0 }.joined(separator: "\n")
        #expect(found(quoted) == example.blocks)
        let inItem = "1.  first\n\n" + lines.map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
        #expect(found(inItem) == example.blocks)
        let nested = "- a\n  > 2) b\n  >\n" + lines.map { "  >    " + $0 }.joined(separator: "\n")
        #expect(found(nested) == example.blocks)
    }

    @Test func modelsPutCodeIntoSteps() {
        let text = """
            1. First look at it:
               ```repl
               for line in context:
                   print(line)
               ```
            2. Then ask:
                ```python
                x = llm_query('a')
                ```

            * And at the end
              - say it:

                ~~~py
                FINAL(x)
                ~~~
            """
        #expect(
            FencedBlocks.code(in: text) == [
                "for line in context:\n    print(line)\n", "x = llm_query('a')\n", "FINAL(x)\n",
            ])
    }

    @Test func aFenceEndsWithItsItem() {
        let blocks = FencedBlocks.all(in: "- ```repl\n  a = 1\nNo more of it.\n\n```repl\nb = 2\n```\n")
        #expect(blocks.map(\.text) == ["a = 1\n", "b = 2\n"])
        #expect(blocks.map(\.isClosed) == [true, true])
    }

    @Test func onlyTheEndOfTheTextLeavesItOpen() {
        #expect(FencedBlocks.all(in: "> 1. ```repl\n>    a = 1\n").map(\.isClosed) == [false])
        #expect(FencedBlocks.all(in: "> ```repl\n> a = 1\n\n").map(\.isClosed) == [true])
    }

    @Test func indentedCodeHoldsNoFence() {
        #expect(found("Text:\n\n    ```repl\n    a\n    ```\n").isEmpty)
        #expect(found("- a\n\n      ```repl\n      a\n      ```\n").isEmpty)
        #expect(found("\t```repl\n\ta\n\t```").isEmpty)
    }

    @Test func tabsAreColumns() {
        #expect(found("-\t```repl\n\tif x:\n\t\ty()\n\t```") == [["repl", "if x:\n\ty()\n"]])
        #expect(found("1.\t```repl\n\ta\n\t```") == [["repl", "a\n"]])
        #expect(found("- ```repl\n\tx\n  ```") == [["repl", "  x\n"]])
        #expect(found(">\t```repl\n>\tx\n>\t```") == [["repl", "x\n"]])
        #expect(found("  ```repl\n\tx\n  ```") == [["repl", "  x\n"]])
        #expect(found("> \t```repl\n") == [["repl", ""]])
        #expect(found(">\t\t```repl\n").isEmpty)
    }

    @Test func noLineGoesOnInAFenceByBeingLazy() {
        #expect(found("> ```repl\na = 1\n") == [["repl", ""]])
        #expect(found("> text\n```repl\na = 1\n```") == [["repl", "a = 1\n"]])
        #expect(found("> 1. text\ngoes on\n>    ```repl\n>    a\n>    ```") == [["repl", "a\n"]])
    }

    @Test func htmlHoldsNoFence() {
        #expect(found("<!-- a draft:\n```repl\na\n```\n-->\n```repl\nb\n```") == [["repl", "b\n"]])
        #expect(found("<pre>\n```repl\na\n```\n\n</pre>\n```repl\nb\n```") == [["repl", "b\n"]])
        #expect(found("<div>\n```repl\na\n```\n\n```repl\nb\n```") == [["repl", "b\n"]])
        #expect(found("- <!--\n  ```repl\n  a\n  ```\n\n```repl\nb\n```") == [["repl", "b\n"]])
        #expect(found("<!-- in one line -->\n```repl\nb\n```") == [["repl", "b\n"]])
    }

    /// Unlike CommonMark: models mean what is within tags of their own making.
    @Test func tagsThatHTMLDoesNotKnowHideNothing() {
        #expect(found("<answer>\n```repl\na\n```\n</answer>") == [["repl", "a\n"]])
    }

    @Test func aMegabyteOfFencesIsReadInTime() {
        let text = String(repeating: "> - ```repl\n>   a = 1\n>   ```\n", count: 30_000)
        #expect(FencedBlocks.code(in: text).count == 30_000)
        let long = "```repl\n" + String(repeating: "a = 1\n", count: 200_000)
        #expect(FencedBlocks.code(in: long).first?.utf8.count == 1_200_000)
        let deep = String(repeating: "> ", count: 2_000) + "```repl\n"
        #expect(FencedBlocks.all(in: String(repeating: deep, count: 20)).count == 1)
    }

    // MARK: Section 4.5

    static let fencedCode = [
        Example(119, "```\n<\n >\n```\n", [["", "<\n >\n"]]),
        Example(120, "~~~\n<\n >\n~~~\n", [["", "<\n >\n"]]),
        Example(121, "``\nfoo\n``\n"),
        Example(122, "```\naaa\n~~~\n```\n", [["", "aaa\n~~~\n"]]),
        Example(123, "~~~\naaa\n```\n~~~\n", [["", "aaa\n```\n"]]),
        Example(124, "````\naaa\n```\n``````\n", [["", "aaa\n```\n"]]),
        Example(125, "~~~~\naaa\n~~~\n~~~~\n", [["", "aaa\n~~~\n"]]),
        Example(129, "```\n\n  \n```\n", [["", "\n  \n"]]),
        Example(130, "```\n```\n", [["", ""]]),
        Example(131, " ```\n aaa\naaa\n```\n", [["", "aaa\naaa\n"]]),
        Example(132, "  ```\naaa\n  aaa\naaa\n  ```\n", [["", "aaa\naaa\naaa\n"]]),
        Example(133, "   ```\n   aaa\n    aaa\n  aaa\n   ```\n", [["", "aaa\n aaa\naaa\n"]]),
        Example(134, "    ```\n    aaa\n    ```\n"),
        Example(135, "```\naaa\n  ```\n", [["", "aaa\n"]]),
        Example(136, "   ```\naaa\n  ```\n", [["", "aaa\n"]]),
        Example(138, "``` ```\naaa\n"),
        Example(140, "foo\n```\nbar\n```\nbaz\n", [["", "bar\n"]]),
        Example(141, "foo\n---\n~~~\nbar\n~~~\n# baz\n", [["", "bar\n"]]),
        Example(142, "```ruby\ndef foo(x)\n  return 3\nend\n```\n", [["ruby", "def foo(x)\n  return 3\nend\n"]]),
        Example(
            143, "~~~~    ruby startline=3 $%@#$\ndef foo(x)\n  return 3\nend\n~~~~~~~\n",
            [["ruby", "def foo(x)\n  return 3\nend\n"]]),
        Example(144, "````;\n````\n", [[";", ""]]),
        Example(145, "``` aa ```\nfoo\n"),
        Example(146, "~~~ aa ``` ~~~\nfoo\n~~~\n", [["aa", "foo\n"]]),
        Example(147, "```\n``` aaa\n```\n", [["", "``` aaa\n"]]),
    ]

    // MARK: Section 5.1, and those of section 4.5 that hold open fences

    static let quotes = [
        Example(126, "```\n", [["", ""]]),
        Example(127, "`````\n\n```\naaa\n", [["", "\n```\naaa\n"]]),
        Example(128, "> ```\n> aaa\n\nbbb\n", [["", "aaa\n"]]),
        Example(137, "```\naaa\n    ```\n", [["", "aaa\n    ```\n"]]),
        Example(139, "~~~~~~\naaa\n~~~ ~~\n", [["", "aaa\n~~~ ~~\n"]]),
        Example(228, "> # Foo\n> bar\n> baz\n"),
        Example(231, "    > # Foo\n    > bar\n    > baz\n"),
        Example(236, ">     foo\n    bar\n"),
        Example(237, "> ```\nfoo\n```\n", [["", ""], ["", ""]]),
        Example(238, "> foo\n    - bar\n"),
        Example(252, ">     code\n\n>    not code\n"),
    ]

    // MARK: Section 5.2

    static let items = [
        Example(254, "1.  A paragraph\n    with two lines.\n\n        indented code\n\n    > A block quote.\n"),
        Example(
            263, "1.  foo\n\n    ```\n    bar\n    ```\n\n    baz\n\n    > bam\n", [["", "bar\n"]]),
        Example(264, "- Foo\n\n      bar\n\n\n      baz\n"),
        Example(270, "- foo\n\n      bar\n"),
        Example(273, "1.     indented code\n\n   paragraph\n\n       more code\n"),
        Example(278, "-\n  foo\n-\n  ```\n  bar\n  ```\n-\n      baz\n", [["", "bar\n"]]),
        Example(280, "-\n\n  foo\n"),
        Example(290, "  1.  A paragraph\n    with two lines.\n"),
        Example(292, "> 1. > Blockquote\ncontinued here.\n"),
    ]

    // MARK: Section 5.3

    static let lists = [
        Example(309, "-   foo\n\n    notcode\n\n-   foo\n\n<!-- -->\n\n    code\n"),
        Example(318, "- a\n- ```\n  b\n\n\n  ```\n- c\n", [["", "b\n\n\n"]]),
        Example(321, "- a\n  > b\n  ```\n  c\n  ```\n- d\n", [["", "c\n"]]),
        Example(324, "1. ```\n   foo\n   ```\n\n   bar\n", [["", "foo\n"]]),
    ]
}
