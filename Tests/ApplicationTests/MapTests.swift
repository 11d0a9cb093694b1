import ContextMap
import Foundation
import Terminal
import TestSupport
import Testing
import Trajectory
import TrajectoryStore

@testable import Application

/// The context map on the screen, over a real store: what was read, and that nobody read the fact.
@Suite struct MapTests {
    private static let fact = "Memo: the vault code is 7316-KESTREL, do not write it down.\n"
    private static let lines = (1...2000).map {
        "\($0): \($0 * 7919 % 1_000_003) of the river, \($0 * 104_729 % 999) boats\n"
    }
    /// The fact lies in the middle, which no call was given.
    private static let text = lines.prefix(1200).joined() + fact + lines.dropFirst(1200).joined()

    private func app(_ size: String = "80x24") async throws -> (TestApp, TemporaryFolder) {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.path("t.sqlite"))
        let id = RunID(rawValue: "5c1d000000000000")
        let text = Self.text
        try await store.writer().importing { transaction in
            let (hash, byteCount) = try transaction.storeContext(text: text)
            let context = Context(name: "context_0", hash: hash, byteCount: byteCount, type: .text, source: "river.txt")
            let root = try transaction.begin(
                run: NewRun(
                    id: id, question: "What is the vault code?", model: "openai/gpt-5", contexts: [context],
                    origin: .imported, source: "trace.jsonl", sourceFormat: "rlms", createdAt: Fixture.start))
            func completion(_ messages: [Message]) -> NewCompletion {
                NewCompletion(model: "openai/gpt-5", messages: messages, origin: .imported)
            }
            let usage = Usage(inputTokens: 900, outputTokens: 10, cost: 0.001)
            let question = Message(role: .user, content: "What is the vault code?")
            let answer = Message(role: .assistant, content: "```repl\nask()\n```")
            let first = try transaction.addIteration(
                of: root, completion: completion([question]),
                result: CompletionResult(response: answer.content, status: .succeeded, usage: usage),
                startedAt: Fixture.start)
            let output = String(text.suffix(400))
            let block = try transaction.addBlock(
                in: first, ordinal: 1, code: "ask()",
                BlockRecord(status: .succeeded, output: Output(stdout: output), seconds: 0.1))
            for number in 0..<4 {
                let slice = text.dropFirst(number * 6000).prefix(6000)
                let prompt = [Message(role: .user, content: "What is the vault code? «\(slice)»")]
                _ = try transaction.addCall(
                    NewCall(
                        iteration: first, block: block, kind: .llm, depth: 1, model: "openai/gpt-5", prompt: prompt,
                        completion: completion(prompt), origin: .imported),
                    CompletionResult(response: "it is not in here", status: .succeeded, usage: usage), seconds: 0.5)
            }
            try transaction.finish(iteration: first, status: .succeeded, endedAt: nil, seconds: 2)
            let told = Message(role: .user, content: "Output of block 1:\n\(output)")
            let second = try transaction.addIteration(
                of: root, completion: completion([question, answer, told]),
                result: CompletionResult(response: "It is not in the text.", status: .succeeded, usage: usage),
                startedAt: Fixture.start)
            try transaction.finish(iteration: second, status: .succeeded, endedAt: nil, seconds: 1)
            try transaction.finish(
                run: id, status: .succeeded, stopReason: .answered, answer: "It is not in the text.", failure: nil,
                endedAt: nil)
            _ = try transaction.publish(sourceHash: "")
        }
        return (TestApp(store, run: id.rawValue, size: size), folder)
    }

    @Test func rowsSayWhichSliceACallWasGivenAndABandLiesBelow() async throws {
        let (app, folder) = try await app()
        defer { withExtendedLifetime(folder) {} }
        #expect(app.rows.contains { $0.contains("c2") && $0.contains("context[6,000:12,000]") })
        app.expectScreen("map_band")
    }

    /// Five, slash, the text: nobody read it.
    @Test func theFactThatNobodyRead() async throws {
        let (app, folder) = try await app()
        defer { withExtendedLifetime(folder) {} }
        app.type("5/7316-KESTREL<enter>")
        #expect(
            app.rows.contains { $0.contains("\"7316-KESTREL\" 1 of 1: nobody has read it") }, "\(app.surface.text())")
        #expect(app.rows.contains { $0.contains("read by nobody") })
        #expect(app.rows.contains { $0.contains("Memo: the vault code") })
        app.expectScreen("map_unread_fact")
        // What is not there at all is said too.
        app.type("/KESTREL-1<enter>")
        #expect(app.rows.contains { $0.contains("is not in this context") })
    }

    /// The words of a prompt and the slice in it are told apart, and the slice says where it is from.
    @Test func aPromptSetsItsSlicesOff() async throws {
        let (app, folder) = try await app("100x40")
        defer { withExtendedLifetime(folder) {} }
        app.type("jjj<enter>")
        let rows = app.rows
        let slice = try #require(
            rows.firstIndex { $0.contains("┌ context[6,000:12,000] 8.3%") }, "\(app.surface.text())")
        #expect(rows[slice - 1].contains("What is the vault code? «"))
        app.expectScreen("map_prompt")
    }

    @Test func leadsToTheNodeThatReadIt() async throws {
        let (app, folder) = try await app("120x40")
        defer { withExtendedLifetime(folder) {} }
        // A node's own slices are where the map begins.
        app.type("jjjj5")
        #expect(
            app.rows.contains { $0.contains("byte 12,000") && $0.contains("read by i1.c3") }, "\(app.surface.text())")
        app.expectScreen("map_of_a_node")
        app.type("<enter>")
        #expect(app.cursorRow.contains("c3"))
        // The unread stretches one after the other.
        app.type("5]")
        let unread = 24_000
        #expect(app.rows.contains { $0.contains("byte \(unread.grouped)") }, "\(app.surface.text())")
        app.type("<enter>")
        #expect(app.rows.contains { $0.contains("Nobody read this.") })
    }

    /// The text scrolls by lines, with byte and line of the cursor, and zoom goes down to single lines.
    @Test func theContextItself() async throws {
        let (app, folder) = try await app()
        defer { withExtendedLifetime(folder) {} }
        app.type("5<tab>jjj")
        let start = Self.lines.prefix(3).joined().utf8.count
        #expect(app.rows.contains { $0.contains("byte \(start)") && $0.contains("line 4") }, "\(app.surface.text())")
        app.type("G")
        #expect(
            app.rows.contains { $0.contains("line 2,001") && $0.contains("read by i1.b1") }, "\(app.surface.text())")
        app.type("q+++")
        #expect(app.rows[2].contains(":\(Self.text.utf8.count.grouped)"), "\(app.rows[2])")
        app.type("-------g")
        #expect(app.rows.contains { $0.contains("byte 0") && $0.contains("line 1 ") })
        app.type("q")
        #expect(app.rows.contains { $0.contains("Tree") })
    }

    /// The map of a large run is found again as it was, under its own key, and not once a byte of it is wrong.
    @Test func aKeptMapIsFoundAgain() throws {
        let folder = try TemporaryFolder()
        let nodes = (1...200).map { number in
            NodeReading(
                address: Address(steps: [.iteration(2), .call(number), .iteration(1), .block(1)]), context: number % 2,
                part: number % 3 == 0 ? .output : .prompt, reader: number % 3 == 0 ? .root : .subcall,
                isRead: number % 5 != 0, ranges: ByteRanges([number..<number * 3, number * 4..<number * 5]),
                ambiguous: number % 7 == 0 ? ByteRanges([number..<number * 2]) : ByteRanges(),
                textByteCount: number * 10, inputTokens: number % 2 == 0 ? number : nil)
        }
        let cache = RunMapCache(path: folder.path("a.readings"), key: [1, 2, 3])
        #expect(cache.load() == nil)
        cache.save(nodes)
        #expect(cache.load() == nodes)
        #expect(RunMapCache(path: folder.path("a.readings"), key: [1, 2, 4]).load() == nil)
        let url = URL(fileURLWithPath: folder.path("a.readings"))
        let right = try Data(contentsOf: url)
        for place in [0, 9, right.count / 2, right.count - 1] {
            var wrong = right
            wrong[place] ^= 0x40
            try wrong.write(to: url)
            #expect(cache.load() == nil, "\(place)")
        }
        try right.dropLast(8).write(to: url)
        #expect(cache.load() == nil)
    }

    @Test func aRunWithoutAContextSaysSo() throws {
        let app = TestApp(Fixture.live(), run: "7f3a91c2d4e5f607")
        app.type("5")
        #expect(app.rows.contains { $0.contains("no stored context") }, "\(app.surface.text())")
    }
}
