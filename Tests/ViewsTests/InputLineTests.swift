import Terminal
import Testing
import Views

@Suite struct InputLineTests {
    private func line(_ keys: String, _ start: InputLine = InputLine()) throws -> InputLine {
        var line = start
        for key in try KeyNotation.parse(keys) { _ = line.take(key) }
        return line
    }

    @Test(arguments: [
        ("abc<left><left>X", "aXbc", 2), ("one two<c-w>", "one ", 4), ("one two<a-b>X", "one Xtwo", 5),
        ("one two<c-a><a-f><c-k>", "one", 3), ("abc<home><del>", "bc", 0), ("abc<c-u>d", "d", 1),
        ("abc<left><bs>", "ac", 1), ("a<left><bs>", "a", 0), ("日本<left>x", "日x本", 2),
        ("<paste:two words>!", "two words!", 10),
    ])
    func editing(keys: String, text: String, cursor: Int) throws {
        let line = try line(keys)
        #expect(line.text == text && line.cursor == cursor, "\(line.text) \(line.cursor)")
    }

    @Test func aPasteIsItsFirstLine() {
        var line = InputLine("a")
        _ = line.take(.paste("two\nlines"))
        #expect(line.text == "atwo")
    }

    @Test func whatWasEnteredBeforeComesBackAndTheNewLineIsKept() throws {
        let start = InputLine(history: ["first", "second"])
        #expect(try line("new<up>", start).text == "second")
        #expect(try line("new<up><up><up>", start).text == "first")
        #expect(try line("new<up><up><down><down>", start).text == "new")
        #expect(InputLine.history(["a", "b"], adding: "a") == ["b", "a"])
    }

    @Test func tabGoesThroughWhatBeginsAlike() throws {
        let start = InputLine(completions: ["status:failed", "model:gpt-5", "status:held"])
        #expect(try line("st<tab>", start).text == "status:failed")
        #expect(try line("st<tab><tab>", start).text == "status:held")
        #expect(try line("st<tab><tab><tab>", start).text == "status:failed")
        #expect(try line("st<s-tab>", start).text == "status:held")
        #expect(try line("x<tab>", start).text == "x")
    }

    /// A megabyte pasted by mistake costs no more than what is kept of it.
    @Test func aMegabyteIsCut() {
        var line = InputLine()
        let took = ContinuousClock().measure { _ = line.take(.paste(String(repeating: "é", count: 1 << 20))) }
        #expect(line.characters.count == InputLine.longest)
        #expect(took < .milliseconds(200))
        #expect(line.take(.character("x")) == .changed)
        #expect(line.characters.count == InputLine.longest)
    }

    @Test func theCursorIsAlwaysInView() {
        var line = InputLine(String(repeating: "0123456789", count: 20))
        for key in [Key.end, .home, .left, .right, .alt("b")] {
            _ = line.take(key)
            var surface = Surface(size: Size(columns: 30, rows: 1))
            InputLineView.draw("/", line, into: &surface, rect: surface.size.bounds)
            #expect(surface.text().count <= 30)
            #expect((0..<30).contains { surface[$0, 0].role == .selection || surface[$0, 0].isSelected }, "\(key)")
        }
    }
}
