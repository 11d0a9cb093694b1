import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// The first half of an iteration: its completion.
extension RLMCall {
    struct Turn {
        var iteration: IterationID
        /// From 1, in this call.
        var ordinal: Int
        var answer: Dispatcher.Answer

        func address(under call: Address) -> Address { call.appending(.iteration(ordinal)) }
    }

    /// The next turn: as an earlier engine left it, with a given response, or asked of the model.
    func turn(_ start: LoopStart?, _ progress: Progress) async throws -> Turn {
        if let open = start?.open { return try await goOn(open, start?.given) }
        if let given = start?.given { return try await begin(given, progress) }
        if let text = run.overrides[address.appending(.iteration(progress.nextOrdinal))] {
            return try await begin(
                LoopStart.GivenResponse(text: text, finishReason: "stop", origin: .edited), progress)
        }
        return try await ask(progress)
    }

    /// Asks the model for the next turn of the conversation.
    func ask(_ progress: Progress, isBestAnswer: Bool = false) async throws -> Turn {
        let request = request(of: progress.messagesToSend)
        let recorded = run.answer(to: request, of: model, kind: .llm)
        let (iteration, completion) = try await run.writer.beginIteration(
            of: id,
            completion: record(of: request, origin: recorded == nil ? .live : .recorded)
        )
        var ticket = ticket(request, completion, of: iteration)
        ticket.isBestAnswer = isBestAnswer
        ticket.recorded = recorded
        let answer = try await run.dispatcher.send(ticket)
        return Turn(iteration: iteration, ordinal: progress.nextOrdinal, answer: answer)
    }

    /// A turn whose response is given instead of asked for.
    private func begin(_ given: LoopStart.GivenResponse, _ progress: Progress) async throws -> Turn {
        let request = request(of: progress.messagesToSend)
        let (iteration, completion) = try await run.writer.beginIteration(
            of: id,
            completion: record(of: request, origin: given.origin)
        )
        var ticket = ticket(request, completion, of: iteration)
        ticket.recorded = given.answer
        let answer = try await run.dispatcher.send(ticket)
        return Turn(iteration: iteration, ordinal: progress.nextOrdinal, answer: answer)
    }

    /// The turn that an earlier engine had begun.
    func goOn(_ open: OpenIteration, _ given: LoopStart.GivenResponse? = nil) async throws -> Turn {
        var ticket = ticket(request(of: open.messages), open.completion, of: open.id)
        ticket.isBestAnswer = open.isBestAnswer
        if let answer = open.answer {
            ticket.recorded = answer
            ticket.isRecorded = true
        } else {
            ticket.recorded = given?.answer ?? run.answer(to: ticket.request, of: model, kind: .llm)
        }
        let answer = try await run.dispatcher.send(ticket)
        return Turn(iteration: open.id, ordinal: open.ordinal, answer: answer)
    }

    private func ticket(
        _ request: CompletionRequest, _ completion: CompletionID, of iteration: IterationID
    ) -> Dispatcher.Ticket {
        let preview = LivePreview(completion: completion, writer: run.writer)
        return Dispatcher.Ticket(
            model: model,
            request: request,
            completion: completion,
            call: nil,
            iteration: iteration,
            depth: depth,
            onText: { preview.add($0) }
        )
    }

    private func request(of messages: [Message]) -> CompletionRequest {
        CompletionRequest(
            model: model.name,
            messages: messages,
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
}
