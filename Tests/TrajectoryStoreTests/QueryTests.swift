import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct QueryTests {
    @Test func childrenAreBlocksThenCallsOnEveryPage() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        let first = try await writer.beginBlock(in: iteration, ordinal: 1, code: "one()")
        let second = try await writer.beginBlock(in: iteration, ordinal: 2, code: "two()")
        _ = try await writer.beginCalls([
            llmCall(in: iteration, "a", block: first, batch: 1), llmCall(in: iteration, "b", block: first, batch: 1),
            llmCall(in: iteration, "c", block: second),
        ])
        let node = try store.node(at: Address("i1"), in: run.id)
        #expect(node.childCount == 5)
        let all = try store.children(of: node)
        #expect(all.map(\.address.description) == ["i1.b1", "i1.b2", "i1.c1", "i1.c2", "i1.c3"])
        #expect(all.map(\.block) == [nil, nil, 1, 1, 2])
        #expect(all.map(\.batch) == [nil, nil, 1, 1, nil])
        #expect(node.title == "one(); two()")
        for offset in 0...6 {
            for limit in 0...6 {
                let page = try store.children(of: node, offset: offset, limit: limit)
                #expect(page == Array(all.dropFirst(offset).prefix(limit)), "offset \(offset) limit \(limit)")
            }
        }
        #expect(try store.children(of: all[0]) == [])
        for child in all { #expect(try store.node(child.id, address: child.address) == child) }
        try store.close()
    }

    @Test func anyPageOfAMillionSubcallsIsFast() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.beginCalls([llmCall(in: iteration, "first")])
        try await writer.write { recorder in
            try recorder.connection.execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
                INSERT INTO call(run, iteration, ordinal, kind, depth, status, origin, title)
                SELECT (SELECT max(row) FROM run), \(iteration.rawValue), i, 'llm', 1, 'queued', 'live', 'x' FROM n;
                UPDATE iteration SET calls = 1000000;
                """
            )
        }
        let node = try store.node(at: Address("i1"), in: run.id)
        #expect(node.childCount == 1_000_000)
        for offset in [0, 499_990, 999_950] {
            var best = Duration.seconds(1)
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let page = try store.children(of: node, offset: offset, limit: 50)
                best = min(best, ContinuousClock.now - start)
                #expect(page.count == 50 && page[0].address.description == "i1.c\(offset + 1)")
            }
            #expect(best < .milliseconds(5), "offset \(offset) took \(best)")
        }
        try store.close()
    }

    @Test func runsAreFoundAsPeopleNameThem() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        #expect(throws: StoreError.self) { try store.run(matching: "latest") }
        for (index, id) in ["aa11000000000000", "aa22000000000000", "bb33000000000000"].enumerated() {
            var run = newRun(id)
            run.createdAt = Date(timeIntervalSince1970: Double(1000 - index))
            _ = try await writer.begin(run: run)
        }
        #expect(try store.run(matching: "latest").id.rawValue == "aa11000000000000")
        #expect(try store.run(matching: "BB").id.rawValue == "bb33000000000000")
        #expect(try store.run(matching: "aa22").id.rawValue == "aa22000000000000")
        #expect(try store.runs(limit: 2, offset: 1).map(\.id.short) == ["aa22", "bb33"])
        let ambiguous = #expect(throws: StoreError.self) { try store.run(matching: "aa") }
        #expect(ambiguous?.code == .ambiguousRun)
        #expect(ambiguous?.message.contains("aa11000000000000 (Why?), aa22000000000000 (Why?)") == true)
        for text in ["", "cc", "%", "aa11000000000000f", "a\u{0}"] {
            #expect(throws: StoreError.self) { try store.run(matching: text) }
        }
        try store.close()
    }

    @Test func missingAddressesSayWhatIsThere() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.beginCalls([llmCall(in: iteration, "a")])
        for (address, words) in [
            ("i2", "root has 1 iteration"), ("i1.c2", "i1 has 0 blocks and 1 sub-call"), ("i1.b1", "i1 has 0 blocks"),
            ("i1.c1.i1", "i1.c1 has 0 iterations"),
        ] {
            let error = #expect(throws: StoreError.self) { try store.node(at: Address(address), in: run.id) }
            #expect(error?.code == .noSuchNode)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        let missing = #expect(throws: StoreError.self) { try store.root(of: RunID(rawValue: "nope")) }
        #expect(missing?.code == .noSuchRun)
        try store.close()
    }

    /// A fork shows its original's first iterations at their addresses, through forks of forks.
    @Test func forksShareTheirBeginnings() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        var roots: [CallID] = []
        let runs = [newRun("aaaa"), newRun("bbbb"), newRun("cccc")]
        for (index, run) in runs.enumerated() {
            let root = try await writer.begin(run: run)
            roots.append(root)
            if index > 0 {
                // What a fork will write: the last shares 3 iterations, of which 2 are the first run's.
                let original = roots[index - 1].rawValue
                try await writer.write {
                    try $0.connection.execute(
                        "UPDATE call SET shared_call = \(original), shared_iterations = \(index + 1) WHERE id = \(root.rawValue)"
                    )
                }
            }
            for _ in 0..<2 {
                let (_, completion) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
                try await writer.finish(completion: completion, answered("\(run.id)"))
            }
        }
        let iterations = try store.children(of: store.root(of: runs[2].id))
        #expect(iterations.map(\.preview) == ["aaaa", "aaaa", "bbbb", "cccc", "cccc"])
        #expect(iterations.map(\.address.description) == ["i1", "i2", "i3", "i4", "i5"])
        for node in iterations { #expect(try store.node(at: node.address, in: runs[2].id) == node) }
        #expect(
            try store.children(of: store.root(of: runs[2].id), offset: 1, limit: 3).map(\.preview) == [
                "aaaa", "bbbb", "cccc",
            ]
        )
        #expect(try store.run(runs[2].id).iterations == 5)
        try store.close()
    }

    @Test func walkVisitsEveryNodeInOrder() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let run = newRun()
        let root = try await writer.begin(run: run)
        let (iteration, _) = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        _ = try await writer.beginBlock(in: iteration, ordinal: 1, code: "x")
        _ = try await writer.beginCalls((0..<1203).map { llmCall(in: iteration, "ask \($0)") })
        _ = try await writer.beginIteration(of: root, completion: newCompletion("q"))
        var visited: [String] = []
        try store.walk(run: run.id) { visited.append($0.address.description) }
        #expect(visited == ["root", "i1", "i1.b1"] + (1...1203).map { "i1.c\($0)" } + ["i2"])
        try store.close()
    }
}
