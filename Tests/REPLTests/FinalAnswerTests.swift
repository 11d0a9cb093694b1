import Testing
import Trajectory

@testable import REPL

@Suite struct FinalAnswerTests {
    @Test(
        arguments: [
            ("answer['content'] = 'x'; answer['ready'] = True", "x"),
            ("answer['ready'] = True\nanswer['content'] = 'late'", "late"),
            ("answer['content'] = [1]; answer['ready'] = 1", "[1]"),
            ("answer = {'content': 'own', 'ready': True}", "own"),
            ("FINAL('f')", "f"), ("FINAL(42)", "42"), ("v = {'a': 1}\nFINAL_VAR('v')", "{'a': 1}"),
            ("FINAL('first')\nFINAL('second')", "second"),
            ("answer['content'] = 'x'", nil), ("FINAL('f')\n1 / 0", nil),
            ("answer['content'] = 'x'; answer['ready'] = True\nraise ValueError", nil),
            ("print('FINAL(3)')", nil),
        ] as [(String, String?)]
    )
    func isReadWhenABlockEndedClean(_ code: String, _ answer: String?) async throws {
        try await withREPL { repl in
            #expect(await repl.run(code).finalAnswer == answer)
        }
    }

    @Test func isBuiltOverSeveralBlocksAndGivenOnce() async throws {
        try await withREPL { repl in
            _ = await repl.run("answer['content'] = 'a'")
            _ = await repl.run("answer['content'] += 'b'")
            #expect(await repl.run("answer['ready'] = True").finalAnswer == "ab")
            #expect(await repl.run("pass").finalAnswer == nil)
        }
    }

    @Test func namesTheVariablesWhenOneIsMissing() async throws {
        try await withREPL { repl in
            let result = await repl.run("total = 1\nFINAL_VAR('totl')")
            let message = "FINAL_VAR: there is no variable 'totl'; variables: total"
            #expect(result.outcome == .raised(Failure(kind: "NameError", message: message)))
            #expect(result.finalAnswer == nil)
        }
    }

    @Test func survivesContentThatCannotBeShown() async throws {
        try await withREPL { repl in
            let code =
                "class C:\n    def __str__(self): raise OSError('no')\nanswer['content'] = C()\nanswer['ready'] = True"
            let result = await repl.run(code)
            #expect(result.outcome == .raised(Failure(kind: "OSError", message: "no")))
            #expect(result.finalAnswer == nil)
        }
    }
}
