import Foundation
import TestSupport
import Testing
import Trajectory

@testable import TrajectoryStore

@Suite struct SizeTests {
    /// Figure of the design: 200 iterations over a 1 MB context in at most 4 MB, context included.
    @Test func twoHundredIterationsOverAMegabyte() async throws {
        let folder = try TemporaryFolder()
        var random = SeededGenerator(seed: 7)
        let words = (0..<2000).map { _ in
            String(
                (0..<Int.random(in: 2...9, using: &random)).map { _ in
                    "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)!
                }
            )
        }
        func text(_ bytes: Int) -> String {
            var text = ""
            while text.utf8.count < bytes { text += words.randomElement(using: &random)! + " " }
            return text
        }
        let store = try TrajectoryStore(path: folder.storePath)
        let writer = try store.writer()
        let (hash, count) = try await writer.storeContext(bytes: Data(text(1_000_000).utf8))
        var run = newRun()
        run.contexts = [Context(name: "context_0", hash: hash, byteCount: count, type: .text, source: "big.txt")]
        let root = try await writer.begin(run: run)
        var history = [Message(role: .system, content: text(4000)), Message(role: .user, content: "Why?")]
        for _ in 0..<200 {
            let (iteration, completion) = try await writer.beginIteration(
                of: root,
                completion: NewCompletion(model: "m/m", messages: history)
            )
            let response = text(1500), output = text(2000)
            try await writer.finish(completion: completion, answered(response))
            let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: String(response.prefix(700)))
            try await writer.finish(block: block, BlockRecord(status: .succeeded, output: Output(stdout: output)))
            try await writer.finish(iteration: iteration, status: .succeeded)
            history += [
                Message(role: .assistant, content: response), Message(role: .user, content: "Output:\n\(output)"),
            ]
        }
        try store.close()
        var bytes = 0
        for case let file as String in FileManager.default.enumerator(atPath: folder.path)! {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(file)")
            if attributes[.type] as? FileAttributeType == .typeRegular { bytes += attributes[.size] as! Int }
        }
        #expect(bytes <= 4_000_000, "\(bytes) bytes")
    }
}
