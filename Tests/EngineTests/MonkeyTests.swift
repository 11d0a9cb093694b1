import Engine
import Foundation
import LMClients
import Synchronization
import TestSupport
import Testing
import Trajectory
import TrajectoryStore

/// Random sequences of everything that a hand can do to a run, with a real Python: each comes to an end, leaves no
/// process and no row without an end, and what it was forked from as it was.
struct MonkeyTests {
    private enum Action: CaseIterable {
        case pause, unpause, step, setRules, release, releaseAll, change, answer, drop, cancel, leaveHeld, resume, fork,
            wait
    }

    /// All of them with RLM_TUI_SOAK; a part, and not longer than a bound, in every test run.
    private static var sequences: Int { ProcessInfo.processInfo.environment["RLM_TUI_SOAK"] == nil ? 40 : 500 }
    private static let bound: Duration = .seconds(
        ProcessInfo.processInfo.environment["RLM_TUI_SOAK"] == nil ? 20 : 3_000)

    private static let programs: [[String]] = [
        [
            repl("answers = llm_query_batched([f'n{n}' for n in range(12)])\nprint(len(answers))"),
            repl("FINAL('batch')"),
        ],
        [
            repl(
                """
                said = []
                for n in range(6):
                    try:
                        said.append(llm_query(f"s{n}"))
                    except SubcallError as error:
                        said.append(error.kind)
                print(said)
                """), repl("print(1/0)"), repl("FINAL('sequence')"),
        ],
        [
            repl("parts = rlm_query_batched(['one', 'two', 'three'])\nprint(parts)"),
            repl("FINAL('nested')"),
        ],
        [
            repl(
                """
                import threading
                said = []
                threads = [threading.Thread(target=lambda n=n: said.append(llm_query(f"t{n}"))) for n in range(5)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                print(len(said))
                """), repl("FINAL('threads')"),
        ],
        [
            repl(
                "try:\n    llm_query_batched(['a', 'b', 'fail'])\nexcept BatchError as error:\n    print(error.answers)"
            ),
            repl("import time\nx = llm_query('c')\ntime.sleep(0.01)\nFINAL(x)"),
        ],
    ]

    private static let rules = [
        "depth>0", "before-run: all", "before-deliver: all", "error", "depth=0", "/n3|s2|t1/",
        "before-deliver: depth>0",
        "before-run: /FINAL/", "model:sub & tokens<100", "!all",
    ]

    private func fixture(_ program: [String], _ delay: Int) throws -> EngineFixture {
        try EngineFixture { request, _ async throws(CompletionError) in
            if delay > 0 {
                do { try await Task.sleep(for: .milliseconds(delay)) } catch {
                    throw CompletionError(code: .cancelled, model: "scripted", message: "cancelled")
                }
            }
            let prompt = request.messages.last?.content ?? ""
            if request.model == "sub", request.messages.count == 1 {
                if prompt == "fail" {
                    throw CompletionError(code: .contentFilter, model: "scripted/sub", message: "no")
                }
                return EngineFixture.answer("<\(prompt)>")
            }
            let turn = request.messages.filter { $0.role == .assistant }.count
            if request.messages.contains(where: { $0.content.contains("The request is in the context itself") }) {
                return EngineFixture.answer(
                    turn == 0 ? repl("a = llm_query('deep ' + context)") : repl("FINAL(a)"))
            }
            return EngineFixture.answer(program[min(turn, program.count - 1)])
        }
    }

    @Test func whateverIsDoneARunEndsAndLeavesNothing() async throws {
        let processesBefore = Self.pythons()
        let clock = ContinuousClock.now
        var done = 0
        for number in 0..<Self.sequences where ContinuousClock.now - clock < Self.bound {
            // A failure names its seed; the same seed does the same things, though not at the same moments.
            let seed = UInt64(Date().timeIntervalSince1970 * 1_000) &+ UInt64(number)
            try await sequence(seed: seed)
            done += 1
        }
        #expect(done > 0)
        #expect(
            await waitUntil { Self.pythons().subtracting(processesBefore).isEmpty },
            "left: \(Self.pythons().subtracting(processesBefore))")
    }

    private func sequence(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let program = Self.programs.randomElement(using: &random) ?? []
        let fixture = try fixture(program, [0, 0, 3, 15].randomElement(using: &random) ?? 0)
        var request = try fixture.request(limits: Limits(depth: 2))
        if Bool.random(using: &random) { request.holdRules = [try Self.rule(&random)] }
        let keeper = REPLKeeper()
        if Bool.random(using: &random) { request.keeper = keeper }
        var live = try await LiveRun.start(request, in: fixture.store, clients: fixture)
        var done: [Action] = []
        for _ in 0..<Int.random(in: 3...14, using: &random) {
            let action = Action.allCases.randomElement(using: &random) ?? .wait
            done.append(action)
            live = try await act(action, on: live, in: fixture, request.keeper, &random)
        }
        let comment = Comment(rawValue: "seed \(seed), program \(program): \(done.map { "\($0)" })")
        // Then it is let go, and must come to an end by itself.
        live.setHoldRules([])
        live.unpause()
        let last = live
        let isOver = await waitUntil(seconds: 30) {
            if let open = try? fixture.store.holds(in: last.id, isOpen: true), !open.isEmpty {
                _ = try? await last.decide(open.map(\.id), .release)
            }
            return last.isFinished
        }
        #expect(isOver, comment)
        guard isOver else { return }
        var result = await live.result()
        if result.status == .held {
            let open = try fixture.store.holds(in: live.id, isOpen: true)
            try await fixture.store.writer().decide(open.map(\.id), .release)
            let resumed = try await TimeTravel(store: fixture.store, clients: fixture)
                .resume(fixture.store.run(live.id))
            #expect(await waitUntil(seconds: 30) { resumed.isFinished }, comment)
            guard resumed.isFinished else { return }
            result = await resumed.result()
        }
        await keeper.close()
        #expect(result.failure?.kind != "store", Comment(rawValue: "\(comment) \(result.failure?.message ?? "")"))
        try await fixture.store.writer().flush()
        #expect(try fixture.store.integrityCheck() == [], comment)
        let unfinished = try fixture.unfinishedRows(isEnded: true)
        #expect(unfinished == [], comment)
    }

    private static func rule(_ random: inout SeededGenerator) throws -> HoldRule {
        try HoldRule(rules.randomElement(using: &random) ?? "all")
    }

    /// Does one thing; gives the run that goes on from there.
    private func act(
        _ action: Action, on live: LiveRun, in fixture: EngineFixture, _ keeper: REPLKeeper?,
        _ random: inout SeededGenerator
    ) async throws -> LiveRun {
        var options = TimeTravel.Options()
        options.keeper = keeper
        let travel = TimeTravel(store: fixture.store, clients: fixture, options: options)
        let open = try fixture.store.holds(in: live.id, isOpen: true)
        let one = open.randomElement(using: &random)
        switch action {
        case .pause: live.pause()
        case .unpause: live.unpause()
        case .step: live.step()
        case .setRules: live.setHoldRules(Bool.random(using: &random) ? [] : [try Self.rule(&random)])
        case .release: if let one { try await live.decide([one.id], .release) }
        case .releaseAll: try await live.decide(open.map(\.id), .release)
        case .change:
            guard let one else { break }
            let change =
                one.stage == .beforeRun
                ? Change(code: "print('changed')") : Change(prompt: "changed", sampling: ["temperature": "0.1"])
            try await live.decide([one.id], .release, change: change)
        case .answer:
            if let one { try await live.decide([one.id], .answer(one.stage == .beforeRun ? "x = 3" : "by hand")) }
        case .drop: if let one { try await live.decide([one.id], .drop) }
        case .cancel where Bool.random(using: &random): live.cancel()
        case .leaveHeld: live.leaveHeld()
        case .cancel, .resume:
            // Somebody waits for the end of the one before it goes on.
            guard await waitUntil(seconds: 0.05, { live.isFinished }) else { break }
            let run = try fixture.store.run(live.id)
            guard [.held, .cancelled, .failed].contains(run.status) else { break }
            return try await travel.resume(run)
        case .fork:
            let nodes = try fixture.nodes(of: fixture.store.run(live.id)).values
                .filter { $0.status.isFinal && $0.kind == .llm }
                .sorted { $0.address.description < $1.address.description }
            guard let node = nodes.randomElement(using: &random) else { break }
            let before = try fixture.store.run(live.id)
            let fork = try await travel.fork(
                before, at: node.address,
                Bool.random(using: &random) ? Change(response: "other") : Change(prompt: "another prompt"))
            live.setHoldRules([])
            live.cancel()
            _ = await live.result()
            return fork
        case .wait: try await Task.sleep(for: .milliseconds(Int.random(in: 1...60, using: &random)))
        }
        return live
    }

    /// Python processes that this process started.
    private static func pythons() -> Set<Int32> {
        var parents: [Int32: (parent: Int32, name: Substring)] = [:]
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(entry), let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else {
                continue
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { continue }
            let fields = text[text.index(after: close)...].split(separator: " ")
            guard fields.count > 1, fields[0] != "Z", let parent = Int32(fields[1]) else { continue }
            parents[pid] = (parent, text[text.index(after: open)..<close])
        }
        let own = getpid()
        return Set(
            parents.filter { pid, entry in
                guard entry.name.hasPrefix("python") || entry.name == "bwrap" else { return false }
                var above = entry.parent
                while above > 1, above != own { above = parents[above]?.parent ?? 0 }
                return above == own
            }.keys)
    }
}
