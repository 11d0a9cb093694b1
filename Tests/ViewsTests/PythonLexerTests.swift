import Terminal
import Testing
import TestSupport
import Views

@Suite struct PythonLexerTests {
    /// Spans written as `role:text`, plain text as it is.
    private func written(_ code: String) -> [String] {
        var lexer = PythonLexer()
        return code.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            lexer.spans(of: String(line)).map { $0.role == .text ? $0.text : "<\(short($0.role)):\($0.text)>" }.joined()
        }
    }

    private func short(_ role: Role) -> String {
        switch role {
        case .codeKeyword: "k"
        case .codeString: "s"
        case .codeNumber: "n"
        case .codeComment: "c"
        case .codeFunction: "f"
        case .codeBuiltin: "b"
        default: role.rawValue
        }
    }

    @Test func namesAndNumbers() {
        #expect(
            written("for i in range(0, 0x1F_f, 1e-5): # go")
                == ["<k:for> i <k:in> <b:range>(<n:0>, <n:0x1F_f>, <n:1e-5>): <c:# go>"]
        )
        #expect(written("def f(x): return llm_query(x)") == ["<k:def> <f:f>(x): <k:return> <f:llm_query>(x)"])
        #expect(written("s.print(x).len") == ["s.<f:print>(x).len"])
        #expect(written("@cache") == ["<f:@cache>"])
        #expect(written("grüße = 1") == ["grüße = <n:1>"])
    }

    @Test func strings() {
        #expect(written(#"a = 'it\'s' + rb"\x" "#) == [#"a = <s:'it\'s'> + <s:rb"\x"> "#])
        #expect(written(#"f"{len(x)} {{no}} {y!r}""#) == [#"<s:f"{><b:len>(x)<s:} {{no}} {>y!r<s:}">"#])
        #expect(written("x = 'never ends\ny = 2") == ["x = <s:'never ends>", "y = <n:2>"])
        #expect(
            written("x = '''one\ntwo' \"\"\"\nthree''' + 4") == [
                "x = <s:'''one>", "<s:two' \"\"\">", "<s:three'''> + <n:4>",
            ]
        )
        #expect(written("x = 'one\\\ntwo' + y") == ["x = <s:'one\\>", "<s:two'> + y"])
    }

    /// Whatever comes, spans together are the line, and nothing traps.
    @Test func garbageStaysWhatItIs() {
        var hostile = HostileText(seed: 3)
        var lexer = PythonLexer()
        let pieces = ["'", "\"\"\"", "f\"{", "}", "\\", "#", "0x", "é", "🙂", "def ", "@", ".5", "{{"]
        var random = SplitMix(seed: 11)
        for _ in 0..<2_000 {
            var line = ""
            for _ in 0..<6 {
                line +=
                    random.number(below: 2) == 0
                    ? pieces[random.number(below: pieces.count)] : hostile.next(pieceLimit: 2)
            }
            let spans = lexer.spans(of: line)
            #expect(spans.map(\.text).joined() == line)
        }
    }
}
