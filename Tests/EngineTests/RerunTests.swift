import Engine
import Foundation
import LMClients
import Testing
import Trajectory
import TrajectoryStore

/// Running a node again, alone.
struct RerunTests {
    func travel(_ fixture: EngineFixture) -> TimeTravel { TimeTravel(store: fixture.store, clients: fixture) }

    @Test func anotherAttemptMovesNothingElse() async throws {
        let fixture = try ForkTests.counting()
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let attempt = try await travel(fixture).rerun(run, at: Address("i1.c8"), Change(prompt: "Count with care"))
        #expect(attempt.address.description == "i1.c8@2" && attempt.answer == "1" && attempt.liveCalls == 1)
        #expect(fixture.client.requests.count == asked + 1)
        let after = try fixture.store.run(run.id)
        #expect(after.answer == run.answer && after.calls == run.calls && after.iterations == run.iterations)
        let node = try #require(try fixture.nodes(of: after)["i1.c8"])
        #expect(node.freshness == .fresh)
        guard case .call(let call) = node.id else { return }
        #expect(try fixture.store.answer(of: call) == "90")
        #expect(try fixture.store.completion(of: node)?.response == "90")
        let second = try fixture.store.node(at: attempt.address, in: run.id)
        let shown = try fixture.store.completion(of: second)
        #expect(shown?.response == "1" && shown?.messages.map(\.content) == ["Count with care"])
        let byHand = try await travel(fixture).rerun(run, at: Address("i1.c8"), Change(response: "by hand"))
        #expect(byHand.address.description == "i1.c8@3" && byHand.liveCalls == 0 && byHand.answer == "by hand")
        #expect(try fixture.store.completions(of: node.id).map(\.origin) == [.live, .live, .edited])
    }

    @Test func aBlockRunsAgainInTheStateThatItHad() async throws {
        let fixture = try ForkTests.counting([
            repl("x = 2\ny = llm_query('Count slice 7')"), repl("print(x)"), repl("FINAL('z')"),
        ])
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        let attempt = try await travel(fixture).rerun(run, at: Address("i2.b1"), Change(code: "print(x + int(y))"))
        #expect(attempt.output?.stdout == "92\n" && attempt.recordedCalls == 1 && attempt.status == .succeeded)
        #expect(attempt.address.description == "i2.b1@2")
        let raising = try await travel(fixture).rerun(run, at: Address("i2.b1"), Change(code: "1/0"))
        #expect(raising.status == .failed && raising.failure?.kind == "ZeroDivisionError")
        #expect(fixture.client.requests.count == asked)
        let iteration = try await travel(fixture).rerun(run, at: Address("i1"), Change())
        #expect(iteration.address.description == "i1@2" && iteration.answer?.contains("x = 2") == true)
        #expect(fixture.client.requests.count == asked + 1)
        await #expect(throws: TravelError.self) { try await travel(fixture).rerun(run, at: .root, Change()) }
    }

    @Test func aServerThatIsDownLeavesTheOriginalAsItWas() async throws {
        let fixture = try ForkTests.counting()
        let (_, run) = try await fixture.run()
        let before = try ForkTests.rows(of: run, in: fixture)
        let down = try EngineFixture { _, _ throws(CompletionError) in
            throw CompletionError(code: .connection, model: "scripted/sub", message: "nobody listens")
        }
        let attempt = try await TimeTravel(store: fixture.store, clients: down)
            .rerun(run, at: Address("i1.c8"), Change(prompt: "again"))
        #expect(attempt.status == .failed && attempt.failure?.kind == "connection" && attempt.isUnavailable)
        let fork = try await TimeTravel(store: fixture.store, clients: down)
            .fork(run, at: Address("i1.c8"), Change(prompt: "again"))
        #expect(await fork.result().status == .failed)
        let after = try ForkTests.rows(of: fixture.store.run(run.id), in: fixture)
        // The failed attempt is counted on its own node and those above; every text and answer is as it was.
        let counting = ["i1.c8 ", "i1 ", "root ", "succeeded "]
        func texts(_ rows: String) -> [Substring] {
            rows.split(separator: "\n").filter { row in !counting.contains { row.hasPrefix($0) } }
        }
        let left = texts(after)
        #expect(texts(before).count > 200 && texts(before).allSatisfy { left.contains($0) })
        #expect(try fixture.store.run(run.id).answer == "189")
    }
}
