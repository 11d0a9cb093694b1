import Foundation
import Trajectory

/// The nodes that the runs of these tests are made of.
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
}
