import Engine
import Foundation
import LMClients
import TestSupport
import Testing
import Trajectory
import TrajectoryStore

/// Holds: what stops where, what a person can do about it, and that it goes on in another process.
struct HoldTests {
    func travel(_ fixture: EngineFixture, _ rules: [String] = []) throws -> TimeTravel {
        var options = TimeTravel.Options()
        options.endsWhenHeld = true
        options.holdRules = try rules.map { try HoldRule($0) }
        return TimeTravel(store: fixture.store, clients: fixture, options: options)
    }

    /// Runs until all that goes on is held.
    func held(_ fixture: EngineFixture, _ rule: String) async throws -> (RunResult, Run) {
        var request = try fixture.request()
        request.holdRules = [try HoldRule(rule)]
        request.endsWhenHeld = true
        return try await fixture.run(request)
    }

    @Test func aBatchStopsWholeAndGoesOnFromTheStore() async throws {
        let fixture = try ForkTests.counting()
        let (result, run) = try await held(fixture, "depth>0")
        #expect(result.status == .held && run.status == .held && run.stopReason == .held)
        #expect(fixture.client.requests.count == 1)
        let holds = try fixture.store.holds(in: run.id, isOpen: true)
        #expect(holds.count == 100 && holds.allSatisfy { $0.stage == .beforeSend })
        let writer = try fixture.store.writer()
        let seventh = try #require(holds.first { $0.address.description == "i1.c8" })
        try await writer.decide([seventh.id], .answer("1"))
        try await writer.decide(holds.map(\.id), .release)
        let end = await (try travel(fixture).resume(run)).result()
        #expect(end.status == .succeeded && end.answer == "100")
        #expect(fixture.client.requests.filter { $0.model == "sub" }.count == 99)
        let nodes = try fixture.nodes(of: fixture.store.run(run.id))
        #expect(nodes.count == 105)
        #expect(nodes["i1.c8"]?.origin == .edited)
        #expect(try fixture.unfinishedRows() == [])
        #expect(try fixture.store.integrityCheck() == [])
    }

    @Test func aDroppedCallFailsAndOthersStayHeld() async throws {
        let fixture = try ForkTests.counting([
            repl(
                """
                try:
                    llm_query_batched(["a", "b"])
                except BatchError as error:
                    FINAL(repr(error.answers))
                """)
        ])
        let (_, run) = try await held(fixture, "depth>0")
        // Calls of a batch are held in the order in which they come.
        let holds = try fixture.store.holds(in: run.id, isOpen: true)
            .sorted { $0.address.description < $1.address.description }
        #expect(holds.map(\.address.description) == ["i1.c1", "i1.c2"])
        try await fixture.store.writer().decide([holds[0].id], .drop)
        let still = await (try travel(fixture).resume(run)).result()
        #expect(still.status == .held)
        #expect(try fixture.store.holds(in: run.id, isOpen: true).map(\.address.description) == ["i1.c2"])
        try await fixture.store.writer().decide([holds[1].id], .release)
        let end = await (try travel(fixture).resume(try fixture.store.run(run.id))).result()
        #expect(end.answer == "[None, '1']")
    }

    @Test func codeIsHeldBeforeItRunsAndAnswersBeforeTheyAreDelivered() async throws {
        let fixture = try ForkTests.counting([repl("x = llm_query('a')\nprint(x)"), repl("FINAL(x)")])
        let (_, run) = try await held(fixture, "before-run: /print/")
        let block = try #require(try fixture.store.holds(in: run.id).first)
        #expect(block.address.description == "i1.b1" && block.stage == .beforeRun)
        try await fixture.store.writer().decide(
            [block.id], .release, change: Change(code: "x = llm_query('b') + '!'").json)
        let delivered = await (try travel(fixture, ["before-deliver: depth>0"]).resume(run)).result()
        #expect(delivered.status == .held)
        let answer = try #require(try fixture.store.holds(in: run.id, isOpen: true).first)
        #expect(answer.address.description == "i1.c1" && answer.stage == .beforeDeliver && answer.preview == "1")
        try await fixture.store.writer().decide([answer.id], .answer("two"))
        let end = await (try travel(fixture).resume(try fixture.store.run(run.id))).result()
        #expect(end.answer == "two!")
        // What was paid is paid once, and kept beside what stands in for it.
        #expect(fixture.client.requests.filter { $0.model == "sub" }.map { $0.messages.last?.content } == ["b"])
        let node = try #require(try fixture.nodes(of: fixture.store.run(run.id))["i1.c1"])
        #expect(try fixture.store.completions(of: node.id).map(\.response) == ["1", "two"])
        #expect(try fixture.store.attempts(of: try #require(block.node.block)).map(\.code).count == 2)
    }

    @Test func aLiveRunTakesTheEditInPlace() async throws {
        let fixture = try ForkTests.counting([repl("FINAL(llm_query('Count slice 7'))")])
        var request = try fixture.request()
        request.holdRules = [try HoldRule("depth>0")]
        let live = try await LiveRun.start(request, in: fixture.store, clients: fixture)
        let hold = try await openHold(of: live.id, in: fixture)
        try await live.decide([hold.id], .release, change: Change(prompt: "Count slice 8"))
        // A hold is decided once.
        #expect(try await live.decide([hold.id], .drop) == [])
        #expect(await live.result().answer == "1")
        #expect(fixture.client.requests.last?.messages.last?.content == "Count slice 8")
    }

    @Test func aPausedRunSendsNothingUntilItIsLetGo() async throws {
        let fixture = try ForkTests.counting([repl("FINAL(llm_query('a') + llm_query('b'))")])
        var request = try fixture.request()
        request.holdRules = [try HoldRule("before-run: all")]
        let live = try await LiveRun.start(request, in: fixture.store, clients: fixture)
        let hold = try await openHold(of: live.id, in: fixture)
        live.pause()
        try await live.decide([hold.id], .release)
        try await Task.sleep(for: .milliseconds(300))
        #expect(fixture.client.requests.count == 1)
        live.step()
        try await until { fixture.client.requests.count == 2 }
        try await Task.sleep(for: .milliseconds(200))
        #expect(fixture.client.requests.count == 2)
        live.unpause()
        #expect(await live.result().answer == "11")
    }

    @Test func aHeldRunCanBeLeftAndCancelled() async throws {
        let fixture = try ForkTests.counting()
        var request = try fixture.request()
        request.holdRules = [try HoldRule("depth>0")]
        let live = try await LiveRun.start(request, in: fixture.store, clients: fixture)
        _ = try await openHold(of: live.id, in: fixture)
        live.leaveHeld()
        #expect(await live.result().status == .held)
        #expect(try fixture.store.run(live.id).status == .held)
        let again = try travel(fixture)
        let resumed = try await again.resume(fixture.store.run(live.id))
        resumed.cancel()
        #expect(await resumed.result().status == .cancelled)
    }

    @Test func aThousandHoldsAreLetGoAtOnce() async throws {
        let fixture = try ForkTests.counting([
            repl("answers = llm_query_batched([f'n{n}' for n in range(1000)])\nFINAL(str(len(answers)))")
        ])
        var request = try fixture.request()
        request.holdRules = [try HoldRule("depth>0")]
        let live = try await LiveRun.start(request, in: fixture.store, clients: fixture)
        try await until { (try? fixture.store.holds(in: live.id, isOpen: true).count) == 1_000 }
        let holds = try fixture.store.holds(in: live.id, isOpen: true)
        let clock = ContinuousClock.now
        try await live.decide(holds.map(\.id), .release)
        try await until { fixture.client.requests.count == 1_001 }
        #expect(ContinuousClock.now - clock < .seconds(1))
        #expect(await live.result().answer == "1000")
    }

    @Test func goingOnCannotPassALimitTwice() async throws {
        let fixture = try ForkTests.counting([
            repl("for n in range(10): llm_query(f'n{n}')\nFINAL('all')")
        ])
        var request = try fixture.request(limits: Limits(tokens: 1_000))
        request.holdRules = [try HoldRule("/n5/ & depth>0")]
        request.endsWhenHeld = true
        let (result, run) = try await fixture.run(request)
        #expect(result.status == .held && run.usage.known.totalTokens == 660)
        let hold = try #require(try fixture.store.holds(in: run.id, isOpen: true).first)
        try await fixture.store.writer().decide([hold.id], .release)
        let end = await (try travel(fixture).resume(run)).result()
        #expect(end.status == .limited && end.stopReason == .maxTokens)
        #expect(try fixture.store.run(run.id).usage.known.totalTokens ?? 0 <= 1_000)
    }

    @Test func aDroppedBlockNeverRuns() async throws {
        let fixture = try ForkTests.counting([repl("x = 1"), repl("FINAL(str('x' in globals()))")])
        let (_, run) = try await held(fixture, "before-run: /x = 1/")
        let hold = try #require(try fixture.store.holds(in: run.id, isOpen: true).first)
        try await fixture.store.writer().decide([hold.id], .drop)
        let end = await (try travel(fixture).resume(run)).result()
        #expect(end.answer == "False")
        let fork = try await travel(fixture).fork(
            fixture.store.run(run.id), at: Address("i2"), Change(response: repl("FINAL(str('x' in globals()) + '!')")))
        #expect(await fork.result().answer == "False!")
    }

    @Test(arguments: [true, false]) func whatHadItsAnswerWhenItWasKilledAsksNothingMore(isRootOpen: Bool) async throws {
        let fixture = try ForkTests.counting([repl("FINAL(llm_query('a'))"), repl("FINAL('another')")])
        let (_, run) = try await fixture.run()
        let asked = fixture.client.requests.count
        try fixture.killAtTheEnd(rootToo: isRootOpen)
        let killed = try fixture.store.run(run.id)
        #expect(killed.stopReason == .interrupted)
        let end = await (try travel(fixture).resume(killed)).result()
        #expect(end.status == .succeeded && end.answer == "1")
        #expect(fixture.client.requests.count == asked)
        #expect(try fixture.unfinishedRows() == [])
    }

    @Test func aHeldBestAnswerIsDecided() async throws {
        let fixture = try ForkTests.counting([repl("x = 1")])
        var request = try fixture.request(limits: Limits(iterations: 1))
        request.holdRules = [try HoldRule("/best answer/")]
        request.endsWhenHeld = true
        let (result, run) = try await fixture.run(request)
        #expect(result.status == .held)
        let hold = try #require(try fixture.store.holds(in: run.id, isOpen: true).first)
        #expect(hold.address.description == "i2")
        try await fixture.store.writer().decide([hold.id], .answer("by hand"))
        let end = await (try travel(fixture).resume(run)).result()
        #expect(end.status == .limited && end.stopReason == .maxIterations && end.answer == "by hand")
        #expect(fixture.client.requests.count == 1)
    }

    @Test func codeThatWasChangedAtAHoldRunsInForksToo() async throws {
        let fixture = try ForkTests.counting([repl("x = llm_query('a')\nFINAL(x)")])
        let (_, run) = try await held(fixture, "before-run: all")
        let hold = try #require(try fixture.store.holds(in: run.id, isOpen: true).first)
        try await fixture.store.writer().decide(
            [hold.id], .release, change: Change(code: "FINAL('changed ' + llm_query('a'))").json)
        #expect(await (try travel(fixture).resume(run)).result().answer == "changed 1")
        let fork = try await travel(fixture).fork(
            fixture.store.run(run.id), at: Address("i1.c1"), Change(response: "2"))
        #expect(await fork.result().answer == "changed 2")
    }

    @Test func whatWasPaidSurvivesBeingBrokenOffTwice() async throws {
        let fixture = try ForkTests.counting([
            repl("FINAL(str(len([llm_query(f'n{n}') for n in range(6)])))")
        ])
        let (_, run) = try await held(fixture, "depth>0 & /n3/")
        // Cancelled, gone on with and left at its first request, and gone on with again.
        let first = try await travel(fixture).resume(run)
        first.cancel()
        _ = await first.result()
        let second = await (try travel(fixture, ["depth>0"]).resume(try fixture.store.run(run.id))).result()
        #expect(second.status == .held)
        let holds = try fixture.store.holds(in: run.id, isOpen: true)
        try await fixture.store.writer().decide(holds.map(\.id), .release)
        let end = await (try travel(fixture).resume(try fixture.store.run(run.id))).result()
        #expect(end.answer == "6")
        let asked = fixture.client.requests.filter { $0.model == "sub" }.compactMap { $0.messages.last?.content }
        #expect(asked.count == Set(asked).count && asked.count == 6, "\(asked)")
    }

    @Test func whatIsNotAskedAgainIsEnded() async throws {
        // The code asks something else each time it runs.
        let fixture = try ForkTests.counting([
            repl("import os\nFINAL(llm_query(os.urandom(8).hex()))")
        ])
        let (_, run) = try await held(fixture, "depth>0")
        let hold = try #require(try fixture.store.holds(in: run.id, isOpen: true).first)
        try await fixture.store.writer().decide([hold.id], .release)
        let end = await (try travel(fixture).resume(run)).result()
        #expect(end.answer == "1" && end.diverged.map(\.description) == ["i1.c1"])
        let nodes = try fixture.nodes(of: fixture.store.run(run.id))
        #expect(nodes["i1.c1"]?.status == .cancelled && nodes["i1.c2"]?.status == .succeeded)
        #expect(try fixture.unfinishedRows() == [])
    }

    // MARK: -

    private func openHold(of run: RunID, in fixture: EngineFixture) async throws -> Hold {
        try await until { (try? fixture.store.holds(in: run, isOpen: true).isEmpty) == false }
        return try #require(try fixture.store.holds(in: run, isOpen: true).first)
    }

    private func until(_ condition: () -> Bool) async throws {
        #expect(await waitUntil(seconds: 30) { condition() })
    }
}

extension NodeID {
    var block: BlockID? { if case .block(let id) = self { id } else { nil } }
}
