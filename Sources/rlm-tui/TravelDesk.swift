package import Application
import Configuration
package import Engine
import Foundation
import LMClients
import REPL
import Synchronization
package import Trajectory
import TrajectoryStore

/// What the explorer asks for beyond looking: running nodes again, forks, resuming, and decisions about holds of runs whose
/// engine has left. The runs it starts live in this process, and are waited for when the explorer has been left.
final class TravelDesk: Sendable {
    private let store: TrajectoryStore
    /// The REPL of the last run of this process, from which a fork begins at once.
    private let keeper: REPLKeeper
    private let runs = Mutex<[LiveRun]>([])

    /// Nil where the store can only be read.
    init?(store: TrajectoryStore, keeper: REPLKeeper) {
        guard (try? store.writer()) != nil else { return nil }
        self.store = store
        self.keeper = keeper
    }

    /// Ends what still goes on here, and waits for it.
    func close() async {
        let live = runs.withLock { $0 }
        for run in live where !run.isFinished { run.cancel() }
        for run in live { _ = await run.result() }
        await keeper.close()
    }

    private func travel(_ run: Run) throws -> TimeTravel {
        let preferences = try Preferences.load()
        let settings = preferences.settings
        var options = TimeTravel.Options()
        options.price = { usage, model in settings.prices.cost(of: usage, model: model) }
        options.keeper = keeper
        let registry = ClientRegistry(
            environment: ProcessInfo.processInfo.environment,
            baseURL: run.settings.baseURL,
            baseURLProvider: run.model.flatMap(Model.init)?.provider ?? "openai",
            settings: settings.providers
        )
        return TimeTravel(store: store, clients: registry, options: options)
    }

    /// What is thrown is said in one line at the bottom of the screen.
    private func saying<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as StoreError { throw error } catch {
            throw TravelProblem("\(error)")
        }
    }

    private func keep(_ run: LiveRun) -> LiveRun {
        runs.withLock { $0.append(run) }
        return run
    }
}

extension TravelDesk: TravelControl {
    func forecast(_ edit: NodeEdit, of run: RunID) async throws -> TravelForecast {
        try await saying {
            let run = try store.run(run)
            let made = try travel(run).forecast(run, at: edit.address, Change(edit))
            return TravelForecast(
                liveCalls: made.liveCalls, recordedCalls: made.recordedCalls, iterations: made.iterations,
                tokens: made.tokens, cost: made.cost, cannotRepeat: made.cannotRepeat)
        }
    }

    func rerun(_ edit: NodeEdit, of run: RunID) async throws -> Address {
        try await saying {
            let run = try store.run(run)
            return try await travel(run).rerun(run, at: edit.address, Change(edit)).address
        }
    }

    func fork(_ edit: NodeEdit, of run: RunID) async throws -> any RunControl {
        try await saying {
            let run = try store.run(run)
            return keep(try await travel(run).fork(run, at: edit.address, Change(edit)))
        }
    }

    func resume(_ run: RunID) async throws -> any RunControl {
        try await saying {
            let run = try store.run(run)
            return keep(try await travel(run).resume(run))
        }
    }

    func decide(_ holds: [HoldID], _ decision: Hold.Decision, edit: NodeEdit?) async throws {
        _ = try await store.writer().decide(holds, decision, change: edit.map { Change($0).json })
    }

    func describe(_ run: RunID, name: String?, note: String?) async throws {
        try await store.writer().describe(run: run, name: name, note: note)
    }

    func problem(inCode code: String) throws -> String? {
        try PythonSyntax.check(code).map { problem in
            problem.message + (problem.line.map { ", line \($0)" } ?? "")
        }
    }
}

extension Change {
    init(_ edit: NodeEdit) {
        self.init(
            prompt: edit.prompt, response: edit.response, code: edit.code, model: edit.model, sampling: edit.sampling)
    }
}

extension LiveRun: RunControl {
    package var holdRuleTexts: [String] { holdRules.map(\.description) }

    package func setHoldRules(_ texts: [String]) throws {
        var rules: [HoldRule] = []
        for (place, text) in texts.enumerated() {
            do throws(HoldRuleError) { rules.append(try HoldRule(text)) } catch {
                throw HoldRuleProblem(rule: place, column: error.column, message: error.message)
            }
        }
        setHoldRules(rules)
    }

    package func decide(_ holds: [HoldID], _ decision: Hold.Decision, edit: NodeEdit?) async throws {
        try await decide(holds, decision, change: edit.map(Change.init))
    }
}
