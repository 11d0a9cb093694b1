import Terminal
import TestSupport
import Testing

@Suite struct SurfaceTests {
    private func surface(_ columns: Int, _ rows: Int = 1) -> Surface {
        Surface(size: Size(columns: columns, rows: rows))
    }

    @Test func textIsDrawnAndClipped() {
        var surface = surface(10, 2)
        #expect(surface.put("hello", x: 0, y: 0) == 5)
        #expect(surface.put("hello", x: 7, y: 1, truncation: .clip) == 3)
        #expect(surface.put("out", x: 10, y: 0) == 0)
        #expect(surface.put("out", x: 0, y: 2) == 0)
        #expect(surface.put("out", x: 0, y: -1) == 0)
        #expect(surface.put("out", x: 0, y: 0, width: 0) == 0)
        surface.put("left", x: -2, y: 1, width: 5)
        #expect(surface.text() == "hello\nft     hel")
    }

    @Test(arguments: [
        (Truncation.clip, "abcdef"), (.end, "abcde…"), (.start, "…fghij"), (.middle, "ab…hij"),
    ])
    func longTextIsCut(_ truncation: Truncation, result: String) {
        var surface = surface(12)
        #expect(surface.put("abcdefghij", x: 1, y: 0, width: 6, truncation: truncation) == 6)
        #expect(surface.text() == " " + result)
    }

    @Test func textThatJustFitsIsNotCut() {
        var surface = surface(3, 2)
        surface.put("abc", x: 0, y: 0)
        surface.put("abcd", x: 0, y: 1)
        #expect(surface.text() == "abc\nab…")
    }

    @Test func wideCharactersTakeTwoCells() {
        var surface = surface(6)
        #expect(surface.put("漢字", x: 0, y: 0) == 4)
        #expect(surface[0, 0] == Cell(text: "漢", width: 2))
        #expect(surface[1, 0] == Cell(text: "", width: 0))
        surface.put("x", x: 1, y: 0)
        #expect(surface.text() == " x字")
        surface.put("y", x: 2, y: 0)
        #expect(surface.text() == " xy")
    }

    @Test func halfAWideCharacterIsNeverDrawn() {
        var surface = surface(5)
        #expect(surface.put("漢字", x: 2, y: 0, truncation: .clip) == 2)
        #expect(surface.text() == "  漢")
        surface = self.surface(5)
        surface.put("漢字", x: -1, y: 0)
        #expect(surface.text() == " 字")
        surface = self.surface(3)
        surface.put("漢字", x: 0, y: 0)
        #expect(surface.text() == "漢…")
        surface = self.surface(4)
        surface.put("漢字漢", x: 0, y: 0)
        #expect(surface.text() == "漢…")
        surface.fill(Rect(x: 0, y: 0, width: 3, height: 1), role: .text, character: "漢")
        #expect(surface.text() == "漢")
    }

    @Test func controlCharactersAreShownNotObeyed() {
        var surface = surface(40)
        surface.put("a\u{1B}[31m\u{7}\r\nb\u{9B}c\u{202E}d\u{200B}e\u{7F}\u{E000}", x: 0, y: 0)
        #expect(surface.text() == "a␛[31m␇␍␊b�c·d·e␡�")
        surface = self.surface(12)
        #expect(surface.put("a\tb", x: 0, y: 0) == 6)
        #expect(surface.text() == "a    b")
    }

    @Test func marksStayWithTheirCharacterInBoundedNumber() {
        var surface = surface(4)
        #expect(surface.put("e" + String(repeating: "\u{301}", count: 100) + "x", x: 0, y: 0) == 2)
        #expect(surface[0, 0].text.unicodeScalars.count == 5)
        #expect(surface[1, 0].text == "x")
        #expect(surface.put("\u{301}", x: 2, y: 0) == 1)
        #expect(surface[2, 0].text.unicodeScalars.first == "◌")
    }

    @Test func selectionKeepsTheRole() {
        var surface = surface(4)
        surface.put("✗ c3", x: 0, y: 0, role: .statusFailed)
        surface.tint(Rect(x: 0, y: 0, width: 3, height: 9), role: .selection)
        #expect(surface[0, 0].isSelected && surface[0, 0].role == .statusFailed)
        #expect(!surface[3, 0].isSelected)
        surface.tint(surface.bounds, role: .dim)
        #expect(surface[0, 0].role == .dim && surface[0, 0].isSelected)
        let palette = Palette(styles: [
            .statusFailed: Style(foreground: .ansi(1)), .selection: Style(foreground: .ansi(7), background: .ansi(4)),
        ])
        #expect(
            palette.style(role: .statusFailed, isSelected: true)
                == Style(foreground: .ansi(1), background: .ansi(4))
        )
        #expect(palette.style(role: .text, isSelected: true) == Style(foreground: .ansi(7), background: .ansi(4)))
    }

    @Test func surfacesCompareByTheirLooks() {
        var one = surface(4)
        var other = surface(4)
        one.put("o\u{308}x", x: 2, y: 0)
        one.put("e\u{301}", x: 0, y: 0)
        other.put("e\u{301}", x: 0, y: 0)
        #expect(one != other)
        other.put("o\u{308}x", x: 2, y: 0)
        #expect(one == other)
        other.put("x", x: 3, y: 0, role: .dim)
        #expect(one != other)
    }

    @Test func aSurfaceIsDrawnIntoAnother() {
        var small = surface(4, 2)
        small.put("e\u{301}漢!", x: 0, y: 0)
        small.put("sel", x: 0, y: 1)
        small.tint(Rect(x: 0, y: 1, width: 1, height: 1), role: .selection)
        var large = surface(6, 3)
        large.draw(small, x: 3, y: 1)
        #expect(large.text() == "\n   e\u{301}漢\n   sel")
        #expect(large[3, 2].isSelected && !large[4, 2].isSelected)
    }

    @Test func ansiHasTheColoursOfEachDepth() {
        var surface = surface(2)
        surface.put("a", x: 0, y: 0, role: .accent)
        let palette = Palette(styles: [
            .accent: Style(foreground: .rgb(255, 135, 0, ansi16: 11), attributes: [.bold, .underline])
        ])
        let esc = "\u{1B}["
        #expect(surface.ansi(palette: palette) == "\(esc)0;1;4;38;2;255;135;0ma\(esc)0m \(esc)0m")
        #expect(surface.ansi(palette: palette, depth: .ansi256) == "\(esc)0;1;4;38;5;208ma\(esc)0m \(esc)0m")
        #expect(surface.ansi(palette: palette, depth: .ansi16) == "\(esc)0;1;4;93ma\(esc)0m \(esc)0m")
        #expect(surface.ansi(palette: palette, depth: .ansi8) == "\(esc)0;1;4;33ma\(esc)0m \(esc)0m")
        #expect(surface.ansi(palette: palette, depth: .none) == "\(esc)0;1;4ma\(esc)0m \(esc)0m")
    }

    @Test func asciiGlyphSetSendsASCIIAlone() {
        var surface = surface(20)
        surface.put("✓ ünï 漢 ─… “q”", x: 0, y: 0)
        var palette = Palette.plain
        palette.glyphs = .ascii
        let text = surface.ansi(palette: palette)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(surface.text(isASCII: true) == "+ ?n? ?  -~ \"q\"")
    }

    @Test(arguments: [
        (0.0, "▏    ▏"), (0.5, "▏██  ▏"), (1.0, "▏████▏"), (7.0, "▏████▏"), (0.001, "▏▏   ▏"), (0.999, "▏███▉▏"),
        (0.3125, "▏█▎  ▏"),
    ])
    func meterIsFullByItsFraction(_ fraction: Double, result: String) {
        var surface = surface(6)
        surface.putMeter(fraction, x: 0, y: 0, width: 6)
        #expect(surface.text() == result)
    }

    @Test func unknownFractionLeavesTheMeterEmpty() {
        var surface = surface(6)
        surface.putMeter(nil, x: 0, y: 0, width: 6)
        #expect(surface.text() == "▏    ▏")
        surface.putMeter(.nan, x: 0, y: 0, width: 6)
        #expect(surface.text() == "▏    ▏")
        surface.putMeter(0.5, x: 0, y: 0, width: 2)
        #expect(surface.text() == "▏    ▏")
    }

    @Test func glyphsAreOneColumnEachAndTwinsAreASCII() {
        for (name, path) in GlyphSet.named {
            #expect(TextWidth.columns(of: GlyphSet.unicode[keyPath: path]) == 1, "\(name)")
            let twin = GlyphSet.ascii[keyPath: path]
            #expect(twin.count == 1 && twin.allSatisfy(\.isASCII), "\(name)")
        }
        for (name, path) in GlyphSet.namedRows {
            let glyphs = GlyphSet.unicode[keyPath: path]
            #expect(glyphs.allSatisfy { TextWidth.columns(of: $0) == 1 }, "\(name)")
            #expect(glyphs.count == GlyphSet.ascii[keyPath: path].count, "\(name)")
        }
    }

    @Test func hostileTextGivesNothingButColours() {
        var hostile = HostileText(seed: 1)
        var isGood = true
        for _ in 0..<1000 {
            var surface = surface(80, 20)
            for row in 0..<20 {
                var x = 0
                for _ in 0..<5 {
                    surface.put(hostile.next(), x: x, y: row, width: 16, role: .output)
                    x += 16
                }
            }
            isGood = isGood && isOnlyColoured(surface.ansi(palette: .plain)) && isFree(surface.text())
        }
        #expect(isGood)
    }

    /// Whether there is nothing but printable text, line feeds, and sequences that set colours.
    private func isOnlyColoured(_ text: String) -> Bool {
        var rest = text.unicodeScalars[...]
        while let escape = rest.firstIndex(of: "\u{1B}") {
            guard isFree(String(rest[..<escape])) else { return false }
            rest = rest[rest.index(after: escape)...]
            guard rest.first == "[", let end = rest.firstIndex(of: "m"),
                rest[..<end].dropFirst().allSatisfy({ "0123456789;".unicodeScalars.contains($0) })
            else { return false }
            rest = rest[rest.index(after: end)...]
        }
        return isFree(String(rest))
    }

    private func isFree(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control: scalar == "\n"
            case .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }
}
