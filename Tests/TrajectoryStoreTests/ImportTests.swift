import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

/// Imports in portions: seen when they are whole, gone when they never will be.
@Suite struct ImportTests {
    private let folder: TemporaryFolder
    private let store: TrajectoryStore
    private let writer: TrajectoryWriter

    init() throws {
        folder = try TemporaryFolder()
        store = try TrajectoryStore(path: folder.storePath)
        writer = try store.writer()
    }

    private static func importedRun() -> NewRun {
        var run = newRun()
        run.origin = .imported
        return run
    }

    /// Adds a run with one iteration of `count` calls, of which every tenth failed, and one recursive call with one.
    private static func add(_ run: NewRun, calls count: Int, to runs: RunImport) throws {
        let root = try runs.begin(run: run)
        func iteration(of call: CallID, _ text: String) throws -> IterationID {
            try runs.addIteration(
                of: call,
                completion: newCompletion(text),
                result: answered("response \(text)", Usage(inputTokens: 4, outputTokens: 2, cost: 0.25)),
                startedAt: nil
            )
        }
        func llm(_ iteration: IterationID, _ number: Int, depth: Int = 1) throws {
            var call = llmCall(in: iteration, "prompt \(number)")
            call.depth = depth
            call.origin = .imported
            let failure = number % 10 == 0 ? Failure(kind: "refused", message: "no \(number)") : nil
            _ = try runs.addCall(
                call,
                CompletionResult(
                    response: failure == nil ? "answer \(number)" : nil,
                    status: failure == nil ? .succeeded : .failed,
                    failure: failure,
                    usage: number % 3 == 0 ? .unknown : Usage(inputTokens: 2, outputTokens: 1, cost: 0.25)
                ),
                seconds: 0.5
            )
        }
        let first = try iteration(of: root, "q")
        for number in 1...count { try llm(first, number) }
        let recursive = try runs.begin(
            call: NewCall(
                iteration: first, kind: .rlm, depth: 1, model: "m",
                prompt: [Message(role: .user, content: "below")], origin: .imported))
        let below = try iteration(of: recursive.call, "b")
        try llm(below, 7, depth: 2)
        try runs.finish(iteration: below, status: .succeeded, endedAt: nil, seconds: 1)
        try runs.finish(call: recursive.call, status: .succeeded, answer: "b", failure: nil, seconds: 1)
        try runs.finish(iteration: first, status: .succeeded, endedAt: nil, seconds: 1)
        try runs.finish(
            run: run.id, status: .succeeded, stopReason: .answered, answer: "a", failure: nil, endedAt: nil)
    }

    private func count(_ table: String) throws -> Int {
        try store.readers.read { connection in
            let find = try connection.prepare("SELECT count(*) FROM \(table)")
            defer { find.finalize() }
            return try find.first { $0.int(0) } ?? 0
        }
    }

    @Test func manyPortionsMakeOneRun() async throws {
        let run = Self.importedRun()
        let (store, path) = (store, folder.storePath)
        let known = try await writer.importing { runs in
            try Self.add(run, calls: 45_000, to: runs)
            // Two portions are in the store and the rest waits: nothing is seen, and the store is not held.
            #expect(try store.runCount() == 0)
            #expect(throws: StoreError.self) { try store.run(run.id) }
            #expect(try store.runs(limit: 9).isEmpty)
            let other = try Connection(path: path, isReadOnly: false, patience: 10)
            try other.execute("BEGIN IMMEDIATE; COMMIT")
            other.close()
            return try runs.publish(sourceHash: "aa")
        }
        #expect(known == [])
        let found = try store.run(run.id)
        #expect(found.status == .succeeded && found.answer == "a" && found.iterations == 1)
        #expect(found.calls == CallCounts(done: 45_003, failed: 4_500))
        #expect(found.deepest == 2)
        #expect(try store.node(at: Address("i1.c45000"), in: run.id).failure?.message == "no 45000")
        #expect(try store.node(at: Address("i1.c45001.i1.c1"), in: run.id).preview == "answer 7")
        #expect(try store.problems(in: run.id).count == 4_500)
        #expect(try store.wrongTotals() == [])
        #expect(try store.integrityCheck() == [])
        // The same bytes are there already.
        let again = try await writer.importing { runs in
            try Self.add(Self.importedRun(), calls: 3, to: runs)
            return try runs.publish(sourceHash: "aa")
        }
        #expect(again == [run.id])
        #expect(try store.runCount() == 1 && count("run") == 1 && count("call") == 45_003)
        try store.close()
    }

    @Test func failedImportLeavesNothing() async throws {
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await writer.importing { runs in
                try Self.add(Self.importedRun(), calls: 30_000, to: runs)
                throw Stop()
            }
        }
        for table in ["run", "session", "call", "iteration", "completion"] {
            #expect(try count(table) == 0, "\(table)")
        }
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    @Test func cancelledImportEndsAndLeavesNothing() async throws {
        let writer = writer
        let task = Task {
            try await writer.importing { runs in
                var number = 0
                while true {
                    try Self.add(Self.importedRun(), calls: 100, to: runs)
                    number += 1
                    try runs.report(bytesRead: number)
                }
            }
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while try count("call") == 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try count("run") == 0 && count("call") == 0)
        try store.close()
    }

    /// What a killed process left is taken away by the next import, and what a living one is at stays.
    @Test func leftoversAreSweptAway() async throws {
        for (id, pid) in [("dead", 999_999_999), ("alive", Int(getpid()))] {
            var run = newRun(id)
            run.origin = .imported
            try await writer.write { [run] recorder in
                let root = try recorder.begin(run: run, isWhole: false, at: nil)
                let (iteration, completion) = try recorder.beginIteration(
                    of: root, completion: newCompletion("q"), at: nil)
                try recorder.finish(completion: completion, answered("r"), at: nil)
                _ = try recorder.beginBlock(in: iteration, ordinal: 1, code: "x", at: nil)
                let call = llmCall(in: iteration, "a")
                let place = StartedCall(
                    call: CallID(rawValue: try recorder.newRow()),
                    completion: CompletionID(rawValue: try recorder.newRow()),
                    ordinal: 1
                )
                try recorder.add(call, as: place, answered("b"), of: recorder.find(run.id).row, seconds: nil)
                try recorder.connection.statement("UPDATE run SET pid = ? WHERE id = ?").bind(pid).bind(id).run()
            }
        }
        #expect(try store.runCount() == 0)
        try await writer.importing { _ in }
        for table in ["run", "session", "iteration", "block"] { #expect(try count(table) == 1, "\(table)") }
        #expect(try count("call") == 2 && count("completion") == 2)
        #expect(try store.integrityCheck() == [])
        try store.close()
    }

    /// A text of a hundred megabytes is stored without a copy for SQLite, and read back as it was.
    @Test func longTextsAreReadBackExactly() async throws {
        let text = String(repeating: "line with ü and \u{0}\n", count: 200_000)
        let run = Self.importedRun()
        try await writer.importing { runs in
            let root = try runs.begin(run: run)
            for _ in 1...2 {
                let iteration = try runs.addIteration(
                    of: root, completion: newCompletion("q"), result: answered(text), startedAt: nil)
                try runs.finish(iteration: iteration, status: .succeeded, endedAt: nil, seconds: nil)
            }
            _ = try runs.publish(sourceHash: "aa")
        }
        for address in ["i1", "i2"] {
            let node = try store.node(at: Address(address), in: run.id)
            #expect(try store.completions(of: node.id).last?.response == text)
        }
        #expect(try count("text WHERE length(content) > 1000") == 1)
        try store.close()
    }
}
