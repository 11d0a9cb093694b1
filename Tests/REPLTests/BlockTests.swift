import Foundation
import Testing
import Trajectory

@testable import REPL

@Suite struct BlockTests {
    @Test func printsAndEchoes() async throws {
        try await withREPL { repl in
            let code = "import os\nprint('a')\nos.write(1, b'b\\n')\n_ = os.system('echo c; echo d >&2')\n[1, 'x']"
            let result = await repl.run(code)
            #expect(result.outcome == .clean)
            #expect(result.output == Output(stdout: "a\nb\nc\n[1, 'x']\n", stderr: "d\n"))
            #expect(await repl.run("x = 5").output.stdout == "")
            #expect(await repl.run("None").output.stdout == "")
            #expect(await repl.run("x + 1").output.stdout == "6\n")
        }
    }

    @Test func showsOnlyTheBeginningOfAHugeEcho() async throws {
        try await withREPL { repl in
            let result = await repl.run("'x' * 50_000_000")
            #expect(result.outcome == .clean)
            #expect(result.output.stdout.hasSuffix("(the first 100000 of 50000000)\n"))
        }
    }

    @Test func tellsOfAnExceptionByUserLinesAlone() async throws {
        try await withREPL { repl in
            let result = await repl.run("before = 1\ndef half(x):\n    return x / 0\n\nhalf(4)\nafter = 2")
            #expect(result.outcome == .raised(Failure(kind: "ZeroDivisionError", message: "division by zero")))
            #expect(result.output.stderr.contains("File \"<block 1>\", line 3, in half\n    return x / 0"))
            #expect(!result.output.stderr.contains("worker"))
            #expect(result.variables.map(\.name) == ["before", "half"])
            #expect(await repl.run("before").output.stdout == "1\n")
        }
    }

    @Test func tellsOfAnExceptionInEarlierBlocksAndChains() async throws {
        try await withREPL { repl in
            _ = await repl.run("def first():\n    raise KeyError('k')")
            let result = await repl.run("try:\n    first()\nexcept KeyError as e:\n    raise ValueError('v') from e")
            #expect(result.output.stderr.contains("\"<block 1>\", line 2, in first\n    raise KeyError('k')"))
            #expect(result.output.stderr.contains("direct cause"))
            let wrong = await repl.run("x = (1,\ny =")
            guard case .raised(let failure) = wrong.outcome else { Issue.record("\(wrong.outcome)"); return }
            #expect(failure.kind == "SyntaxError")
            #expect(wrong.output.stderr.contains("<block 3>"))
        }
    }

    @Test(arguments: [
        ("import sys; sys.exit(3)", "SystemExit"), ("exit()", "SystemExit"),
        ("def f(): return f()\nf()", "RecursionError"), ("x = bytearray(1 << 40)", "MemoryError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"), ("input('? ')", "EOFError"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E"),
    ])
    func survives(_ code: String, _ kind: String) async throws {
        try await withREPL { repl in
            _ = await repl.run("kept = 7")
            let result = await repl.run(code)
            guard case .raised(let failure) = result.outcome else { Issue.record("\(result.outcome)"); return }
            #expect(failure.kind == kind)
            #expect(await repl.run("kept").output.stdout == "7\n")
        }
    }

    @Test func putsItsOwnNamesBack() async throws {
        let folder = try Folder()
        try await withREPL(contexts: [try mounted("the text", in: folder)]) { repl in
            let code = """
                context = llm_query = SHOW_VARS = history = 1
                mine = context
                del FINAL, answer
                import sys, io
                sys.stdout = io.StringIO()
                import os
                os.close(1)
                os.dup2(os.open('/dev/null', os.O_WRONLY), 2)
                raise ValueError
                """
            _ = await repl.run(code)
            #expect(await repl.run("print('e', file=sys.stderr)").output.stderr == "e\n")
            let result = await repl.run(
                "print(context, context_0, history, mine, callable(llm_query), callable(FINAL), answer['ready'])"
            )
            #expect(result.output.stdout == "the text the text [] 1 True True False\n")
        }
    }

    @Test func listsVariablesForTheModel() async throws {
        try await withREPL { repl in
            #expect(await repl.run("SHOW_VARS()").output.stdout == "No variables yet.\n")
            let result = await repl.run("import os\na = [1, 2]\nb = 'x'\nprint(SHOW_VARS())")
            #expect(result.output.stdout == "a: list[2] = [1, 2]\nb: str = 'x'\n")
        }
    }

    @Test func keepsAForkedChildOutOfTheProtocol() async throws {
        try await withREPL { repl in
            let code = """
                import os
                child = os.fork()
                if child == 0:
                    try:
                        llm_query('from the child')
                    except RuntimeError as e:
                        print('refused', flush=True)
                else:
                    os.waitpid(child, 0)
                    print('parent')
                """
            let result = await repl.run(code)
            #expect(result.outcome == .clean)
            #expect(result.output.stdout == "refused\nparent\n")
            #expect(await repl.run("child > 0").output.stdout == "True\n")
        }
    }

    @Test func keepsOutputWholeAndItsHash() async throws {
        try await withREPL { repl in
            let result = await repl.run(
                "import hashlib, os\ntext = 'ü' * 3_000_000\nprint(text, end='')\nos.write(2, b'e\\xff')"
            )
            #expect(result.output.stdout.unicodeScalars.count == 3_000_002 && result.output.cutByteCount == 0)
            let hashes = await repl.run(
                "print(hashlib.sha256((text + '2\\n').encode()).hexdigest(), hashlib.sha256(b'e\\xff').hexdigest())"
            )
            let hex = [result.stdoutHash, result.stderrHash].map { hash in
                hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            }
            #expect(hashes.output.stdout == hex.joined(separator: " ") + "\n")
            let none = await repl.run("pass")
            #expect(none.stdoutHash == none.stderrHash && none.stdoutHash.count == 32)
        }
    }

    @Test(arguments: [(900, 100, 0), (300, 2000, 1), (2000, 300, 0), (3000, 3000, 2)])
    func keepsOfBothStreamsTogetherWhatTheLimitIs(_ out: Int, _ err: Int, _ longer: Int) async throws {
        try await withREPL(limits: REPLLimits(outputKept: 1000)) { repl in
            let output = await repl.run("import os\n_ = os.write(1, b'o' * \(out)), os.write(2, b'e' * \(err))").output
            let kept = (output.stdout.filter { $0 == "o" }.count, output.stderr.filter { $0 == "e" }.count)
            #expect(output.cutByteCount == max(0, out + err - 1000))
            // The word "bytes" has an e in it.
            #expect(abs(kept.0 + kept.1 - min(1000, out + err)) < 3)
            if longer < 2, out + err > 1000 { #expect((longer == 0 ? kept.1 : kept.0) == min(out, err)) }
        }
    }

    @Test func doesNotWaitForAChildThatHoldsThePipe() async throws {
        try await withREPL { repl in
            let started = Clock.now
            let result = await repl.run("import subprocess\np = subprocess.Popen(['sleep', '60'])\nprint('on')")
            #expect(result.outcome == .clean)
            #expect(result.output.stdout == "on\n")
            #expect(Clock.now - started < 20)
        }
    }

    @Test func attributesOutputToItsBlock() async throws {
        try await withREPL { repl in
            for number in 0..<50 {
                let result = await repl.run("import os\nfor i in range(20): os.write(1 + i % 2, b'\(number)\\n')")
                let expected = String(repeating: "\(number)\n", count: 10)
                #expect(result.output == Output(stdout: expected, stderr: expected))
            }
        }
    }

    @Test func runsBlocksInOrderThoughAskedAtOnce() async throws {
        try await withREPL { repl in
            _ = await repl.run("seen = []")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 { group.addTask { _ = await repl.run("seen.append(\(number))") } }
            }
            #expect(await repl.run("len(set(seen))").output.stdout == "20\n")
        }
    }
}
