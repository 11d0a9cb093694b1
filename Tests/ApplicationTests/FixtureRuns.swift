import Foundation
import Trajectory

/// The runs the screens of these tests show.
extension Fixture {
    static let question = "Which segments lost revenue, and by how much?"

    /// A live run with something of everything in it.
    static func live() -> FixtureSource {
        let source = FixtureSource()
        let prompts = (0..<40).map { "[\($0 * 51_200):\(($0 + 1) * 51_200)] What was the revenue of the segment?" }
        var calls = [
            call(prompts[0], answer: "The industrial segment reports revenue of $4.1bn, down 3 % on the year before."),
            call(prompts[1], seconds: nil, origin: .recorded),
            call(
                prompts[2],
                .failed,
                usage: nil,
                seconds: 9.1,
                failure: Failure(kind: "rate_limited", message: "the provider refused 5 tries; wait or lower the rate")
            ),
            call(prompts[3], .held), call(prompts[4], .running, usage: nil), call(prompts[5], .running, usage: nil),
        ]
        calls += prompts[6...].map { call($0, .queued) }
        let tree = root(
            question,
            .running,
            [
                iteration("print(context[:500])", output: "Annual report of the holding"),
                iteration(
                    "parts = split(context, 40)\nans = llm_query_batched(parts)",
                    .running,
                    usage: usage(22_000, 400, 0.008),
                    calls: calls
                ),
            ]
        )
        source.add(
            run(
                "7f3a91c2d4e5f607",
                question,
                .running,
                settings: RunSettings(maxIterations: 30, maxBudget: 0.05)
            ),
            tree
        )
        return source
    }

    /// A run whose second iteration raised and whose third answered.
    static func failing() -> FixtureSource {
        let source = FixtureSource()
        let variables = [
            Variable(
                name: "parts",
                type: "list[40]",
                byteCount: 2_000_000,
                preview: "['Annual report', …",
                isChanged: true
            ),
            Variable(name: "Q", type: "str", byteCount: 48, preview: "'What was the revenue?'", isChanged: false),
        ]
        let code = """
            # ask every part for its revenue
            for part in parts:
                note = f"{Q}: {part[:80]}"
                totals[part] = llm_query(note)
            print(len(totals), "parts")
            """
        let tree = root(
            question,
            .succeeded,
            [
                iteration("print(context[:500])", output: "Annual report of the holding"),
                iteration(
                    code,
                    .failed,
                    prose: "Each part is asked on its own, and what it says is kept.",
                    output: "asking part 1\nasking part 2",
                    failure: Failure(kind: "NameError", message: "name 'totals' is not defined"),
                    variables: variables,
                    calls: [
                        call("What was the revenue? Part one.\nAnnual report"), call("What was the revenue? Part two."),
                    ]
                ),
                iteration(#"answer["content"] = "two"; answer["ready"] = True"#, freshness: .stale),
            ]
        )
        source.add(run("5c1d", question, answer: "Two segments lost revenue."), tree)
        return source
    }

    /// Out of iterations.
    static func limited() -> FixtureSource {
        let source = FixtureSource()
        source.add(
            run(
                "11aa",
                "How many rows are duplicates?",
                .limited,
                stopReason: .maxIterations,
                answer: "About 40, as far as I got.",
                settings: RunSettings(maxIterations: 2)
            ),
            root("How many rows are duplicates?", .limited, [iteration("look()"), iteration("count()")])
        )
        return source
    }

    /// Nobody reported what it used, except once.
    static func unknownUsage() -> FixtureSource {
        let source = FixtureSource()
        let calls = [
            call("one", usage: .unknown), call("two", usage: usage(600, 20, nil)), call("three", usage: .unknown),
        ]
        source.add(
            run("22bb", "What is it?", answer: "It.", seconds: nil, origin: .imported),
            root(
                "What is it?",
                .succeeded,
                [iteration("llm_query('one')", usage: .unknown, seconds: nil, calls: calls)]
            )
        )
        return source
    }

    /// Texts that would like to be obeyed.
    static func hostile() -> FixtureSource {
        let source = FixtureSource()
        let evil = "\u{1B}[2J\u{1B}]0;owned\u{7}safe\u{202E}txt.exe \u{9B}31m 日本語 e\u{301} 👩‍👩‍👧 \u{200B}end\r\nnext\ttab"
        source.add(
            run("33cc", evil, .failed, stopReason: .failed, failure: Failure(kind: "bad_\u{1B}c", message: evil)),
            root(evil, .failed, [iteration(evil, prose: evil, output: evil, calls: [call(evil, answer: evil)])])
        )
        return source
    }

    /// Runs of all ends, newest last.
    static func many() -> FixtureSource {
        let source = FixtureSource()
        source.add(
            run("a0f1", "Summarise the minutes of the board", answer: "They agreed.", after: -2_000, origin: .imported),
            root("Summarise", .succeeded, [iteration("x", usage: .unknown)])
        )
        source.add(
            run("b1e2", "How many rows are duplicates?", .limited, stopReason: .maxIterations, after: -60),
            root("How many", .limited, [iteration("x"), iteration("y")])
        )
        source.add(
            run(
                "c2d3",
                "What is the vault code?",
                .failed,
                stopReason: .failed,
                failure: Failure(kind: "no_key", message: "no key: set OPENAI_API_KEY, or use --model offline/lexical"),
                after: -30,
                seconds: 0.4
            ),
            root("What", .failed, [])
        )
        source.add(
            run("d3c4", "Which of these contracts renew by themselves?", .running, after: -25),
            root("Which", .running, [iteration("x", .running)])
        )
        source.add(
            run("e4b5", "Which supplier was late most often?", .cancelled, stopReason: .cancelled, after: -10),
            root("Which", .cancelled, [iteration("x")])
        )
        source.add(
            run("f5a6", question, .running),
            root(
                question,
                .running,
                [iteration("x"), iteration("y", .running, calls: [call("a"), call("b", .running)])]
            )
        )
        return source
    }
}
