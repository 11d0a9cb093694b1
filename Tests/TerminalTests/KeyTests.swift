@testable import Terminal
import TestSupport
import Testing

@Suite struct KeyTests {
    @Test func notationReadsAsPeopleWriteIt() throws {
        #expect(
            try KeyNotation.parse("jj<enter><c-f><esc>") == [
                .character("j"), .character("j"), .enter, .control("f"), .escape,
            ]
        )
        #expect(
            try KeyNotation.parse("<lt>é<F1><a-X><S-Tab><space>") == [
                .character("<"), .character("é"), .function(1), .alt("X"), .backTab, .character(" "),
            ]
        )
        #expect(try KeyNotation.parse("<click:4,2>") == [.mouse(MouseEvent(kind: .press, x: 4, y: 2))])
        #expect(try KeyNotation.parse("<paste:a b>") == [.paste("a b")])
        #expect(try KeyNotation.parse("") == [])
    }

    @Test(arguments: ["<", "<nope>", "a<enter", "<f0>", "<f25>", "<click:1>", "<click:-1,2>", "<>", "<c-ab>"])
    func unknownKeysAreRefusedByName(_ text: String) {
        #expect {
            _ = try KeyNotation.parse(text)
        } throws: { error in
            "\(error)".contains("'\(text)'") && "\(error)".contains("unknown")
        }
    }

    @Test func everyNameReadsBack() throws {
        var keys: [Key] = [
            .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right, .home, .end,
            .pageUp, .pageDown, .function(12), .paste("x"), .alt(">"), .alt(" "), .control(" "), .character(" "),
        ]
        keys += "abcXYZ019<>:/?é漢".map { .character($0) } + "abz]\\^_".map { .control($0) } + "aZ<".map { .alt($0) }
        for kind in [MouseEvent.Kind.press, .release, .middlePress, .rightPress, .drag, .wheelUp, .wheelDown] {
            keys.append(.mouse(MouseEvent(kind: kind, x: 3, y: 0)))
        }
        for key in keys { #expect(try KeyNotation.parse(KeyNotation.name(of: key)) == [key]) }
    }

    @Test(arguments: [
        ("a", "a"), ("\u{1B}[A", "<up>"), ("\u{1B}OA", "<up>"), ("\u{1B}[1;5C", "<right>"), ("\u{1B}[Z", "<s-tab>"),
        ("\u{1B}[5~", "<pgup>"), ("\u{1B}[15~", "<f5>"), ("\u{1B}OP", "<f1>"), ("\u{1B}[[B", "<f2>"),
        ("\0", "<c-space>"),
        ("\u{1C}", "<c-\\>"), ("\n", "<enter>"), ("\u{8}", "<bs>"), ("漢", "漢"), ("\u{1B}é", "<a-é>"), ("\u{1B}[I", ""),
        ("\u{1B}[12;40R", ""), ("\u{1B}[?62;c", ""), ("\u{85}", ""), ("\u{1B}[<0;1;1m", "<release:0,0>"),
        ("\u{1B}[<32;2;3M", "<drag:1,2>"), ("\u{1B}[M !!", "<click:0,0>"), ("\u{1B}[<35;2;3M", ""),
        ("\u{1B}[\u{1B}[A", "<up>"),
        ("\u{1B}[200~a\u{1B}[2b\u{1B}[201~c", "<paste:a\u{1B}[2b>c"),
    ])
    func bytesBecomeKeys(_ bytes: String, names: String) {
        var whole = KeyDecoder()
        #expect((whole.decode(bytes.utf8) + whole.flush()).map(KeyNotation.name).joined() == names)
        // The same when they trickle in.
        var slow = KeyDecoder()
        let keys = bytes.utf8.flatMap { slow.decode([$0]) } + slow.flush()
        #expect(keys.map(KeyNotation.name).joined() == names)
    }

    @Test func aLoneEscapeWaits() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B]).isEmpty)
        #expect(decoder.isWaiting)
        #expect(decoder.flush() == [.escape])
        #expect(!decoder.isWaiting)
        #expect(decoder.decode([0x1B, 0x1B]) == [.escape])
        #expect(decoder.flush() == [.escape])
    }

    /// A terminal that forgets the end of a paste must not take every key that follows with it.
    @Test func aPasteThatNeverEndsIsOverWhenNothingFollows() {
        var decoder = KeyDecoder()
        #expect(decoder.decode("\u{1B}[200~one\r\ntwo\rq\u{1B}[20".utf8).isEmpty)
        #expect(decoder.isPasting && !decoder.isWaiting)
        #expect(decoder.flush() == [.paste("one\ntwo\nq\u{1B}[20")])
        #expect(decoder.decode("j\u{1B}[201~k".utf8) == [.character("j"), .character("k")])
    }

    @Test func anyBytesAreSurvivedInBoundedMemory() {
        var hostile = HostileText(seed: 6)
        var decoder = KeyDecoder()
        var keys = 0
        for round in 0..<5000 {
            var bytes = Array(hostile.next().utf8)
            // Break some in the middle.
            if round % 3 == 0 { bytes.removeLast(min(bytes.count, round % 4)) }
            keys += decoder.decode(bytes).count
            if round % 5 == 0 { keys += decoder.flush().count }
        }
        #expect(keys > 5000)
        decoder = KeyDecoder()
        _ = decoder.decode("\u{1B}[200~".utf8)
        for _ in 0..<3 { _ = decoder.decode(Array(repeating: UInt8(ascii: "x"), count: 1 << 20)) }
        guard case .paste(let text) = decoder.decode("\u{1B}[201~".utf8).first else {
            Issue.record("no paste")
            return
        }
        #expect(text.utf8.count == KeyDecoder.pasteLimit)
        _ = decoder.decode("\u{1B}[".utf8 + Array(repeating: UInt8(ascii: "1"), count: 1000))
        #expect(!decoder.isWaiting || decoder.flush().count < 1000)
    }
}
