import Foundation
import Testing
import Trajectory

@testable import LMClients

/// The offline model as root: its code runs in a real Python.
@Suite(.serialized) struct OfflinePlannerTests {
    /// English-like lines with distractors, `megabytes` of them, and `needle` once at two thirds.
    private func haystack(_ megabytes: Double, needle: String, also words: String = "") -> String {
        """
        import random
        rng = random.Random(7)
        words = ("the a harbour ledger keeper wind lamp copper morning report station engine paint "
                 "conduct river market winter signal paper garden number clerk window letter answer \(words)").split()
        pool = [" ".join(rng.choice(words) for _ in range(rng.randint(8, 16))).capitalize() + "." for _ in range(4000)]
        pool += ["The vault was painted in spring.", "Everybody knows the code of conduct.",
                 "What is the code, and where is the vault?"] * 40
        lines, size = [], 0
        while size < \(Int(megabytes * 1_000_000)):
            more = rng.choices(pool, k=20000)
            lines += more
            size += sum(map(len, more)) + len(more)
        lines.insert(len(lines) * 2 // 3, \(PythonLiteral.quoted(needle)))
        context = "\\n".join(lines)
        """
    }

    @Test func findsAFactHiddenIn20Megabytes() async throws {
        let session = try PlannerSession(
            question: "What is the vault code?",
            setup: haystack(20, needle: "The vault code is 7316-KESTREL.", also: "vault code")
        )
        let answer = try #require(try await session.play())
        #expect(answer == "The vault code is 7316-KESTREL.")
        #expect(session.blocks.count == 4)
        #expect(session.blocks[1].subcalls > 1)
        for block in session.blocks { #expect(block.seconds < 3, "\(block.seconds) s:\n\(block.code)") }
        #expect(session.blocks[2].output.contains("word for word in the text: yes"))
    }

    @Test(arguments: [
        ("Who keeps the lighthouse at Harrow Bay?", "Ines Calder keeps the lighthouse at Harrow Bay.", "Ines Calder"),
        ("When was the Meridian bridge opened?", "The Meridian bridge was opened on 4 May 1931.", "1931"),
        ("what's the api_key of the backup server", "backup server: api_key = zq-8842", "zq-8842"),
        ("How many people live in Tarnwick?", "Tarnwick has 4,210 people who live there.", "4,210"),
    ])
    func findsFactsOfOtherKinds(question: String, needle: String, answer: String) async throws {
        let session = try PlannerSession(question: question, setup: haystack(0.5, needle: needle))
        #expect(try await session.play()?.contains(answer) == true)
    }

    @Test func looksForTheWordsOfAQuestionInTheOtherOrder() async throws {
        let session = try PlannerSession(
            question: "What is the code of the vault?",
            setup: haystack(1, needle: "For the vault, use the code 7316.")
        )
        let answer = try await session.play()
        #expect(answer?.contains("7316") == true, "\(session.blocks.map(\.output))")
    }

    @Test func saysThatItDoesNotKnow() async throws {
        let session = try PlannerSession(
            question: "Which zeppelin landed in Antarctica?",
            setup: haystack(0.3, needle: "Nothing.")
        )
        let answer = try #require(try await session.play())
        #expect(answer.hasPrefix("I do not know"))
        // It tried more widely before it gave up.
        #expect(session.blocks.count == 4)
    }

    @Test(arguments: [#""""#, "[]", "{}", "None", #"{"a": ""}"#])
    func emptyContextsHaveNoAnswer(context: String) async throws {
        let session = try PlannerSession(question: "What is the vault code?", setup: "context = \(context)")
        #expect(try await session.play()?.hasPrefix("I do not know") == true)
    }

    @Test(arguments: [
        #"context = ["a line", "The vault code is 7316."]"#,
        #"context = {"a.txt": "Some text.\nThe vault code is 7316.", "b.txt": "More."}"#,
        #"context = [{"name": "lamp"}, {"note": "The vault code is 7316", "n": None}]"#,
        #"context = {"vault": {"code": 7316}, "lamp": [1, 2]}"#,
        "context_0 = 'The vault code is 7316.'\ncontext_1 = ['other']\ncontext = context_1",
        #"context = "The vault code is 7316.""#,
        #"context = "x" * 100000 + " The vault code is 7316 " + "y" * 100000"#,
        #"context = "İİİİ" * 1000 + ". The vault code is 7316. " + "é漢" * 1000"#,
    ])
    func readsContextsOfAnyType(setup: String) async throws {
        let session = try PlannerSession(question: "What is the vault code?", setup: setup)
        let answer = try await session.play()
        #expect(answer?.contains("7316") == true, "\(answer ?? "none"): \(session.blocks.map(\.output))")
    }

    private let mail = """
        import random
        rng = random.Random(3)
        lines = []
        for n in range(3000):
            label = rng.choices(["spam", "ham", "news"], [3, 5, 2])[0]
            body = rng.choice(["win a prize", "no spam here", "no news, see you", "the spam filter", "weekly letter"])
            lines.append(LINE)
        truth = sum(1 for line in lines if IS)
        context = "\\n".join(lines)
        """

    private func mail(line: String, is test: String) -> String {
        mail.replacingOccurrences(of: "LINE", with: line).replacingOccurrences(of: "IS", with: test)
    }

    /// The count that Python makes of the same lines.
    private func truth(_ setup: String, _ expression: String = "truth") throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: PlannerSession.python[0])
        process.arguments = PlannerSession.python.dropFirst() + ["-c", setup + "\nprint(\(expression))"]
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(arguments: [
        (
            "How many lines are labelled spam?", #"f"2024-01-{n % 28 + 1:02} | user {n % 90} | {label} | {body}""#,
            #""| spam |" in line"#
        ),
        ("How many messages are labeled 'spam'?", #"f"{n}\t{label}\t{body}""#, #""\tspam\t" in line"#),
        ("Count the lines labelled Spam.", #"f"label: {label}; text: {body}""#, #""label: spam" in line"#),
        ("How many spam messages are there?", #"f"{n},{label},{body}""#, #"",spam," in line"#),
        ("How many lines mention the word spam?", #"f"{n} {label}: {body}""#, #""spam" in line"#),
        (
            "How many lines have the label news?", #"'{"id": %d, "label": "%s", "text": "%s"}' % (n, label, body)"#,
            #"'"news"' in line"#
        ),
    ])
    func countsLabelledLines(question: String, line: String, test: String) async throws {
        let setup = mail(line: line, is: test)
        let session = try PlannerSession(question: question, setup: setup)
        let answer = try #require(try await session.play())
        let number = try truth(setup)
        #expect(Int(number).map { $0 > 250 } == true)
        #expect(answer.split(separator: " ").contains(Substring(number)), "\(answer)")
        #expect(session.blocks.contains { $0.subcalls == 24 })
        #expect(session.blocks.contains { $0.output.contains("they agree") }, "\(session.blocks.map(\.output))")
    }

    @Test func countsOccurrences() async throws {
        let setup = "context = 'owl, Owl! howl\\nowls owl-like\\n' * 500"
        let session = try PlannerSession(question: "How many times does the word owl occur?", setup: setup)
        #expect(try await session.play() == "The word owl occurs 1500 times.")
    }

    @Test func countsByLabel() async throws {
        let setup = mail(line: #"f"2024-01-{n % 28 + 1:02} | user {n % 90} | {label} | {body}""#, is: "True")
        let session = try PlannerSession(question: "How many lines are there per label?", setup: setup)
        let answer = try #require(try await session.play())
        let expected = try truth(
            setup,
            #""\n".join(f"{k}: {v}" for k, v in __import__("collections").Counter(l.split(" | ")[2] for l in lines).most_common())"#
        )
        #expect(answer == expected)
        let most = try PlannerSession(question: "Which label is the most common?", setup: setup)
        #expect(try await most.play()?.hasPrefix("ham, with ") == true)
    }

    @Test func summarisesBySections() async throws {
        let setup = #"""
            topics = ["lighthouse", "railway", "harvest"]
            paragraph = ("The {0} committee met on Monday. The {0} needs new {0} lamps before winter. "
                         "A dog barked. The {0} committee will pay for the {0}.")
            context = "\n\n".join(paragraph.format(topic) for topic in topics for _ in range(20))
            """#
        let session = try PlannerSession(question: "Summarise the text.", setup: setup)
        let answer = try #require(try await session.play())
        for topic in ["lighthouse", "railway", "harvest"] { #expect(answer.contains(topic), "\(answer)") }
        #expect(!answer.contains("dog"))
        #expect(answer.utf8.count < 1500)
        #expect(session.blocks.contains { $0.subcalls >= 3 })
    }

    @Test func goesAPlainerWayAfterAnException() async throws {
        let session = try PlannerSession(
            question: "What is the vault code?",
            setup: haystack(0.1, needle: "The vault code is 7316.")
        )
        session.answer = { _ in "FAIL" }
        let answer = try await session.play()
        #expect(session.blocks[1].output.contains("Traceback"))
        #expect(answer?.contains("7316") == true)
        let counting = try PlannerSession(
            question: "How many lines are labelled spam?",
            setup: #"context = "a | spam\nb | ham\nc | spam\n""#
        )
        counting.answer = { _ in "lots" }
        #expect(try await counting.play() == "2 lines are labelled spam.")
        #expect(counting.blocks[1].output.contains("Traceback"))
    }

    @Test func aContextThatSpeaksOfTracebacksIsNoException() async throws {
        let setup =
            #"context = "Traceback (most recent call last):\n  File x\nValueError: no\nThe vault code is 7316.""#
        let session = try PlannerSession(question: "What is the vault code?", setup: setup)
        #expect(try await session.play()?.contains("7316") == true)
        #expect(session.blocks.count == 4)
        #expect(session.blocks[1].subcalls > 0)
    }

    @Test func hostileQuestionsStayText() async throws {
        for question in [
            #"What is the "vault" code\"#, "What is ```\nthe vault code```?", "What {is} the vault code \u{0}\u{2028}?",
            #"What is the vault code""" + exit() + """?"#,
        ] {
            let session = try PlannerSession(question: question, setup: #"context = "The vault code is 7316.""#)
            #expect(try await session.play()?.contains("7316") == true)
        }
    }

    @Test func isTheSameEachTime() async throws {
        let setup = haystack(0.2, needle: "The vault code is 7316.")
        let one = try PlannerSession(question: "What is the vault code?", setup: setup)
        let other = try PlannerSession(question: "What is the vault code?", setup: setup)
        #expect(try await one.play() == other.play())
        #expect(one.messages == other.messages)
    }

    @Test func answersInProseWhenOutOfIterations() throws {
        let messages = [
            Message(role: .system, content: OfflineClient.rootMarker),
            Message(role: .user, content: "Question: What is the vault code?\nContexts:\n"),
            Message(role: .assistant, content: "…"),
            Message(role: .user, content: "Output of block 1:\n[12] The vault code is 7316.\nplaces: 1\nanswers: 1"),
        ]
        let ask = Message(role: .user, content: "Give your best answer now, in plain words.")
        #expect(OfflineClient.answer(messages + [ask]) == "The vault code is 7316.")
        #expect(OfflineClient.answer(Array(messages[..<2]) + [ask]) == "I do not know.")
        #expect(OfflineClient.answer(messages).contains("```repl"))
    }

    @Test func answersTheLastQuestionOfASession() throws {
        let messages = [
            Message(role: .system, content: OfflineClient.rootMarker),
            Message(role: .user, content: "Question: What is the vault code?\nContexts:\n"),
            Message(role: .assistant, content: "…"),
            Message(role: .user, content: "Output of block 1:\nQuestion: none"),
            Message(role: .assistant, content: "…"),
            Message(role: .user, content: "Question: Who painted\nthe gate?\nContexts:\n"),
        ]
        let first = OfflineClient.answer(messages)
        #expect(first.contains("# What is the context"))
        let look = Message(role: .user, content: "Output of block 1:\ncontext is a str of length 90\nThe gate…")
        let second = OfflineClient.answer(messages + [Message(role: .assistant, content: first), look])
        #expect(second.contains("\"Who painted the gate?\""))
    }
}
