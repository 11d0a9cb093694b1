import Engine
import Foundation
import LMClients
import Synchronization
import Testing
import Trajectory

/// Recursive calls each have a Python of their own: how many there are at a time is a bound of the whole run.
@Suite(.serialized) struct RecursionTests {
    /// Every call asks for so many more until the depth ends it, and workers are counted whenever one asks its model.
    private func wide(_ width: Int) throws -> EngineFixture {
        try EngineFixture { request, _ in
            guard request.messages.first?.role == .system else { return EngineFixture.answer("leaf") }
            let count = Self.workerCount()
            Self.most.withLock { $0 = max($0, count) }
            return EngineFixture.answer(repl("FINAL(len(rlm_query_batched(['more'] * \(width))))"))
        }
    }

    /// The most workers that were seen at once.
    private static let most = Mutex(0)

    /// Python workers that are children of this process.
    private static func workerCount() -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let own = ProcessInfo.processInfo.processIdentifier
        return processes.filter { name in
            guard Int32(name) != nil, let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let close = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            return fields.count > 1 && fields[0] != "Z" && Int32(fields[1]) == own && stat.contains("(python")
        }.count
    }

    @Test(.timeLimit(.minutes(3))) func pythonsAtATimeAreABoundOfTheRun() async throws {
        Self.most.withLock { $0 = 0 }
        let (result, run) = try await wide(4).run(limits: Limits(depth: 4))
        #expect(result.answer == "4")
        // 1 + 4 + 16 + 64 calls with a Python, and the leaves.
        #expect(run.calls.total == 85 + 256)
        #expect(run.calls.done == run.calls.total)
        // The root's own, and four others at a time.
        let most = Self.most.withLock { $0 }
        #expect(most <= 5 && most >= 4, "\(most)")
    }

    @Test(.timeLimit(.minutes(3))) func deeperThanThereArePlacesStillComesToAnEnd() async throws {
        let (result, run) = try await wide(2).run(limits: Limits(depth: 7))
        #expect(result.answer == "2")
        #expect(run.calls.done == 255)
    }
}
