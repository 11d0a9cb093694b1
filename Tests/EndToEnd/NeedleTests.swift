import Foundation
import Testing

/// A question over twenty megabytes: answered headless, then opened, walked through and left in a real terminal.
@Suite(.serialized) struct NeedleTests {
    /// Twenty megabytes of lines with one that answers and some that only look so.
    private static func haystack() -> String {
        var text = ""
        text.reserveCapacity(21 << 20)
        var state: UInt64 = 11
        let words = [
            "river", "market", "engine", "letter", "window", "garden", "signal", "copper", "harbour", "winter", "paper",
            "bridge", "candle", "meadow", "driver", "planet",
        ]
        var number = 0
        while text.utf8.count < 20 << 20 {
            number += 1
            if number == 171_717 { text += "Memo: the vault code is 7316-KESTREL, do not write it down.\n" }
            if number % 50_000 == 0 { text += "The vault was painted and the dress code was changed.\n" }
            for _ in 0..<9 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += words[Int(state >> 60)]
                text += " "
            }
            text += "\(number)\n"
        }
        return text
    }

    @Test func isFoundAndWalkedThrough() throws {
        let program = try Program()
        let context = try program.file(Self.haystack(), named: "big.txt")
        let ended = try program.run(
            "run",
            "What is the vault code?",
            "--context",
            context,
            "--model",
            "offline/lexical",
            "--headless"
        )
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stdout.contains("7316-KESTREL"))
        #expect(ended.stdout.split(separator: "\n").count == 1, "the answer is not alone on stdout: \(ended.stdout)")

        for (columns, rows) in [(80, 24), (120, 40)] {
            let terminal = try TmuxSession(
                program,
                columns: columns,
                rows: rows,
                command: "\(Program.path) open latest; echo left with $?"
            )
            let tree = try terminal.wait { $0.contains("vault code") && $0.contains("i2") }
            #expect(tree.split(separator: "\n", omittingEmptySubsequences: false).count <= rows + 1)
            terminal.press("j", "j", "Enter")
            // Beside the tree the node is shown before it is entered; only the key line tells which of them has the keys.
            try terminal.wait { $0.contains("context") && $0.contains("q back") }
            terminal.press("Escape")
            // Typed at once, the two would be one key with Alt.
            try terminal.wait { $0.contains("i2") && $0.contains("leave") }
            terminal.type("Q")
            let left = try terminal.wait { $0.contains("left with 0") }
            #expect(!left.contains("vault code?\" "), "the screen was not given back")
            // The shell echoes and edits lines again: the terminal is as it was.
            terminal.type("echo back-$((40+2))")
            terminal.press("Enter")
            try terminal.wait { $0.contains("back-42") }
        }
    }

    @Test func theSameQuestionIsAnsweredLiveOnTheScreen() throws {
        let program = try Program()
        let context = try program.file(
            String(repeating: "nothing to see here, move on\n", count: 2000) + "The vault code is 1-2-3.\n",
            named: "small.txt"
        )
        let terminal = try TmuxSession(
            program,
            columns: 80,
            rows: 24,
            command: "\(Program.path) run 'What is the vault code?' --context \(context); echo left with $?"
        )
        try terminal.wait { $0.contains("vault code") && $0.contains("succeeded") }
        terminal.type("Q")
        let left = try terminal.wait { $0.contains("left with 0") }
        #expect(left.contains("1-2-3"), "the answer is not on stdout after the screen is left")
    }
}
