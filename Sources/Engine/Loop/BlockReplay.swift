import Foundation
import LMClients
import REPL
import Synchronization
import Trajectory

/// Answers the sub-calls of a block that is run again as they were answered the first time: those asked the same in their
/// order, and where something else is asked, in the order of asking. Nothing is sent and nothing is written.
final class BlockReplay: Sendable {
    private struct State {
        var calls: [ReplayedCall]
        /// What was asked that had not been asked before.
        var unexpected = 0
    }

    private let state: Mutex<State>
    private let run: RunContext

    init(_ calls: [ReplayedCall], of run: RunContext) {
        state = Mutex(State(calls: calls))
        self.run = run
    }

    func outcomes(of request: SubcallRequest, kind: Call.Kind, model: Model) -> [SubcallOutcome] {
        request.prompts.map { prompt in
            let keys = [
                RequestKey.key(of: run.recordedRequest(prompt, to: model), to: model), RequestKey.key(of: prompt),
            ]
            let call = state.withLock { state -> ReplayedCall? in
                if let index = state.calls.firstIndex(where: { call in
                    call.kind == kind && call.keys.contains { keys.contains($0) }
                }) {
                    return state.calls.remove(at: index)
                }
                state.unexpected += 1
                return state.calls.isEmpty ? nil : state.calls.removeFirst()
            }
            guard let call else {
                let message = "this was not asked when the block first ran, and nothing is sent while it runs again"
                return .failure(Failure(kind: "not_recorded", message: message))
            }
            run.journal.countRecorded()
            return call.outcome
        }
    }

    /// How it differed from what was recorded; nil where it did not.
    var difference: String? {
        state.withLock { state in
            if state.unexpected > 0 { return "it asked \(state.unexpected) sub-calls that it had not asked before" }
            return state.calls.isEmpty ? nil : "it asked \(state.calls.count) sub-calls fewer"
        }
    }
}
