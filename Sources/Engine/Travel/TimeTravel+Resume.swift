import Foundation
package import Trajectory
import TrajectoryStore

extension TimeTravel {
    /// Goes on with a run that was broken off: its engine went away, a person cancelled it, its server failed, or it waits
    /// for holds to be decided. Answers that were paid are not asked for again.
    ///
    /// Throws `TravelError` where there is nothing to go on with, and as `fork` does.
    package func resume(_ run: Run) async throws -> LiveRun {
        try checkCanGoOn(run)
        guard let root = run.root else { throw TravelError("run \(run.id) has no root call") }
        let request = try request(of: run)
        let contexts = try contexts(of: run)
        let writer = try store.writer()
        let context = RunContext(
            request, id: run.id, store: store, writer: writer, loader: loader(writer), clients: clients,
            // Those that ended with their run were never decided, and hold nothing any more.
            carried: try store.holds(in: run.id).filter { $0.releasedAt == nil || $0.decision != nil })
        let hasBegun = run.iterations > 0
        let call = RLMCall(
            id: root, depth: 0, address: .root, model: request.model, question: run.question,
            contexts: hasBegun ? contexts : try contexts.map { try ContextLoader.described($0) }, run: context)
        let retrace = try Retrace(context, retriesFailures: options.retriesFailures)
        let path = try path(of: run)
        // A fork of the root shares nothing but the answers; any other goes on along its path.
        if let path, run.forkedAt == .root { try retrace.record(from: path, usedBy: root, from: 1) }
        let start = try retrace.open(call, on: run.forkedAt == .root ? nil : path)
        // Sub-calls of the iteration that was broken off are asked for, and counted, again; what a fork shares is another's.
        let kept = start.replay.filter { block in
            guard let first = path?.iteration, case .iteration(let number)? = block.address.steps.first else {
                return true
            }
            return number >= first
        }
        context.ledger.charge(run.usage.known, subcalls: kept.reduce(0) { $0 + $1.calls.count })
        try await writer.setStatus(run: run.id, .running)
        return LiveRun(call, from: start, endsWhenHeld: request.endsWhenHeld)
    }

    /// What a fork changed; nil for a run that is none, or whose original is not there any more.
    private func path(of fork: Run) throws -> ChangePath? {
        guard let original = fork.forkedFrom, let address = fork.forkedAt,
            let change = fork.change.flatMap(Change.init(json:)),
            let root = try? store.run(original).root
        else { return nil }
        var path = ChangePath(from: root, at: address, change)
        if let node = try? store.node(at: address, in: original) { path.tried = try tried(node) }
        return path
    }

    /// Throws `TravelError` where there is nothing to go on with.
    package func checkCanGoOn(_ run: Run) throws {
        if run.origin == .imported {
            throw TravelError("run \(run.id) was imported: it can be forked ('rerun … --continue'), not gone on with")
        }
        switch run.status {
        case .held, .cancelled, .failed: try LiveRun.check(request(of: run), clients)
        case .succeeded:
            throw TravelError("run \(run.id) has its answer: there is nothing to resume; 'rerun … --continue' forks it")
        case .limited:
            throw TravelError(
                "run \(run.id) met a limit (\(run.stopReason?.sentence ?? "limited")), and would meet it again: fork its "
                    + "last iteration with 'rerun \(run.id) i\(max(1, run.iterations)) --continue'")
        case .queued, .running:
            throw TravelError("run \(run.id) is going on in another process: decide or cancel there")
        }
    }
}
