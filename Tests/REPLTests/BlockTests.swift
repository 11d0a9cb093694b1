import Foundation
import Testing
import Trajectory

@testable import REPL

@Suite struct BlockTests {
    @Test func printsAndEchoes() async throws {
        try await withREPL { repl in
            let result = await repl.run("import os\nprint('a')\nos.write(1, b'b\\n')\nos.system('echo c; echo d >&2')\n[1, 'x']")
            #expect(result.outcome == .clean)
            #expect(result.output.stdout == "a\nb\nc\n[1, 'x']\n")
            #expect(result.output.stderr == "d\n")
            #expect(await repl.run("x = 5").output.stdout == "")
            #expect(await repl.run("None").output.stdout == "")
            #expect(await repl.run("x + 1").output.stdout == "6\n")
        }
    }
}
