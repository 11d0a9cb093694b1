import Foundation
import LMClients
package import REPL
package import Trajectory
package import TrajectoryStore

/// Goes back to stored runs: runs a node again, forks a run at a change, or goes on with one that was broken off.
///
/// The run itself is never changed: what is run again alone is another attempt, and what goes on from a change is a run of
/// its own, a fork, that shares what lies before the change.
///
/// For example:
///
///     let travel = TimeTravel(store: store, clients: registry)
///     let fork = try await travel.fork(run, at: Address("i1.c4"), Change(prompt: "Count again: …"))
///     let result = await fork.result()
package struct TimeTravel: Sendable {
    /// What may be said anew when going back; nil is as the run had it.
    package struct Options: Sendable {
        package var environment: REPLEnvironment?
        package var baseURL: String?
        package var holdRules: [HoldRule] = []
        package var endsWhenHeld = false
        /// Is asked, with what did not repeat what was recorded, whether to go on all the same; nil goes on.
        package var mayGoOn: (@Sendable ([String]) async -> Bool)?
        /// Asks what failed again, instead of giving the recorded failure again.
        package var retriesFailures = false
        package var replLimits = REPLLimits()
        /// Where the REPL of the last run of this process is kept; it stands in for running recorded blocks again.
        package var keeper: REPLKeeper?
        package var price: @Sendable (Usage, Model) -> Double? = { _, _ in nil }

        package init() {}
    }

    let store: TrajectoryStore
    let clients: any ClientSource
    let options: Options

    package init(store: TrajectoryStore, clients: any ClientSource, options: Options = Options()) {
        self.store = store
        self.clients = clients
        self.options = options
    }

    /// What a stored run would be asked for with today.
    package func request(of run: Run) throws -> RunRequest {
        guard let root = run.model else {
            throw TravelError("run \(run.id) does not say which model it asked, so that it cannot go on")
        }
        let settings = run.settings
        var request = RunRequest(
            question: run.question,
            contexts: [],
            model: Self.model(root),
            subModel: run.subModel.map(Self.model),
            limits: Limits(settings),
            environment: options.environment ?? run.environment.flatMap(REPLEnvironment.init(rawValue:)) ?? .sandbox,
            replLimits: options.replLimits,
            sampling: settings.sampling,
            seed: settings.seed,
            baseURL: options.baseURL ?? settings.baseURL,
            price: options.price
        )
        // A run of an older version, or of another tool, has none: then they are what they were not, by chance, made of.
        request.seeds = REPLSeeds(
            hash: run.hashSeed ?? request.seeds.hash, random: run.randomSeed ?? request.seeds.random)
        request.holdRules = options.holdRules
        request.endsWhenHeld = options.endsWhenHeld
        request.keeper = options.keeper
        request.mayGoOn = options.mayGoOn
        return request
    }

    /// Other tools write models without their provider.
    private static func model(_ text: String) -> Model { Model(text) ?? Model(provider: "openai", name: text) }

    /// The contexts of a stored run. Throws where one is not there any more.
    func contexts(of run: Run) throws -> [OpenedContext] {
        let contexts = try store.contexts(of: run.id)
        if contexts.isEmpty, run.origin == .imported {
            throw TravelError(
                "run \(run.id) was imported from \(run.source ?? "a file") that has no context in it, so that its code "
                    + "cannot run again; 'rerun' without --continue asks one call again")
        }
        return try contexts.map { context in
            let path = store.contextPath(context.hash)
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw TravelError("\(context.name) of run \(run.id) is not there any more: \(path) cannot be read")
            }
            return OpenedContext(context: context, path: path, length: "", beginning: "")
        }
    }

    func loader(_ writer: TrajectoryWriter) -> ContextLoader {
        ContextLoader(writer: writer, store: store) { source in
            throw ContextError(source: source, problem: "nothing is fetched again")
        }
    }

    /// The node, once what is to be changed about it can be.
    func node(_ address: Address, of run: Run, _ change: Change, isForked: Bool) throws -> Node {
        let node = try store.node(at: Address(steps: address.steps), in: run.id)
        if let code = change.code, code.allSatisfy(\.isWhitespace) { throw TravelError("the code is empty") }
        if let model = change.model, Model(model) == nil {
            throw TravelError("'\(model)' is no model: models are written PROVIDER/NAME, such as openai/gpt-5")
        }
        let known: [(isGiven: Bool, word: String, kinds: Set<NodeKind>)] = [
            (change.prompt != nil, "--prompt", [.root, .llm, .rlm]),
            (change.response != nil, "--response", [.iteration, .llm, .rlm]),
            (change.code != nil, "--code", [.block]),
            (change.model != nil, "--model", [.root, .iteration, .llm, .rlm]),
            (change.sampling != nil, "--sampling", [.root, .iteration, .llm, .rlm]),
            (change.system != nil, "--system", [.root]),
        ]
        let kind = NodeKind(node)
        for option in known where option.isGiven && !option.kinds.contains(kind) {
            let kinds = option.kinds.map(\.rawValue).sorted().joined(separator: ", ")
            throw TravelError("\(address) is \(kind.rawValue), and \(option.word) is for \(kinds)")
        }
        guard !isForked, kind == .root || kind == .rlm else { return node }
        throw TravelError("\(address) is \(kind.rawValue): it is run again with --continue only, as a run of its own")
    }

    /// What later attempts of a sub-call were answered.
    func tried(_ node: Node) throws -> [Completion] {
        guard node.kind == .llm else { return [] }
        return try store.completions(of: node.id).filter {
            $0.attempt > 1 && $0.status == .succeeded && $0.origin == .live && $0.response != nil
        }
    }

    private enum NodeKind: String {
        case root = "the root call"
        case rlm = "a recursive call"
        case llm = "a sub-call"
        case iteration = "an iteration"
        case block = "a code block"

        init(_ node: Node) {
            switch node.kind {
            case .rlm: self = node.address.steps.isEmpty ? .root : .rlm
            case .llm: self = .llm
            case .iteration: self = .iteration
            case .block: self = .block
            }
        }
    }
}

extension Limits {
    /// Those that a stored run had.
    init(_ settings: RunSettings) {
        let usual = Limits()
        self.init(
            depth: settings.maxDepth ?? usual.depth,
            iterations: settings.maxIterations ?? usual.iterations,
            budget: settings.maxBudget,
            tokens: settings.maxTokens,
            timeout: settings.maxTimeout,
            errors: settings.maxErrors ?? usual.errors,
            subcalls: settings.maxSubcalls ?? usual.subcalls,
            concurrentSubcalls: settings.maxConcurrentSubcalls ?? usual.concurrentSubcalls
        )
    }
}
