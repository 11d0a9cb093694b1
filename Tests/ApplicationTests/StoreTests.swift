import Foundation
import Terminal
import Testing
import Trajectory
import TrajectoryStore

@testable import Application

/// The explorer over a real store, as the engine or an import has written it.
@Suite struct StoreTests {
    private let model = "offline/lexical"

    @Test func whatAnImportWroteIsShown() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        let id = try await writeRun(store)
        let app = try snapshot(store: store, run: id, size: Size(columns: 120, rows: 30), keys: "G<enter>").text()
        #expect(app.contains("i2.c2  sub-call"))
        #expect(app.contains("the answer to 2"))
        #expect(app.contains("≥"))
        let tree = try snapshot(store: store, run: id, size: Size(columns: 80, rows: 24)).text()
        // A run that has ended looks the same at any time.
        let later = Date(timeIntervalSince1970: 4_000_000_000)
        let then = try snapshot(store: store, run: id, size: Size(columns: 80, rows: 24), now: later).text()
        #expect(tree == then)
        for part in ["i1   print(len(context))", "✗", "c1   ask 1", "c2   ask 2", "ValueError"] {
            #expect(tree.contains(part), "\(part)")
        }
        let detail = try snapshot(store: store, run: id, size: Size(columns: 80, rows: 24), keys: "jj<enter>").text()
        for part in ["Each part is asked.", "1  for part in parts:", "ValueError: no such part", "asking"] {
            #expect(detail.contains(part), "\(part)")
        }
        let blocks = try snapshot(store: store, run: id, size: Size(columns: 80, rows: 24), keys: "B").text()
        #expect(blocks.contains("b1   ValueError"))
    }

    @Test func aRunThatIsNotThereIsSaid() throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        #expect(throws: StoreError.self) {
            try snapshot(store: store, run: RunID(rawValue: "ffff"), size: Size(columns: 80, rows: 24))
        }
        #expect(throws: KeyNotation.ParseError.self) {
            try snapshot(store: store, run: nil, size: Size(columns: 80, rows: 24), keys: "<nokey>")
        }
    }

    /// The loop on a memory screen, while another thread types and the writer writes.
    @Test func aLiveRunGrowsOnTheScreen() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        let writer = try store.writer()
        let id = RunID(rawValue: "abcd")
        let root = try await writer.begin(
            run: NewRun(id: id, question: "Does it grow?", model: model, createdAt: Date())
        )
        let doorbell = Doorbell()
        let screen = MemoryScreen(size: Size(columns: 80, rows: 24), doorbell: doorbell)
        let explorer = Task.detached {
            try runExplorer(screen: screen, store: store, options: ExplorerOptions(run: id, doorbell: doorbell))
        }
        try await wait(screen) { screen.surface.text().contains("Waiting for the first answer") }

        let completion = NewCompletion(model: model, messages: [Message(role: .user, content: "q")])
        let (iteration, first) = try await writer.beginIteration(of: root, completion: completion)
        try await wait(screen) { screen.surface.text().contains("i1") }
        try await writer.finish(
            completion: first,
            CompletionResult(response: "```repl\nask()\n```", status: .succeeded)
        )
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "ask()")
        let calls = try await writer.beginCalls(
            (1...5).map { number in
                let message = Message(role: .user, content: "part \(number)")
                return NewCall(
                    iteration: iteration,
                    block: block,
                    kind: .llm,
                    depth: 1,
                    model: model,
                    prompt: [message],
                    batch: 1,
                    completion: NewCompletion(model: model, messages: [message])
                )
            }
        )
        try await wait(screen) { screen.surface.text().contains("c1–c5  5 queued") }
        writer.enqueueStart(call: calls[0].call)
        try await writer.flush()
        try await wait(screen) { screen.surface.text().contains("c2–c5  4 queued") }
        screen.type("G")
        try await wait(screen) { screen.surface[0, 6].text == "▌" }
        screen.type("q")
        #expect(try await explorer.value == .quit)
        try await wait(screen) { screen.isDrained }
    }

    private func wait(_ screen: MemoryScreen, _ condition: @escaping () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("it did not happen within 10 s; the screen is\n\(screen.surface.text())")
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func writeRun(_ store: TrajectoryStore) async throws -> RunID {
        let id = RunID(rawValue: "5c1d000000000000")
        let model = model
        return try await store.writer().importing { transaction in
            let start = Fixture.start
            let root = try transaction.begin(
                run: NewRun(
                    id: id,
                    question: "Which parts fail?",
                    model: model,
                    origin: .imported,
                    source: "trace.jsonl",
                    sourceFormat: "rlms",
                    createdAt: start
                )
            )
            func completion(_ content: String) -> NewCompletion {
                NewCompletion(model: model, messages: [Message(role: .user, content: content)], origin: .imported)
            }
            let usage = Usage(inputTokens: 100, outputTokens: 10, cost: 0)
            let first = try transaction.addIteration(
                of: root,
                completion: completion("q"),
                result: CompletionResult(
                    response: "```repl\nprint(len(context))\n```",
                    status: .succeeded,
                    usage: usage
                ),
                startedAt: start
            )
            _ = try transaction.addBlock(
                in: first,
                ordinal: 1,
                code: "print(len(context))",
                BlockRecord(
                    status: .succeeded,
                    output: Output(stdout: "42"),
                    failure: nil,
                    variables: [],
                    seconds: 0.1,
                    waitingSeconds: nil
                )
            )
            try transaction.finish(iteration: first, status: .succeeded, endedAt: nil, seconds: 1)
            let code = "for part in parts:\n    print('asking')\n    llm_query(part)"
            let second = try transaction.addIteration(
                of: root,
                completion: completion("q"),
                result: CompletionResult(
                    response: "Each part is asked.\n```repl\n\(code)\n```",
                    status: .succeeded,
                    usage: usage
                ),
                startedAt: start
            )
            let failure = Failure(kind: "ValueError", message: "no such part")
            let block = try transaction.addBlock(
                in: second,
                ordinal: 1,
                code: code,
                BlockRecord(
                    status: .failed,
                    output: Output(stdout: "asking\nasking"),
                    failure: failure,
                    variables: [],
                    seconds: 0.2,
                    waitingSeconds: nil
                )
            )
            for number in 1...2 {
                let prompt = [Message(role: .user, content: "ask \(number)")]
                _ = try transaction.addCall(
                    NewCall(
                        iteration: second,
                        block: block,
                        kind: .llm,
                        depth: 1,
                        model: model,
                        prompt: prompt,
                        completion: NewCompletion(model: model, messages: prompt, origin: .imported),
                        origin: .imported
                    ),
                    CompletionResult(
                        response: "the answer to \(number)",
                        status: .succeeded,
                        usage: number == 1 ? usage : .unknown
                    ),
                    seconds: 0.5
                )
            }
            try transaction.finish(iteration: second, status: .failed, endedAt: nil, seconds: 2)
            try transaction.finish(
                run: id,
                status: .succeeded,
                stopReason: .answered,
                answer: "the second",
                failure: nil,
                endedAt: nil
            )
            _ = try transaction.publish(sourceHash: "")
            return id
        }
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("rlm-tui-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
