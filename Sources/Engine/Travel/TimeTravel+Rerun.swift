import Foundation
import LMClients
import REPL
package import Trajectory
import TrajectoryStore

/// Another attempt of a node, run alone.
package struct Attempt: Sendable {
    /// With its number: `i2.c4@2`.
    package var address: Address
    package var status: Status
    /// What a model answered, or a person wrote; nil for a block.
    package var answer: String?
    /// What a block printed; nil for others.
    package var output: Output?
    package var failure: Failure?
    package var usage: Usage
    /// Requests that went to a model.
    package var liveCalls: Int
    /// Sub-calls that were answered from the store.
    package var recordedCalls: Int
    package var seconds: Double
    /// Whether the provider was not to be had.
    package var isUnavailable = false
    /// Nodes that did not repeat what was recorded.
    package var diverged: [Address] = []
    package var notices: [String] = []
}

extension TimeTravel {
    /// Runs a node again, alone: another attempt that is kept beside the first and moves nothing else. One request at most
    /// is sent; a code block sends none, since its sub-calls are answered as they were recorded.
    package func rerun(_ run: Run, at address: Address, _ change: Change) async throws -> Attempt {
        let node = try node(address, of: run, change, isForked: false)
        guard node.status.isFinal else { throw TravelError("\(address) of run \(run.id) has not ended yet") }
        return switch node.id {
        case .block(let block): try await rerun(block, node, of: run, change)
        case .call, .iteration: try await rerun(completionOf: node, of: run, change)
        }
    }

    private func rerun(completionOf node: Node, of run: Run, _ change: Change) async throws -> Attempt {
        let clock = ContinuousClock.now
        let settings = try request(of: run)
        let model = change.model.flatMap(Model.init) ?? node.model.flatMap(Model.init) ?? settings.model
        let recorded: [Message]
        let iteration: IterationID
        switch node.id {
        case .call(let call):
            recorded = try store.completion(of: node)?.messages ?? store.prompt(of: call)
            guard let parent = node.address.parent, case .iteration(let id) = try store.node(at: parent, in: run.id).id
            else { throw TravelError("\(node.address) has no iteration") }
            iteration = id
        case .iteration(let id):
            recorded = try store.completion(of: node)?.messages ?? []
            iteration = id
        case .block: throw TravelError("\(node.address) is a code block")
        }
        var request = CompletionRequest(
            model: model.name, messages: change.applied(to: recorded), sampling: settings.sampling, seed: settings.seed)
        request.sampling.merge(change.sampling ?? [:]) { _, new in new }
        let writer = try store.writer()
        let limits = settings.limits
        let dispatcher = Dispatcher(
            ledger: LimitLedger(limits: limits, price: options.price), clients: clients, writer: writer,
            price: options.price)
        if change.response == nil { _ = try clients.client(for: model) }
        let completion = try await writer.beginAttempt(
            of: node.id,
            completion: NewCompletion(
                requestKey: RequestKey.key(of: request, to: model), model: model.description,
                parameters: request.parametersJSON, messages: request.messages,
                origin: change.response == nil ? .live : .edited),
            isCurrent: false)
        let preview = LivePreview(completion: completion, writer: writer)
        var ticket = Dispatcher.Ticket(
            model: model, request: request, completion: completion, call: nil, iteration: iteration,
            depth: node.depth, onText: { preview.add($0) })
        ticket.byHand = change.response
        let answer = try await dispatcher.send(ticket)
        let result = CompletionResult(answer, origin: nil)
        let attempts = try store.completions(of: node.id)
        let number = attempts.first { $0.id == completion }?.attempt ?? attempts.count
        var isUnavailable = false
        if case .failure(.failure(let error)) = answer {
            isUnavailable =
                RLMCall.Ending(
                    status: .failed, stopReason: .failed, answer: nil, failure: error.failure, error: error
                ).isUnavailable
        }
        return Attempt(
            address: Address(steps: node.address.steps, attempt: number),
            status: result.status,
            answer: result.response,
            failure: result.failure,
            usage: result.usage,
            liveCalls: change.response == nil ? 1 : 0,
            recordedCalls: 0,
            seconds: (ContinuousClock.now - clock) / .seconds(1),
            isUnavailable: isUnavailable
        )
    }

    private func rerun(_ id: BlockID, _ node: Node, of run: Run, _ change: Change) async throws -> Attempt {
        let clock = ContinuousClock.now
        guard let place = node.address.parent, let above = place.parent,
            case .block(let ordinal)? = node.address.steps.last,
            case .iteration(let number)? = place.steps.last,
            case .call(let caller) = try store.node(at: above, in: run.id).id
        else { throw TravelError("\(node.address) is in no iteration") }
        let request = try request(of: run)
        try LiveRun.check(request, clients)
        let writer = try store.writer()
        let context = RunContext(
            request, id: run.id, store: store, writer: writer, loader: loader(writer), clients: clients)
        var contexts = try contexts(of: run)
        if !above.steps.isEmpty {
            let text = try store.prompt(of: caller).map(\.content).joined(separator: "\n\n")
            contexts = [
                try await context.contexts.open(text: text, name: "context_0", source: "the prompt of this call")
            ]
        }
        let call = RLMCall(
            id: caller, depth: above.depth, address: above, model: request.model, question: run.question,
            contexts: contexts, run: context)
        let path = ChangePath(
            original: caller, iteration: number, rest: [.block(ordinal)], change: Change())
        let start = try Retrace(context, reading: run.id).start(of: call, on: path)
        guard var block = start.path?.expected[ordinal] else { throw TravelError.noSuchBlock(ordinal) }
        block.code = change.code ?? block.code
        let before = (1..<ordinal).compactMap { start.path?.expected[$0] }
        let attempt = try await writer.beginAttempt(
            of: id, code: block.code, origin: change.code == nil ? .live : .edited, isCurrent: false)
        let result: BlockResult
        do { result = try await call.runAlone(block, after: start.replay + before) } catch {
            let isCancelled = error is CancellationError || Task.isCancelled
            let failure =
                isCancelled
                ? Failure(kind: "cancelled", message: "cancelled before it ran")
                : Failure(kind: "environment", message: "\(error)")
            try await writer.finish(
                block: attempt,
                BlockRecord(status: isCancelled ? .cancelled : .failed, output: Output(), failure: failure))
            throw error
        }
        try await writer.finish(block: attempt, BlockRecord(result))
        let attempts = try store.attempts(of: id)
        return Attempt(
            address: Address(steps: node.address.steps, attempt: attempts.first { $0.id == attempt }?.attempt),
            status: BlockRecord(result).status,
            output: result.output,
            failure: BlockRecord(result).failure,
            usage: .unknown,
            liveCalls: 0,
            recordedCalls: context.journal.recordedCalls,
            seconds: (ContinuousClock.now - clock) / .seconds(1),
            diverged: context.journal.diverged.filter { $0 != node.address },
            notices: context.journal.notices.filter { !$0.hasPrefix("\(node.address) ") }
        )
    }
}
