import Foundation
import TestSupport
import Testing
import Trajectory

@testable import TrajectoryStore

/// Promise 2: what was reported as committed is there after `kill -9` at any moment.
@Suite struct CrashTests {
    @Test func everythingReportedSurvivesTwoHundredKills() async throws {
        let seed: UInt64 = 20_260
        var random = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        var reported: [String] = []
        for round in 0..<200 {
            let lines = try run(
                store: folder.storePath,
                mark: "\(round)",
                killAfter: Int.random(in: 0..<40, using: &random),
                microseconds: UInt32.random(in: 0..<3000, using: &random)
            )
            reported += lines
        }
        let store = try TrajectoryStore(path: folder.storePath)
        #expect(try store.integrityCheck() == [], "seed \(seed)")
        #expect(reported.count > 2000, "the writers hardly wrote: \(reported.count) events, seed \(seed)")
        let wrong = try store.wrongTotals()
        #expect(wrong.isEmpty, "seed \(seed): \(wrong.prefix(3))")
        let missing = try missing(reported, from: store)
        #expect(missing.isEmpty, "seed \(seed): \(missing.count) events lost, the first \(missing.prefix(3))")
        let runs = try store.runs(limit: 300)
        #expect(runs.allSatisfy { $0.stopReason == .interrupted && $0.status == .cancelled })
        try store.close()
    }

    /// Reads what a writer reports, kills it after some lines and a moment, and gives all its whole lines.
    private func run(store: String, mark: String, killAfter: Int, microseconds: UInt32) throws -> [String] {
        let process = Process()
        let binary = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: binary).deletingLastPathComponent()
            .appendingPathComponent("store-crash-writer")
        process.arguments = [store, mark]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var bytes = Data()
        var isKilled = false
        while true {
            let chunk = pipe.fileHandleForReading.availableData
            if chunk.isEmpty { break }
            bytes.append(chunk)
            if !isKilled, bytes.count(where: { $0 == UInt8(ascii: "\n") }) > killAfter {
                usleep(microseconds)
                kill(process.processIdentifier, SIGKILL)
                isKilled = true
            }
        }
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal, "the writer ended by itself in round \(mark)")
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private func missing(_ reported: [String], from store: TrajectoryStore) throws -> [String] {
        try store.readers.read { connection in
            let find: [Substring: Statement] = [
                "run": try connection.prepare("SELECT id FROM run WHERE id = ?1"),
                "completion": try connection.prepare(
                    "SELECT t.content FROM completion k JOIN text t ON t.id = k.response WHERE k.id = ?1"
                ),
                "answer": try connection.prepare(
                    "SELECT t.content FROM call c JOIN text t ON t.id = c.answer WHERE c.id = ?1"
                ),
                "block": try connection.prepare(
                    "SELECT t.content FROM block b JOIN text t ON t.id = b.stdout WHERE b.id = ?1"
                ),
            ]
            defer { for statement in find.values { statement.finalize() } }
            return try reported.filter { line in
                let words = line.split(separator: " ", maxSplits: 2)
                let expected = words.count > 2 ? String(words[2]) : String(words[1])
                return try find[words[0]]!.bind(String(words[1])).first { $0.text(0) } != expected
            }
        }
    }
}
