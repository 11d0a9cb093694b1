import Foundation
import TestSupport
import Testing

/// The story that time travel is for: a count is wrong because one sub-call misread its slice. It is found, asked otherwise,
/// compared, and the run continued from there: one sub-call is paid.
@Suite(.serialized) struct StoryTests {
    private static let turns = [
        PlayedModel.code(
            """
            counts = llm_query_batched([f'Count slice {n}' for n in range(6)])
            print(sum(int(n) for n in counts))
            """),
        PlayedModel.code("FINAL(str(sum(int(n) for n in counts)))"),
    ]

    private func serve() throws -> ScriptedServer {
        try PlayedModel.serve(Self.turns) { request in
            let prompt = request.lastMessage
            let count = prompt.contains("slice 3") ? (prompt.contains("carefully") ? "3" : "90") : "1"
            return PlayedModel.answer(count, to: request)
        }
    }

    @Test func oneSubcallIsMendedAndTheRestIsServed() throws {
        let server = try serve()
        defer { server.stop() }
        let program = try Program()
        program.set("OPENAI_API_KEY", to: "none")
        let ended = try program.start(program.arguments(server)).end()
        #expect(ended.stdout == "95\n", "\(ended.stderr)")
        let before = server.requests.count

        let terminal = try TmuxSession(
            program, columns: 120, rows: 40, command: "cd; \"$P\" open latest; echo left with $?")
        try terminal.wait { $0.contains("Who?") && $0.contains("c4") && $0.contains("? help") }
        // The fourth sub-call, in the tree below the first iteration.
        terminal.type("jj" + "jjj")
        try terminal.wait { $0.contains("i1.c4  sub-call") && $0.contains("90") }
        terminal.type("ep")
        try terminal.wait { $0.contains("prompt of i1.c4: Count slice 3") }
        terminal.type(" carefully")
        terminal.press("Enter")
        try terminal.wait { $0.contains("i1.c4: prompt changed") }
        // Tried alone, and compared with the first.
        terminal.type("r")
        terminal.press("Enter")
        try terminal.wait { $0.contains("i1.c4@1 → i1.c4@2") && $0.contains("- 90") && $0.contains("+ 3") }
        #expect(server.requests.count == before + 1)
        // Continued: what it takes first, then the fork, live.
        terminal.type("qR")
        try terminal.wait { $0.contains("live calls") && $0.contains("recorded calls  6") }
        terminal.press("Enter")
        try terminal.wait { $0.contains("is a fork of") }
        terminal.type("b")
        try terminal.wait { $0.contains("at i1.c4: prompt  8") }
        terminal.type("=")
        try terminal.wait { $0.contains("[-95-]") || $0.contains("- 95") }
        terminal.type("Q")
        try terminal.wait { $0.contains("left with 0") }
        let asked = server.requests.dropFirst(before).filter { !PlayedModel.isRoot($0) }
        #expect(asked.map(\.lastMessage) == ["Count slice 3 carefully"], "one sub-call is paid")
    }
}
