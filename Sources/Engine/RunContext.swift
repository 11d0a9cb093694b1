import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// What all calls of one run share.
struct RunContext: Sendable {
    let id: RunID
    /// The best answer of the root so far, for the case that the store fails.
    let bestSoFar = BestAnswer()
    let store: TrajectoryStore
    let writer: TrajectoryWriter
    let dispatcher: Dispatcher
    let recursions: RecursionGate
    let contexts: ContextLoader
    let rootModel: Model
    let subModel: Model
    let environment: REPLEnvironment
    let replLimits: REPLLimits
    let seeds: REPLSeeds
    let sampling: [String: String]
    let seed: Int?
    let desk: HoldDesk
    let activity: RunActivity
    let keeper: REPLKeeper?
    let mayGoOn: (@Sendable ([String]) async -> Bool)?
    /// What is answered from an earlier execution; empty in a plain run.
    var recording = Recording()
    /// What this run had been answered in iterations that were broken off; comes before the recording.
    let paid = Recording()
    /// The sampling of what is run again, where this run has another.
    var recordedSampling: [String: String]?
    var journal = RunJournal()
    /// Answers that stand in for the models' at these addresses, of calls and iterations.
    var overrides: [Address: String] = [:]

    /// - Parameter carried: holds of an earlier engine.
    init(
        _ request: RunRequest,
        id: RunID,
        store: TrajectoryStore,
        writer: TrajectoryWriter,
        loader: ContextLoader,
        clients: any ClientSource,
        carried: [Hold] = []
    ) {
        self.id = id
        self.store = store
        self.writer = writer
        contexts = loader
        activity = RunActivity()
        desk = HoldDesk(writer: writer, activity: activity, rules: request.holdRules, carried: carried)
        dispatcher = Dispatcher(
            ledger: LimitLedger(limits: request.limits, price: request.price), clients: clients, writer: writer,
            price: request.price, holds: desk)
        recursions = RecursionGate(places: ChildCalls.concurrentRecursions, deepest: request.limits.depth - 1)
        rootModel = request.model
        subModel = request.subModel ?? request.model
        environment = request.environment
        replLimits = request.replLimits
        seeds = request.seeds
        sampling = request.sampling
        seed = request.seed
        keeper = request.keeper
        mayGoOn = request.mayGoOn
    }

    var ledger: LimitLedger { dispatcher.ledger }
    var limits: Limits { dispatcher.ledger.limits }

    /// The model that code named. It may choose among the models of the run's own providers and no others: whom a
    /// context is sent to is the user's choice, not the code's.
    func model(named text: String) -> Model {
        if let model = Model(text), [rootModel.provider, subModel.provider].contains(model.provider) { return model }
        return Model(provider: subModel.provider, name: text)
    }

    /// The next answer that needs no model.
    func answer(to request: CompletionRequest, of model: Model, kind: Call.Kind) -> Recording.Answer? {
        paid.next(for: request, to: model, kind: kind) ?? recording.next(for: request, to: model, kind: kind)
    }

    /// A request as it was recorded when the code of a block first asked for it.
    func recordedRequest(_ prompt: [Message], to model: Model) -> CompletionRequest {
        CompletionRequest(model: model.name, messages: prompt, sampling: recordedSampling ?? sampling, seed: seed)
    }

    /// A request to a sub-model, as the code of a block asks for it.
    func request(_ prompt: [Message], to model: Model) -> CompletionRequest {
        CompletionRequest(model: model.name, messages: prompt, sampling: sampling, seed: seed)
    }
}
