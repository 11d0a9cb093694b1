import Foundation
import TestSupport
import Testing

/// What is left of a run whose engine is told to stop, or is killed.
@Suite struct CancelTests {
    /// One sub-call is answered, the next never is.
    private func server() throws -> ScriptedServer {
        try PlayedModel.serve([
            PlayedModel.code("first = llm_query('first')\nprint(first)"),
            PlayedModel.code("second = llm_query('second')\nFINAL(second)"),
        ]) { $0.lastMessage.contains("second") ? .never : PlayedModel.answer("paid for", to: $0) }
    }

    /// Starts a run and returns when its second sub-call is on its way and Python is there.
    private func started(
        _ program: Program,
        _ server: ScriptedServer,
        _ more: String...
    ) async throws -> (going: Program.Going, processes: [Int32]) {
        let going = try program.start(program.arguments(at: server.baseURL, more))
        #expect(await waitUntil(seconds: 30) { server.requests.contains { $0.lastMessage.contains("second") } })
        let processes = ProcessTable.descendants(of: going.pid)
        #expect(!processes.isEmpty, "no Python is seen, so its end proves nothing")
        return (going, processes)
    }

    private func expectAllGone(_ processes: [Int32], sourceLocation: SourceLocation = #_sourceLocation) async {
        let areGone = await waitUntil { processes.allSatisfy { !ProcessTable.isAlive($0) } }
        #expect(areGone, "left behind: \(processes.filter(ProcessTable.isAlive))", sourceLocation: sourceLocation)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], ["sandbox", "local"])
    func aSignalCancelsCleanly(signal: Int32, environment: String) async throws {
        let server = try server()
        defer { server.stop() }
        let program = try Program()
        let (going, processes) = try await started(program, server, "--json", "--environment", environment)
        going.send(signal)
        let ended = try going.end()
        #expect(ended.status == 4, "\(ended.stderr)")
        #expect(ended.complaints.contains { $0.contains("cancelled") }, "\(ended.stderr)")
        #expect(try ended.object()["status"] as? String == "cancelled")
        #expect(try ended.object()["stop_reason"] as? String == "cancelled")
        await expectAllGone(processes)
        #expect(await waitUntil { server.openConnectionCount == 0 }, "a request was left in flight")
        let shown = try program.run("show", "latest", "--json").object()
        #expect(shown["status"] as? String == "cancelled")
        let answered = try program.nodes(of: "latest", "--full").filter { $0["answer"] as? String == "paid for" }
        #expect(answered.map { $0["address"] as? String } == ["i1.c1"])
        #expect(try program.nodes(of: "latest").allSatisfy { $0["status"] as? String != "running" })
    }

    /// Whoever asks twice does not want to wait; what the first asked for is done all the same, or seen to be undone.
    @Test func theSecondSignalEndsIt() async throws {
        let server = try server()
        defer { server.stop() }
        let program = try Program()
        let (going, processes) = try await started(program, server)
        let began = Date()
        for _ in 0..<50 where going.process.isRunning {
            going.send(SIGINT)
            usleep(2000)
        }
        let ended = try going.end()
        #expect([4, 128 + SIGINT].contains(ended.status), "\(ended.stderr)")
        #expect(Date().timeIntervalSince(began) < 2)
        #expect(ended.stdout.isEmpty)
        await expectAllGone(processes)
        let run = try #require(try program.list().first)
        #expect(["cancelled", "interrupted"].contains(run["status"] as? String))
        #expect(try program.run("doctor", "--json").stdout.contains("1 run\""))
    }

    @Test func killedItLosesNoAnswer() async throws {
        let server = try server()
        defer { server.stop() }
        let program = try Program()
        let (going, processes) = try await started(program, server)
        going.send(SIGKILL)
        #expect(try going.end().status == -SIGKILL)
        await expectAllGone(processes)

        let doctor = try program.run("doctor", "--json")
        #expect(doctor.stdout.contains("1 run\""), "\(doctor.stdout)")
        let run = try #require(try program.list().first)
        #expect(run["status"] as? String == "interrupted")
        #expect(run["stop_reason"] as? String == "interrupted")
        #expect(try program.run("show", "latest", "--json").object()["status"] as? String == "interrupted")
        let nodes = try program.nodes(of: "latest", "--full")
        #expect(nodes.contains { $0["address"] as? String == "i1.c1" && $0["answer"] as? String == "paid for" })
        #expect(nodes.allSatisfy { ["succeeded", "cancelled"].contains($0["status"] as? String) }, "\(nodes)")
        #expect(try program.run("show", "latest").stdout.contains("interrupted"))

        let terminal = try TmuxSession(program, columns: 80, rows: 24, command: "\"$P\" open latest; echo left with $?")
        try terminal.wait { $0.contains("Who?") && $0.contains("i1") }
        terminal.type("Q")
        try terminal.wait { $0.contains("left with 0") }
    }

    /// The run on the screen: the first ^C asks, the second ends it.
    @Test func interruptedOnTheScreen() async throws {
        let server = try server()
        defer { server.stop() }
        let program = try Program()
        let context = try program.file("one line\n", named: "context.txt")
        let terminal = try TmuxSession(
            program,
            columns: 80,
            rows: 24,
            command: "\"$P\" run Who? --context \(context) --model openai/played --base-url \(server.baseURL)"
                + "; echo left with $?"
        )
        #expect(await waitUntil(seconds: 30) { server.requests.contains { $0.lastMessage.contains("second") } })
        try terminal.wait { $0.contains("Who?") && $0.contains("i2") }
        terminal.press("C-c")
        let asked = try terminal.wait { $0.contains("still going") }
        #expect(!asked.contains("left with"))
        terminal.press("C-c")
        try terminal.wait { $0.contains("left with 4") }
        #expect(try program.list().first?["status"] as? String == "cancelled")
        #expect(await waitUntil { server.openConnectionCount == 0 })
    }
}
