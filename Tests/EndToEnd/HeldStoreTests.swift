import Foundation
import TestSupport
import Testing

/// Another program holds the store, or takes its file away, while answers are paid for.
@Suite struct HeldStoreTests {
    /// Another program with the store's lock, until its standard input ends or `seconds` are over.
    private final class Holder: Sendable {
        let process = Process()
        private let input = Pipe()

        init(_ store: String, seconds: Double) throws {
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = [
                "-c",
                """
                import select, sqlite3, sys
                store = sqlite3.connect(sys.argv[1], isolation_level=None)
                store.execute('BEGIN IMMEDIATE')
                print('held', flush=True)
                select.select([sys.stdin], [], [], float(sys.argv[2]))
                store.execute('COMMIT')
                """, store, "\(seconds)",
            ]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            _ = output.fileHandleForReading.availableData
        }

        func end() {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
    }

    /// Runs a line of shell in which `"$S"` is the store.
    private static func shell(_ line: String, _ store: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "S='\(store)'; \(line)"]
        try? process.run()
        process.waitUntilExit()
    }

    private static let turns = [
        PlayedModel.code("first = llm_query('first')\nprint(first)"),
        PlayedModel.code("second = llm_query('second')\nFINAL(second)"),
    ]

    @Test func heldForLongItLosesNothing() async throws {
        let program = try Program()
        let path = program.storePath
        let server = try PlayedModel.serve(Self.turns) { request in
            if request.lastMessage == "first" { _ = try? Holder(path, seconds: 4) }
            return PlayedModel.answer("paid for \(request.lastMessage)", to: request)
        }
        defer { server.stop() }
        let ended = try program.start(program.arguments(server)).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stdout == "paid for second\n")
        #expect(ended.stderr.contains("another program holds the trajectory store '\(path)'"), "\(ended.stderr)")
        #expect(ended.stderr.contains("free again"), "\(ended.stderr)")
        let answers = try program.nodes(of: "latest", "--full").compactMap { $0["answer"] as? String }
        #expect(answers.contains("paid for first") && answers.contains("paid for second"))
    }

    @Test func cancellingEndsTheWaiting() async throws {
        let program = try Program()
        let path = program.storePath
        nonisolated(unsafe) var holder: Holder?
        let server = try PlayedModel.serve(Self.turns) { request in
            holder = try? Holder(path, seconds: 50)
            return PlayedModel.answer("paid for", to: request)
        }
        defer { server.stop() }
        let going = try program.start(program.arguments(server))
        #expect(await waitUntil(seconds: 30) { server.requests.contains { $0.lastMessage == "first" } })
        try await Task.sleep(for: .seconds(2))
        let asked = Date()
        going.send(SIGINT)
        let ended = try going.end()
        #expect(Date().timeIntervalSince(asked) < 20)
        holder?.end()
        #expect(ended.status == 4, "\(ended.stderr)")
        #expect(ended.stderr.contains("is locked by another program"), "\(ended.stderr)")
        // Nobody else can have written the end.
        #expect(try program.list().first?["status"] as? String == "interrupted")
    }

    @Test(arguments: ["rm \"$S\"", "rm \"$S\"*", "rm -r \"$(dirname \"$S\")\"", "rm \"$S-wal\" \"$S-shm\""])
    func takenAwayItIsBroughtBack(command: String) async throws {
        let program = try Program()
        let path = program.storePath
        let server = try PlayedModel.serve(Self.turns) { request in
            if request.lastMessage == "first" { Self.shell(command, path) }
            return PlayedModel.answer("paid for \(request.lastMessage)", to: request)
        }
        defer { server.stop() }
        let ended = try program.start(program.arguments(server)).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stderr.contains("brought back"), "\(ended.stderr)")
        let run = try #require(try program.list().first)
        #expect(run["status"] as? String == "succeeded")
        let answers = try program.nodes(of: "latest", "--full").compactMap { $0["answer"] as? String }
        #expect(answers.contains("paid for first") && answers.contains("paid for second"))
    }

    @Test func replacedItEndsBeforeMoreIsSpent() async throws {
        let program = try Program()
        let path = program.storePath
        let server = try PlayedModel.serve(Self.turns) { request in
            if request.lastMessage == "first" {
                Self.shell("cp \"$S\" \"$S.new\" && mv \"$S.new\" \"$S\"", path)
            }
            return PlayedModel.answer("paid for \(request.lastMessage)", to: request)
        }
        defer { server.stop() }
        let ended = try program.start(program.arguments(server) + ["--json"]).end()
        #expect(ended.status == 5, "\(ended.stderr)")
        #expect(!server.requests.contains { $0.lastMessage == "second" })
        let folder = (path as NSString).deletingLastPathComponent
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let copy = try #require(names.first { $0.contains(".recovered-") && !$0.hasSuffix("-contexts") })
        #expect(ended.stderr.contains("\(folder)/\(copy)"), "\(ended.stderr)")
        #expect(try ended.object()["status"] as? String == "failed")
        let shown = try program.run("show", "latest", "--full", "--json", "--store", "\(folder)/\(copy)")
        #expect(shown.stdout.contains("paid for first"), "\(shown.stdout)")
    }
}
