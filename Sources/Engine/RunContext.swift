import REPL
import Trajectory
import TrajectoryStore

/// What all calls of one run share.
struct RunContext: Sendable {
    /// The best answer of the root so far, for the case that the store fails.
    let bestSoFar = BestAnswer()
    let writer: TrajectoryWriter
    let dispatcher: Dispatcher
    let recursions: RecursionGate
    let contexts: ContextLoader
    let rootModel: Model
    let subModel: Model
    let environment: REPLEnvironment
    let replLimits: REPLLimits
    let sampling: [String: String]
    let seed: Int?

    var ledger: LimitLedger { dispatcher.ledger }
    var limits: Limits { dispatcher.ledger.limits }

    /// The model that code named. It may choose among the models of the run's own providers and no others: whom a
    /// context is sent to is the user's choice, not the code's.
    func model(named text: String) -> Model {
        if let model = Model(text), [rootModel.provider, subModel.provider].contains(model.provider) { return model }
        return Model(provider: subModel.provider, name: text)
    }
}
