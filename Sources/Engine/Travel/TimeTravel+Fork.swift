import Foundation
import LMClients
import REPL
package import Trajectory
import TrajectoryStore

extension TimeTravel {
    /// Continues a run from a change: a fork that shares what lies before the address, has the change in it, and goes on.
    /// What the run had asked a model for before is not asked again.
    ///
    /// Throws `TravelError`, `StoreError`, `REPLError`, `CompletionError` where nothing was begun.
    package func fork(_ run: Run, at address: Address, _ change: Change, name: String? = nil) async throws -> LiveRun {
        try await fork(run, at: address, change, name: name, overrides: [:], alsoRecorded: nil)
    }

    /// - Parameters:
    ///   - overrides: further answers that stand in for the models'.
    ///   - other: a run whose answers are given too, where this one has none.
    func fork(
        _ run: Run, at address: Address, _ change: Change, name: String?, overrides: [Address: String],
        alsoRecorded other: Run?
    ) async throws -> LiveRun {
        let address = Address(steps: address.steps)
        let node = try node(address, of: run, change, isForked: true)
        guard node.status.isFinal else {
            throw TravelError("\(address) of run \(run.id) has not ended yet")
        }
        guard let original = run.root else { throw TravelError("run \(run.id) has no root call") }
        var request = try request(of: run)
        let steps = address.steps
        if steps.count <= 1 {
            // From here on everything is asked of it.
            if let model = change.model.flatMap(Model.init) { request.model = model }
            request.sampling.merge(change.sampling ?? [:]) { _, new in new }
        }
        if steps.isEmpty, let question = change.prompt { request.question = question }
        try LiveRun.check(request, clients)
        let contexts = try contexts(of: run)

        let writer = try store.writer()
        var context = RunContext(
            request, id: .random(), store: store, writer: writer, loader: loader(writer), clients: clients)
        context.overrides = overrides
        context.recordedSampling = try self.request(of: run).sampling
        // Where it begins is found before anything is written.
        func call(_ id: CallID, _ contexts: [OpenedContext]) -> RLMCall {
            RLMCall(
                id: id, depth: 0, address: .root, model: request.model, question: request.question, contexts: contexts,
                run: context)
        }
        var path = ChangePath(from: original, at: address, change)
        path.tried = try tried(node)
        let retrace = try Retrace(context, reading: run.id, retriesFailures: options.retriesFailures)
        var start: LoopStart?
        if steps.isEmpty {
            try retrace.record(from: path)
        } else {
            start = try retrace.start(of: call(original, contexts), on: path)
        }
        if let other = other?.root {
            try retrace.record(from: ChangePath(original: other, iteration: 1, rest: [], change: Change()), with: 1)
        }
        let root = try await writer.begin(
            run: NewRun(
                id: context.id,
                session: nil,
                question: request.question,
                model: request.model.description,
                subModel: context.subModel.description,
                environment: request.environment.rawValue,
                mode: run.mode,
                settings: request.settings,
                contexts: contexts.map(\.context),
                origin: .live,
                createdAt: Date(),
                forkedFrom: run.id,
                forkedAt: address,
                change: change.json,
                name: name,
                hashSeed: context.seeds.hash,
                randomSeed: context.seeds.random
            )
        )
        if !steps.isEmpty, var found = await options.keeper?.take(run.id, before: path.iteration) {
            found.kept.points[context.id] = found.kept.points[run.id]?.filter { $0.key < path.iteration }
            start?.kept = found
        }
        let described = steps.isEmpty ? try contexts.map { try ContextLoader.described($0) } : contexts
        if steps.isEmpty, let system = change.system {
            let question = UserMessages.question(request.question, contexts: described)
            start = LoopStart(progress: Progress(system: system, question: question))
        }
        return LiveRun(call(root, described), from: start, endsWhenHeld: request.endsWhenHeld)
    }
}
