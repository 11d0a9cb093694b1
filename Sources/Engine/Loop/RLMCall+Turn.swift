import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// One iteration: its completion, then its blocks.
extension RLMCall {
    struct Turn {
        var iteration: IterationID
        var answer: Result<CompletionResponse, Dispatcher.Refusal>
    }

    /// Asks the model for the next turn of the conversation.
    func ask(_ progress: Progress, isBestAnswer: Bool = false) async throws -> Turn {
        let request = request(of: progress)
        let (iteration, completion) = try await run.writer.beginIteration(
            of: id,
            completion: record(of: request, origin: .live)
        )
        let preview = LivePreview(completion: completion, writer: run.writer)
        let ticket = Dispatcher.Ticket(
            model: model,
            request: request,
            completion: completion,
            call: nil,
            isBestAnswer: isBestAnswer,
            onText: { preview.add($0) }
        )
        return Turn(iteration: iteration, answer: try await run.dispatcher.send(ticket))
    }

    /// A turn whose response is given instead of asked for; what has no row yet is written.
    func take(_ given: LoopStart.GivenResponse, _ progress: Progress) async throws -> Turn {
        let response = CompletionResponse(text: given.text, usage: .unknown, finishReason: given.finishReason)
            .withoutReasoning
        if let iteration = given.iteration { return Turn(iteration: iteration, answer: .success(response)) }
        let (iteration, completion) = try await run.writer.beginIteration(
            of: id,
            completion: record(of: request(of: progress), origin: given.origin)
        )
        try await run.writer.finish(
            completion: completion,
            CompletionResult(response: given.text, status: .succeeded, finishReason: given.finishReason)
        )
        return Turn(iteration: iteration, answer: .success(response))
    }

    private func request(of progress: Progress) -> CompletionRequest {
        CompletionRequest(
            model: model.name,
            messages: progress.messagesToSend,
            sampling: run.sampling,
            seed: run.seed,
            isStreaming: true
        )
    }

    private func record(of request: CompletionRequest, origin: Origin) -> NewCompletion {
        NewCompletion(
            requestKey: RequestKey.key(of: request, to: model),
            model: model.description,
            parameters: request.parametersJSON,
            messages: request.messages,
            origin: origin
        )
    }

    func runBlocks(
        _ blocks: [String],
        in iteration: IterationID,
        repl: REPL,
        children: ChildCalls
    ) async throws -> [BlockResult] {
        var results: [BlockResult] = []
        for (index, code) in blocks.enumerated() {
            let block = try await run.writer.beginBlock(in: iteration, ordinal: index + 1, code: code)
            children.begin(block: block, of: iteration)
            var result = await run(code, in: repl, children: children)
            try children.throwStoreError()
            if result.outcome == .cancelled, let limit = run.ledger.stop {
                result.outcome = .limitReached(limit.message)
            }
            try await run.writer.finish(block: block, BlockRecord(result))
            results.append(result)
            // A block after one that failed would run on what is not there; the model is shown the failure first.
            if result.outcome != .clean || result.finalAnswer != nil { break }
        }
        return results
    }

    /// Runs a block. Once a limit has ended the run, code that goes on without waiting for anything is interrupted.
    private func run(_ code: String, in repl: REPL, children: ChildCalls) async -> BlockResult {
        let watch = Task { [ledger = run.ledger] in
            await ledger.untilStopped()
            var idle = Duration.zero
            while !Task.isCancelled, idle < Self.timeAfterLimit {
                try? await Task.sleep(for: Self.timeBetweenLooks)
                // What was paid for is waited for.
                if !children.isWaitingForModels { idle += Self.timeBetweenLooks }
            }
            if !Task.isCancelled { repl.interrupt() }
        }
        defer { watch.cancel() }
        return await repl.run(code)
    }

    /// How long a block may go on after a limit has ended the run.
    private static let timeAfterLimit: Duration = .seconds(2)
    private static let timeBetweenLooks: Duration = .milliseconds(100)
}
