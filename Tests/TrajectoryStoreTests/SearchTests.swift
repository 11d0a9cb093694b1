import Foundation
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct SearchTests {
    private func run(in store: TrajectoryStore) async throws -> NewRun {
        let writer = try store.writer()
        let run = newRun(question: "Where is the needle?")
        let root = try await writer.begin(run: run)
        for turn in 1...2 {
            let (iteration, completion) = try await writer.beginIteration(
                of: root, completion: newCompletion("history"))
            var result = answered("response \(turn)")
            result.reasoning = turn == 2 ? "a needle in the thought" : nil
            try await writer.finish(completion: completion, result)
            let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "find(needle_\(turn))")
            var deep = llmCall(in: iteration, "go deep \(turn)", block: block)
            deep.kind = .rlm
            deep.completion = nil
            let calls = try await writer.beginCalls(
                [deep] + (0..<700).map { llmCall(in: iteration, $0 == 650 ? "NEEDLE here" : "hay \($0)", block: block) }
            )
            for call in calls.dropFirst() {
                try await writer.finish(
                    call: call.call, completion: call.completion!, answered(call.ordinal == 3 ? "found a needle" : "no")
                )
            }
            let (below, inner) = try await writer.beginIteration(of: calls[0].call, completion: newCompletion("in"))
            try await writer.finish(completion: inner, answered("needle below"))
            try await writer.finish(iteration: below, status: .succeeded)
            try await writer.finish(
                block: block, BlockRecord(status: .succeeded, output: Output(stderr: turn == 1 ? "needle!" : "")))
            try await writer.finish(iteration: iteration, status: .succeeded)
        }
        return run
    }

    @Test func everyTextOfTheRunIsSearchedInTheOrderOfTheTree() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let run = try await run(in: store)
        func lines(_ page: SearchPage) -> [String] { page.hits.map { "\($0.address) \($0.field.rawValue)" } }
        let all = try store.search(in: run.id, limit: 100) { $0.lowercased().contains("needle") }
        let expected = [
            "root title", "i1 title", "i1.b1 title", "i1.c1.i1 title", "i1.c3 answer", "i1.c652 title", "i2 title",
            "i2.b1 title", "i2.c1.i1 title", "i2.c3 answer", "i2.c652 title",
        ]
        #expect(lines(all) == expected)
        #expect(all.isLast)
        for hit in all.hits { #expect(try store.node(at: hit.address, in: run.id).id == hit.id) }
        // Pages of every size give the same.
        for limit in 1...4 {
            var found: [String] = []
            var last: Address?
            while true {
                let page = try store.search(in: run.id, after: last, limit: limit) {
                    $0.lowercased().contains("needle")
                }
                #expect(page.hits.count <= limit)
                found += lines(page)
                last = page.hits.last?.address ?? last
                if page.isLast { break }
            }
            #expect(found == expected)
        }
        let output = try store.search(in: run.id, limit: 10) { $0 == "needle!" }
        #expect(lines(output) == ["i1.b1 output"])
        let thought = try store.search(in: run.id, limit: 10) { $0.contains("in the thought") }
        #expect(lines(thought) == ["i2 reasoning"])
        let history = try store.search(in: run.id, limit: 10) { $0.contains("history") }
        #expect(history.hits.isEmpty)
        let code = try store.search(in: run.id, limit: 10) { $0.contains("find(needle_2)") }
        #expect(lines(code) == ["i2 title", "i2.b1 title"])
        try store.close()
    }

    @Test func searchCanBeCancelled() async throws {
        let folder = try TemporaryFolder()
        let store = try TrajectoryStore(path: folder.storePath)
        let run = try await run(in: store)
        var looks = 0
        let page = try store.search(
            in: run.id, limit: 100,
            isCancelled: {
                looks += 1; return looks > 2
            }
        ) {
            $0.lowercased().contains("needle")
        }
        #expect(!page.isLast && page.hits.count < 11)
        try store.close()
    }
}
