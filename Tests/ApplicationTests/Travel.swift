import Foundation
import Synchronization
import Trajectory

@testable import Application

/// Time travel that a test decides about: remembers what it was asked for, and does as it is told.
final class Travel: TravelControl, Sendable {
    struct State: Sendable {
        var forecasts: [NodeEdit] = []
        var reruns: [NodeEdit] = []
        var forks: [NodeEdit] = []
        var decisions: [(holds: [HoldID], decision: Hold.Decision, edit: NodeEdit?)] = []
        var descriptions: [(run: RunID, name: String?, note: String?)] = []
        var checked: [String] = []
        var problem: String?
    }

    let state = Mutex(State())
    /// What a fork begins.
    let control: TestApp.Control

    init(fork: String = "f0f0") { control = TestApp.Control(id: RunID(rawValue: fork)) }

    func forecast(_ edit: NodeEdit, of run: RunID) async throws -> TravelForecast {
        state.withLock { $0.forecasts.append(edit) }
        return TravelForecast(
            liveCalls: 1, recordedCalls: 99, iterations: nil, tokens: 5_100, cost: 0.02,
            cannotRepeat: ["i1.b1: reads the clock (time.time)"])
    }

    func rerun(_ edit: NodeEdit, of run: RunID) async throws -> Address {
        if let problem = state.withLock({ $0.problem }) { throw TravelProblem(problem) }
        return state.withLock { state in
            state.reruns.append(edit)
            return Address(steps: edit.address.steps, attempt: 1 + state.reruns.count)
        }
    }

    func fork(_ edit: NodeEdit, of run: RunID) async throws -> any RunControl {
        if let problem = state.withLock({ $0.problem }) { throw TravelProblem(problem) }
        state.withLock { $0.forks.append(edit) }
        return control
    }

    func resume(_ run: RunID) async throws -> any RunControl { control }

    func decide(_ holds: [HoldID], _ decision: Hold.Decision, edit: NodeEdit?) async throws {
        state.withLock { $0.decisions.append((holds, decision, edit)) }
    }

    func describe(_ run: RunID, name: String?, note: String?) async throws {
        state.withLock { $0.descriptions.append((run, name, note)) }
    }

    func problem(inCode code: String) throws -> String? {
        state.withLock { $0.checked.append(code) }
        return code.contains("(((") ? "'(' was never closed, line 1" : nil
    }
}
