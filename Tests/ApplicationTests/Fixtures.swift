import Foundation
import Trajectory

/// The runs the screens of these tests show.
enum Fixture {
    static let model = "openai/gpt-5"
    static let start = FixtureSource.start

    // MARK: Nodes

    private nonisolated(unsafe) static var lastID: Int64 = 0
    private static let lock = NSLock()

    private static func nextID() -> Int64 {
        lock.withLock {
            lastID += 1
            return lastID
        }
    }

    private static func node(
        _ id: NodeID,
        _ kind: Node.Kind,
        _ status: Status,
        _ title: String,
        preview: String,
        usage: Usage?,
        seconds: Double?,
        failure: Failure?,
        origin: Origin,
        freshness: Freshness
    ) -> Node {
        Node(
            id: id,
            address: .root,
            kind: kind,
            depth: 0,
            status: status,
            origin: origin,
            freshness: freshness,
            model: kind == .block ? nil : model,
            title: title,
            failure: failure,
            preview: preview,
            own: usage.map { UsageTotal($0) } ?? UsageTotal(),
            subtree: UsageTotal(),
            calls: CallCounts(),
            attempts: 1,
            childCount: 0,
            block: nil,
            batch: nil,
            startedAt: status == .queued ? nil : start.addingTimeInterval(30),
            endedAt: nil,
            seconds: seconds
        )
    }

    static func usage(_ input: Int, _ output: Int, _ cost: Double?) -> Usage {
        Usage(inputTokens: input, outputTokens: output, cost: cost)
    }

    static func root(_ question: String, _ status: Status, _ iterations: [FixtureNode]) -> FixtureNode {
        FixtureNode(
            node: node(
                .call(CallID(rawValue: nextID())),
                .rlm,
                status,
                question,
                preview: "",
                usage: nil,
                seconds: status.isFinal ? 41 : nil,
                failure: nil,
                origin: .live,
                freshness: .fresh
            ),
            children: iterations
        )
    }

    static func call(
        _ prompt: String,
        _ status: Status = .succeeded,
        answer: String = "4.1bn",
        usage: Usage? = usage(600, 20, 0.000_4),
        seconds: Double? = 2,
        failure: Failure? = nil,
        origin: Origin = .live,
        freshness: Freshness = .fresh
    ) -> FixtureNode {
        let isDone = status.isFinal && failure == nil
        let node = node(
            .call(CallID(rawValue: nextID())),
            .llm,
            status,
            String(prompt.prefix(200)),
            preview: isDone ? answer : "",
            usage: status == .queued || status == .held ? nil : usage,
            seconds: status.isFinal ? seconds : nil,
            failure: failure,
            origin: origin,
            freshness: freshness
        )
        let completion = Completion(
            id: CompletionID(rawValue: nextID()),
            attempt: 1,
            model: model,
            parameters: #"{"temperature":0}"#,
            messages: [],
            response: isDone ? answer : nil,
            status: status,
            origin: origin,
            failure: failure,
            usage: usage ?? .unknown,
            finishReason: isDone ? "stop" : nil,
            retries: failure == nil ? 0 : 4,
            startedAt: status == .queued ? nil : start.addingTimeInterval(30),
            firstByteAt: isDone ? start.addingTimeInterval(30.4) : nil,
            endedAt: isDone ? start.addingTimeInterval(32) : nil
        )
        return FixtureNode(
            node: node,
            completion: completion,
            prompt: [Message(role: .user, content: prompt)]
        )
    }

    static func recursive(_ prompt: String, _ iterations: [FixtureNode]) -> FixtureNode {
        FixtureNode(
            node: node(
                .call(CallID(rawValue: nextID())),
                .rlm,
                .succeeded,
                prompt,
                preview: "done",
                usage: nil,
                seconds: 3,
                failure: nil,
                origin: .live,
                freshness: .fresh
            ),
            children: iterations,
            prompt: [Message(role: .user, content: prompt)],
            answer: "done"
        )
    }

    static func iteration(
        _ code: String,
        _ status: Status = .succeeded,
        prose: String = "I look at the context first.",
        output: String = "",
        failure: Failure? = nil,
        usage: Usage? = usage(1_050, 50, 0.001),
        seconds: Double? = 3.2,
        variables: [Variable] = [],
        freshness: Freshness = .fresh,
        calls: [FixtureNode] = []
    ) -> FixtureNode {
        let response = "\(prose)\n\n```repl\n\(code)\n```\n"
        let block = CodeBlock(
            id: BlockID(rawValue: nextID()),
            ordinal: 1,
            attempt: 1,
            code: code,
            status: status,
            output: Output(stdout: output),
            failure: failure,
            variables: variables,
            seconds: status.isFinal ? 1.4 : nil,
            waitingSeconds: calls.isEmpty ? nil : 1.2,
            origin: .live,
            freshness: freshness
        )
        let title = code.split(separator: "\n").first.map(String.init) ?? ""
        let completion = Completion(
            id: CompletionID(rawValue: nextID()),
            attempt: 1,
            model: model,
            parameters: "{}",
            messages: [],
            response: response,
            status: .succeeded,
            origin: .live,
            failure: nil,
            usage: usage ?? .unknown,
            finishReason: "stop",
            retries: 0,
            startedAt: start.addingTimeInterval(20),
            firstByteAt: start.addingTimeInterval(20.3),
            endedAt: start.addingTimeInterval(21.8)
        )
        return FixtureNode(
            node: node(
                .iteration(IterationID(rawValue: nextID())),
                .iteration,
                status,
                title,
                preview: output,
                usage: usage,
                seconds: status.isFinal ? seconds : nil,
                failure: failure,
                origin: .live,
                freshness: freshness
            ),
            children: calls,
            block: block,
            completion: completion
        )
    }

    static func run(
        _ id: String,
        _ question: String,
        _ status: Status = .succeeded,
        stopReason: StopReason? = .answered,
        answer: String? = nil,
        failure: Failure? = nil,
        after minutes: Double = 0,
        seconds: Double? = 41,
        origin: Origin = .live,
        settings: RunSettings = RunSettings(maxIterations: 30)
    ) -> Run {
        let created = start.addingTimeInterval(minutes * 60)
        return Run(
            id: RunID(rawValue: id),
            session: RunID(rawValue: id),
            turn: 1,
            question: question,
            model: model,
            subModel: "openai/gpt-5-mini",
            environment: origin == .imported ? nil : "sandbox",
            mode: "rlm",
            status: status,
            stopReason: status.isFinal ? stopReason : nil,
            answer: answer,
            failure: failure,
            origin: origin,
            source: origin == .imported ? "trace.jsonl" : nil,
            sourceFormat: origin == .imported ? "rlms" : nil,
            forkedFrom: nil,
            forkedAt: nil,
            settings: settings,
            createdAt: created,
            endedAt: status.isFinal ? seconds.map { created.addingTimeInterval($0) } : nil,
            heartbeatAt: origin == .imported ? nil : created.addingTimeInterval(40),
            root: nil,
            iterations: 0,
            calls: CallCounts(),
            usage: UsageTotal(),
            deepest: 0
        )
    }

    // MARK: Runs

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
