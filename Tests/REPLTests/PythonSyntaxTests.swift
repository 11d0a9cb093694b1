import Testing

@testable import REPL

@Suite struct PythonSyntaxTests {
    @Test(arguments: ["", "x = 1\nx + 1", "def f():\n    return 'ü'\nf()", "print('\\d')", "import nowhere\n1 / 0"])
    func takesWhatCompiles(_ code: String) throws {
        #expect(try PythonSyntax.check(code) == nil)
    }

    @Test(arguments: [
        ("x = 1\ny = (1,\n", 2, 5, "never closed"), ("ü = 'ü' 5", 1, 9, "invalid syntax"),
        ("if True:\nx = 1", 2, 1, "indented block"), ("return 5", 1, 1, "outside function"),
        ("for i in x:\n    pass\nbreak", 3, 1, "outside loop"), ("print 'a'", 1, 1, "print"),
    ])
    func saysWhereAndWhatIsWrong(_ code: String, _ line: Int, _ column: Int, _ word: String) throws {
        let problem = try #require(try PythonSyntax.check(code))
        #expect(problem.line == line)
        #expect(problem.column == column)
        #expect(problem.message.contains(word), "\(problem.message)")
    }

    @Test func isNotTakenInByCodeThatIsTooMuch() throws {
        let nested = String(repeating: "(", count: 100_000)
        #expect(try PythonSyntax.check(nested) != nil)
        #expect(try PythonSyntax.check("x = 1\0") != nil)
        #expect(try PythonSyntax.check("x = 1\n" + String(repeating: "y = 'ü'\n", count: 50_000)) == nil)
    }

    @Test func runsNothing() throws {
        let folder = try Folder()
        #expect(
            try PythonSyntax.check("open('\(folder.path)/made', 'w')\n__import__('os').mkdir('\(folder.path)/d')")
                == nil)
        #expect(try folder.names() == [])
    }

    @Test func saysThatPythonIsMissing() {
        #expect(throws: REPLError.self) { try PythonSyntax.check("1", python: "/nowhere/python3") }
    }
}
