import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct OneLineTests {
    @Test func textsBecomeOneSafeLine() {
        #expect(oneLine("  a\n\n b\tc  ", limit: 10) == "a b c")
        #expect(oneLine("a\u{1b}[31m\u{0}\u{202e}\u{9b}b", limit: 20) == "a\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}b")
        #expect(oneLine("abcdef", limit: 6) == "abcdef")
        #expect(oneLine("abcdefg", limit: 6) == "abcde…")
        #expect(oneLine("abcde fg", limit: 6) == "abcde…")
        #expect(oneLine("", limit: 6) == "")
        #expect(oneLine(String(repeating: "é", count: 500), limit: 200).count == 200)
    }

    @Test func codeIsNamedByWhatItDoes() {
        #expect(Title.ofCode("# look\nimport re\n\nparts = f(x)\nprint(parts)") == "parts = f(x); print(parts)")
        #expect(Title.ofCode("import re\n# only\n") == "import re")
        #expect(Title.ofCode("") == "")
        #expect(Title.ofCode(String(repeating: "x = 1\n", count: 1000)).count == 200)
    }

    @Test func promptsAreNamedByTheLastQuestion() {
        let messages = [
            Message(role: .system, content: "rules"), Message(role: .user, content: "first"),
            Message(role: .user, content: "second\nline"), Message(role: .assistant, content: "said"),
        ]
        #expect(Title.ofPrompt(messages) == "second line")
        #expect(Title.ofPrompt([Message(role: .system, content: "rules")]) == "rules")
        #expect(Title.ofPrompt([]) == "")
    }
}
