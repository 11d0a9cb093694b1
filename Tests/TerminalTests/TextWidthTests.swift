import CNCurses
import Terminal
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct TextWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("漢字", 4), ("ｱ", 1), ("Ａ", 2), ("e\u{301}", 1), ("\u{301}", 1), ("한", 2),
        ("\u{1112}\u{1161}\u{11AB}", 2), ("👍", 2), ("👍🏽", 2), ("🏽", 2), ("👨‍👩‍👧", 6), ("❤️", 1), ("🇩🇪", 2), ("1️⃣", 1),
        ("\t", 4), ("\u{1B}[0m", 4), ("\r\n", 2), ("\u{200B}", 1), ("a\u{200D}b", 3), ("नि", 2), ("☃", 1), ("…", 1),
        ("a\u{FE0F}\u{FE0F}\u{FE0F}", 3), ("\u{E0041}", 1), ("\u{FFFD}", 1),
    ])
    func columnsOfText(_ text: String, columns: Int) {
        #expect(TextWidth.columns(of: text) == columns)
    }

    @Test func widthIsTheSumOfWhatIsDrawn() {
        var hostile = HostileText(seed: 3)
        for _ in 0..<3000 {
            let text = hostile.next()
            let columns = TextWidth.columns(of: text)
            var surface = Surface(size: Size(columns: columns + 2, rows: 1))
            #expect(surface.put(text, x: 0, y: 0) == columns)
            let cells = (0..<(columns + 2)).map { Int(surface[$0, 0].width) }
            #expect(cells.reduce(0, +) == columns + 2)
            #expect(TextWidth.columns(of: TextCells.sanitise(text)) == columns)
        }
    }

    @Test func prefixAndSuffixNeverExceedAndAreTheLongest() {
        var hostile = HostileText(seed: 4)
        for limit in 0..<2000 {
            let text = hostile.next()
            let columns = limit % 12
            let whole = TextWidth.columns(of: text)
            for part in [TextWidth.prefix(text, columns: columns), TextWidth.suffix(text, columns: columns)] {
                let own = TextWidth.columns(of: part)
                #expect(own <= columns)
                // A tab is the widest there is.
                #expect(own == whole || own > columns - TextCells.tabColumns)
            }
            #expect(
                TextCells.sanitise(text).unicodeScalars.starts(
                    with: TextWidth.prefix(text, columns: columns).unicodeScalars
                )
            )
            #expect(TextWidth.columns(of: TextWidth.padded(text, columns: columns)) == columns)
        }
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]), ("one two three", 8, ["one two", "three"]), ("", 5, [""]),
        ("a\nb\r\nc\rd", 5, ["a", "b", "c", "d"]), ("a\n\nb\n", 5, ["a", "", "b", ""]),
        ("abcdefgh", 3, ["abc", "def", "gh"]), ("ab cdefghi", 4, ["ab", "cdef", "ghi"]),
        ("    if x:", 9, ["    if x:"]), ("    indented words", 12, ["    indented", "words"]),
        ("漢字漢字", 5, ["漢字", "漢字"]), ("漢", 1, [""]), ("trailing   ", 20, ["trailing"]),
        ("a   b", 3, ["a", "b"]), ("x\u{1B}y", 2, ["x␛", "y"]),
    ])
    func wrapping(_ text: String, columns: Int, lines: [String]) {
        #expect(TextWidth.wrap(text, columns: columns) == lines)
    }

    @Test func wrappedLinesFitAndLoseOnlyBlanks() {
        var hostile = HostileText(seed: 5)
        for round in 0..<2000 {
            let text = hostile.next(pieceLimit: 12)
            let columns = 2 + round % 20
            let lines = TextWidth.wrap(text, columns: columns)
            #expect(lines.allSatisfy { TextWidth.columns(of: $0) <= columns })
            func essence(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.filter { $0 != " " } }
            let breaks: Set<Character> = ["\n", "\r", "\r\n"]
            let whole = text.split(whereSeparator: { breaks.contains($0) }).map { TextCells.sanitise(String($0)) }
                .joined()
            // Marks after a break have lost the character they stood on; the rest is all there.
            if !whole.contains("◌") { #expect(essence(lines.joined()) == essence(whole)) }
        }
    }

    @Test func wrappingStopsAtTheLimit() {
        let text = String(repeating: "word ", count: 100_000)
        let start = ContinuousClock.now
        #expect(TextWidth.wrap(text, columns: 10, lineLimit: 3) == ["word word", "word word", "word word"])
        #expect(TextWidth.wrap("a\nb\nc", columns: 10, lineLimit: 2) == ["a", "b"])
        #expect(ContinuousClock.now - start < .milliseconds(500))
    }

    @Test func tabsReachTheNextStop() {
        #expect(TextCells.expandingTabs("a\tb\n\tc\t\td", columns: 4) == "a   b\n    c       d")
        #expect(TextCells.expandingTabs("漢\tx", columns: 4) == "漢  x")
        #expect(TextCells.expandingTabs("none") == "none")
    }

    /// The C library has its own table, usually of an older Unicode. Where both know a character of the basic plane
    /// they agree but for a few, listed here with the reason.
    @Test func agreesWithTheCLibrary() throws {
        let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil), "no C.UTF-8 locale")
        let before = uselocale(locale)
        defer {
            uselocale(before)
            freelocale(locale)
        }
        var differing: [UInt32] = []
        for value in UInt32(0x20)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let theirs = Int(rlm_width(wchar_t(value)))
            // Unknown there, or drawn as a stand-in or joined here.
            guard theirs >= 0, TextCells.sanitise(String(scalar)) == String(scalar) else { continue }
            if TextWidth.columns(of: String(scalar)) != theirs { differing.append(value) }
        }
        // Circled numbers on black squares are of ambiguous width; glibc makes them wide.
        let circled = Array(UInt32(0x3248)...0x324F)
        // Yijing hexagrams, I Ching symbols and the like were made wide in Unicode 16.
        let madeWide = Array(UInt32(0x2630)...0x2637) + Array(0x268A...0x268F) + Array(0x4DC0...0x4DFF)
        let others = differing.filter { !(madeWide + circled).contains($0) }
        #expect(others.isEmpty, "\(others.map { String($0, radix: 16) })")
    }
}
