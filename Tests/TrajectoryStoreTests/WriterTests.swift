import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct WriterTests {
    let folder: TemporaryFolder
    let store: TrajectoryStore
    let writer: TrajectoryWriter

    init() throws {
        folder = try TemporaryFolder()
        store = try TrajectoryStore(path: folder.storePath)
        writer = try store.writer()
    }

    @Test func everythingOfAnIterationIsReadBack() async throws {
        let run = newRun(question: "Which?")
        let root = try await writer.begin(run: run)
        let history = [
            Message(role: .system, content: "rules"), Message(role: .user, content: "Which?"),
            Message(role: .assistant, content: "let me see"), Message(role: .user, content: "output"),
        ]
        let (iteration, completion) = try await writer.beginIteration(
            of: root,
            completion: NewCompletion(
                requestKey: Data([1, 0, 2]),
                model: "test/root",
                parameters: #"{"temperature":0.5}"#,
                messages: history
            )
        )
        #expect(try store.node(at: Address("i1"), in: run.id).status == .running)
        let usage = Usage(inputTokens: 5, outputTokens: 6, cachedTokens: 1, reasoningTokens: 2, cost: 0.25)
        try await writer.finish(
            completion: completion,
            CompletionResult(
                response: "```repl\nx = 1\n```",
                status: .succeeded,
                usage: usage,
                finishReason: "stop",
                retries: 2,
                secondsToFirstByte: 0.5
            )
        )
        let block = try await writer.beginBlock(
            in: iteration,
            ordinal: 1,
            code: "# why\nimport re\n\nparts = split(context, 40)\nllm_query_batched(parts)"
        )
        let variable = Variable(name: "x", type: "int", byteCount: nil, preview: "1", isChanged: true)
        try await writer.finish(
            block: block,
            BlockRecord(
                status: .succeeded,
                output: Output(stdout: "one\ntwo", stderr: "warned", cutByteCount: 7),
                variables: [variable],
                seconds: 1.5,
                waitingSeconds: 1
            )
        )
        try await writer.finish(iteration: iteration, status: .succeeded)

        let detail = try store.iterationDetail(iteration)
        let found = try #require(detail.completion)
        #expect(found.response == "```repl\nx = 1\n```")
        #expect(found.usage == usage)
        #expect(found.parameters == #"{"temperature":0.5}"#)
        #expect(found.finishReason == "stop" && found.retries == 2 && found.messages.isEmpty)
        let firstByte = try #require(found.firstByteAt), start = try #require(found.startedAt)
        #expect(abs(firstByte.timeIntervalSince(start) - 0.5) < 0.001)
        #expect(detail.blocks.count == 1)
        #expect(detail.blocks[0].output == Output(stdout: "one\ntwo", stderr: "warned", cutByteCount: 7))
        #expect(detail.blocks[0].variables == [variable])
        #expect(detail.blocks[0].seconds == 1.5 && detail.blocks[0].waitingSeconds == 1)
        let node = try store.node(at: Address("i1"), in: run.id)
        #expect(node.title == "parts = split(context, 40); llm_query_batched(parts)")
        #expect(node.preview == "one two")
        #expect(node.own.known == usage && node.own.completions == 1)
        #expect(try store.completions(of: .iteration(iteration))[0].messages == history)
        #expect(try store.prompt(of: root) == [Message(role: .user, content: "Which?")])
        try store.close()
    }

    @Test(arguments: [
        "", "emoji 👩‍👩‍👧‍👦 e\u{301}", "NUL \u{0} inside\u{0}", "\u{0}", "controls \u{1b}[31m\r\n\t",
        "\u{fffd}\u{fffe}\u{10ffff}",
        "'; DROP TABLE text; --", String(repeating: "a\u{0}ü", count: 100_000),
    ])
    func textsAreReadBackExactly(text: String) async throws {
        let run = newRun(question: text)
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion(text, text))
        try await writer.finish(completion: completion, answered(text))
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: text)
        try await writer.finish(
            block: block,
            BlockRecord(
                status: .failed,
                output: Output(stdout: text, stderr: text),
                failure: Failure(kind: "E", message: text)
            )
        )
        try await writer.finish(
            run: run.id,
            status: .succeeded,
            stopReason: .answered,
            answer: text,
            failure: nil
        )
        #expect(try store.run(run.id).question == text)
        #expect(try store.run(run.id).answer == text)
        #expect(try store.answer(of: root) == text)
        let detail = try store.iterationDetail(iteration)
        #expect(detail.completion?.response == text)
        #expect(detail.blocks[0].code == text)
        #expect(detail.blocks[0].output == Output(stdout: text, stderr: text))
        #expect(detail.blocks[0].failure?.message == text)
        #expect(try store.completions(of: .iteration(iteration))[0].messages.map(\.content) == [text, text])
        for node in try store.children(of: store.root(of: run.id)) {
            #expect(node.title.count <= 200 && node.preview.count <= 400)
            #expect(!(node.title + node.preview).unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
        }
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    @Test func tenMegabyteTextIsStoredOnce() async throws {
        let root = try await writer.begin(run: newRun())
        let text = String(repeating: "ten megabytes of text\n", count: 480_000)
        for _ in 0..<2 {
            let (_, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
            try await writer.finish(completion: completion, answered(text))
        }
        let iterations = try store.children(of: store.node(.call(root), address: .root))
        #expect(try store.completions(of: iterations[1].id)[0].response == text)
        let count = try store.readers.read {
            try $0.statement("SELECT count(*) FROM text WHERE length(content) > 1000000").first { $0.int(0) }
        }
        #expect(count == 1)
        try store.close()
    }

    @Test func promptsShareTheirBeginnings() async throws {
        let root = try await writer.begin(run: newRun())
        var history = [Message(role: .system, content: "rules")]
        for turn in 0..<50 {
            history.append(Message(role: .user, content: "output \(turn)"))
            _ = try await writer.beginIteration(
                of: root,
                completion: NewCompletion(model: "m/m", messages: history)
            )
            history.append(Message(role: .assistant, content: "answer \(turn)"))
        }
        let rows = try store.readers.read { try $0.statement("SELECT count(*) FROM message").first { $0.int(0) } }
        // 50 questions, 49 answers, the rules; and the question of the root.
        #expect(rows == 101)
        let last = try store.node(at: Address("i50"), in: store.runs(limit: 1)[0].id)
        #expect(try store.completions(of: last.id)[0].messages == Array(history.dropLast()))
        try store.close()
    }

    @Test func oneFailureLeavesTheOthersAlone() async throws {
        let root = try await writer.begin(run: newRun())
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let calls = try await writer.beginCalls((0..<20).map { llmCall(in: iteration, "ask \($0)") })
        // Enqueued in one go, so that they share transactions.
        let failures = await withTaskGroup(of: Bool.self) { group in
            for (number, call) in calls.enumerated() {
                group.addTask { [writer] in
                    let isWrong = number % 4 == 0
                    let completion = isWrong ? CompletionID(rawValue: 1_000_000) : call.completion!
                    do {
                        try await writer.finish(call: call.call, completion: completion, answered("a \(number)"))
                        return false
                    } catch { return (error as? StoreError)?.code == .noSuchNode && isWrong }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 5)
        let node = try store.node(.iteration(iteration), address: Address("i1"))
        #expect(node.calls == CallCounts(queued: 5, done: 15))
        #expect(try store.wrongTotals() == [])
        // A batch is kept whole or not at all.
        let wrong = llmCall(in: iteration, "fine"), bad = llmCall(in: IterationID(rawValue: 77), "lost")
        await #expect(throws: StoreError.self) { try await writer.beginCalls([wrong, bad]) }
        #expect(try store.node(.iteration(iteration), address: Address("i1")).childCount == 20)
        try store.close()
    }

    @Test func orderIsThatOfTheCalls() async throws {
        let root = try await writer.begin(run: newRun())
        let (_, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        for number in 0..<200 { writer.enqueuePartialResponse(completion, text: "partial \(number)") }
        try await writer.flush()
        let id = try store.children(of: store.node(.call(root), address: .root))[0].id
        #expect(try store.completions(of: id)[0].response == "partial 199")
        #expect(try store.node(id, address: Address("i1")).preview == "partial 199")
        writer.enqueuePartialResponse(completion, text: "late")
        try await writer.finish(completion: completion, answered("whole"))
        writer.enqueuePartialResponse(completion, text: "too late")
        try await writer.flush()
        #expect(try store.completions(of: id)[0].response == "whole")
        #expect(try store.node(id, address: Address("i1")).preview == "whole")
        let texts = try store.readers.read {
            try $0.statement("SELECT count(*) FROM text WHERE content LIKE 'partial%'").first { $0.int(0) }
        }
        #expect(texts == 0)
        try store.close()
    }

    @Test func flushTellsOfErrorsNobodyWaitedFor() async throws {
        writer.enqueueStart(call: CallID(rawValue: 404))
        let error = await #expect(throws: StoreError.self) { try await writer.flush() }
        #expect(error?.code == .noSuchNode)
        try await writer.flush()
        try store.close()
    }

    @Test func attemptsAddAndNeverChange() async throws {
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        try await writer.finish(completion: completion, answered("first", Usage(inputTokens: 1, outputTokens: 1)))
        let again = try await writer.beginAttempt(of: .iteration(iteration), completion: newCompletion("other"))
        try await writer.finish(completion: again, answered("second", Usage(inputTokens: 10, outputTokens: 2)))
        let node = try store.node(at: Address("i1"), in: run.id)
        #expect(node.attempts == 2)
        #expect(node.own.known.inputTokens == 10)
        #expect(node.subtree.known.inputTokens == 11)
        #expect(node.preview == "second")
        #expect(try store.node(at: Address("i1@1"), in: run.id).own.known.inputTokens == 1)
        #expect(try store.completions(of: .iteration(iteration)).map(\.response) == ["first", "second"])
        #expect(try store.iterationDetail(iteration).completion?.response == "second")
        await #expect(throws: StoreError.self) { try await writer.finish(completion: completion, answered("x")) }
        let error = #expect(throws: StoreError.self) { try store.node(at: Address("i1@3"), in: run.id) }
        #expect(error?.message.contains("2 attempts") == true)
        try store.close()
    }

    @Test func finishingARunFinishesItsRoot() async throws {
        let run = newRun()
        let root = try await writer.begin(run: run)
        try await writer.finish(
            run: run.id,
            status: .limited,
            stopReason: .maxIterations,
            answer: "best",
            failure: nil
        )
        let found = try store.run(run.id)
        #expect(found.status == .limited && found.stopReason == .maxIterations && found.answer == "best")
        #expect(found.calls == CallCounts(done: 1, limited: 1))
        #expect(try store.root(of: run.id).status == .limited)
        #expect(try store.answer(of: root) == "best")
        await #expect(throws: StoreError.self) {
            try await writer.finish(run: run.id, status: .failed, stopReason: .failed, answer: nil, failure: nil)
        }
        try await writer.setStatus(run: run.id, .running)
        #expect(try store.run(run.id).status == .running)
        #expect(try store.root(of: run.id).status == .running)
        try store.close()
    }

    @Test func sessionsNumberTheirTurns() async throws {
        let first = newRun()
        _ = try await writer.begin(run: first)
        var second = newRun()
        second.session = try store.run(first.id).session
        _ = try await writer.begin(run: second)
        #expect(try store.run(first.id).turn == 1)
        #expect(try store.run(second.id).turn == 2)
        #expect(try store.run(second.id).session == store.run(first.id).session)
        try store.close()
    }

    @Test func contextsAreStoredOnceAndWhole() async throws {
        let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 31) })
        let (hash, count) = try await writer.copyContext { copy in
            try bytes.withUnsafeBytes { try copy.append($0) }
            // What a second file brought is taken back.
            try Data([1, 2, 3]).withUnsafeBytes { try copy.append($0) }
            try copy.cut(to: bytes.count)
            return try copy.commit()
        }
        #expect(count == 3_000_000)
        let again = try await writer.storeContext(bytes: bytes)
        #expect(again.hash == hash)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.contextFolder) == [hash])
        #expect(try Data(contentsOf: URL(fileURLWithPath: store.contextPath(hash))) == bytes)
        var run = newRun()
        let part = Context.Part(path: "a", start: 0, end: 9)
        run.contexts = [
            Context(name: "context_0", hash: hash, byteCount: count, type: .files, parts: [part], source: "dir"),
            Context(name: "context_1", hash: hash, byteCount: count, type: .text, source: "-"),
        ]
        _ = try await writer.begin(run: run)
        #expect(try store.contexts(of: run.id) == run.contexts)
        struct Unusable: Error {}
        await #expect(throws: Unusable.self) {
            try await writer.copyContext { copy in
                try Data([1]).withUnsafeBytes { try copy.append($0) }
                throw Unusable()
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.contextFolder) == [hash])
        try store.close()
    }

    @Test func failedImportLeavesNothing() async throws {
        struct Stop: Error {}
        let run = newRun()
        await #expect(throws: Stop.self) {
            try await writer.importing { transaction in
                _ = try transaction.begin(run: run)
                throw Stop()
            }
        }
        #expect(try store.runCount() == 0)
        #expect(throws: StoreError.self) { try store.run(run.id) }
        try store.close()
    }
}
