import Engine
import Testing

@Suite struct FencedBlocksTests {
    @Test func runsReplAndPythonInOrderAndNothingElse() {
        let response = "Look.\n```repl\na = 1\n```\nand\n```Python\nb = 2\n```\n```json\n{}\n```\n~~~py\nc = 3\n~~~\n"
        #expect(FencedBlocks.code(in: response) == ["a = 1\n", "b = 2\n", "c = 3\n"])
    }

    @Test func aLongerFenceHoldsShorterOnes() {
        let response = "````repl\ntext = '''\n```python\nprint(1)\n```\n'''\n````\n"
        #expect(FencedBlocks.code(in: response) == ["text = '''\n```python\nprint(1)\n```\n'''\n"])
    }

    @Test func tildesDoNotCloseBackticks() {
        #expect(FencedBlocks.code(in: "```repl\na\n~~~\nb\n```") == ["a\n~~~\nb\n"])
    }

    @Test func theEndOfTheTextClosesAnOpenFence() {
        let blocks = FencedBlocks.all(in: "```repl\nfor i in x:\n    f(i)\n")
        #expect(blocks.map(\.text) == ["for i in x:\n    f(i)\n"])
        #expect(blocks.map(\.isClosed) == [false])
    }

    @Test func keepsIndentationButTheFencesOwn() {
        #expect(FencedBlocks.code(in: "  ```repl\n  if x:\n      y()\n z()\n  ```") == ["if x:\n    y()\nz()\n"])
    }

    @Test func fourSpacesMakeNoFence() {
        #expect(FencedBlocks.code(in: "    ```repl\n    a\n    ```").isEmpty)
    }

    @Test func aFenceInsideALineIsNone() {
        #expect(FencedBlocks.code(in: "Use ```repl``` blocks.\n```repl x`y\nno\n```").isEmpty)
    }

    @Test func aClosingFenceHasNothingBehindIt() {
        #expect(FencedBlocks.code(in: "```repl\na\n``` b\nc\n```   \nrest") == ["a\n``` b\nc\n"])
    }

    @Test func windowsLineEndsAreLineEnds() {
        #expect(FencedBlocks.code(in: "```repl\r\na = 1\r\nb = 2\r\n```\r\n") == ["a = 1\nb = 2\n"])
    }

    @Test func aFormFeedInsideAStringStays() {
        #expect(FencedBlocks.code(in: "```repl\nx = '\u{0C}'\n```") == ["x = '\u{0C}'\n"])
    }

    @Test func blankBlocksAreNotRun() {
        #expect(FencedBlocks.code(in: "```repl\n\n  \n```\n```repl\n```").isEmpty)
    }

    @Test func readsAnnotatedInfoStrings() {
        #expect(FencedBlocks.code(in: "``` {python}\nno\n```\n```python title=\"x\"\nyes\n```") == ["yes\n"])
    }
}
