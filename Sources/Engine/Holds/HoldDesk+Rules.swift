import LMClients
import Trajectory
import TrajectoryStore

/// Where requests and answers stop on their way through the dispatcher.
extension HoldDesk: HoldRules {
    func beforeSending(_ ticket: inout Dispatcher.Ticket) async throws -> Dispatcher.Answer? {
        let held = try await hold(
            ticket.node, ticket.completion, .beforeSend, preview: ticket.request.messages.last?.content ?? ""
        ) { [ticket] in
            HoldCandidate(
                depth: ticket.depth,
                tokens: TokenEstimate.likely(ticket.request.messages),
                model: ticket.model.name,
                text: ticket.request.messages.map(\.content).joined(separator: "\n"),
                isError: false
            )
        }
        switch held {
        case .ending: throw RunIsHeld()
        case .cancelled: return .failure(.failure(ticket.cancelled))
        case .decided(.drop, _): return .failure(.given(Self.dropped))
        case .decided(.answer(let text), _):
            ticket.origin = .edited
            return .success(CompletionResponse(text: text, usage: .unknown))
        case .decided(.release, let change?): try await ticket.apply(change, writer)
        case .decided(.release, nil), nil: break
        }
        if ticket.recorded == nil, isPaused, !(await untilUnpaused(ticket.completion)) {
            try throwIfEnding()
            return .failure(.failure(ticket.cancelled))
        }
        noteLetThrough(ticket.completion)
        return nil
    }

    func beforeTry(_ ticket: Dispatcher.Ticket) async -> Dispatcher.Refusal? {
        if wasLetThrough(ticket.completion) || !isPaused { return nil }
        return await untilUnpaused(ticket.completion) ? nil : .failure(ticket.cancelled)
    }

    func beforeDelivery(
        of answer: Dispatcher.Answer, to ticket: inout Dispatcher.Ticket
    ) async throws -> Dispatcher.Answer {
        var text = ""
        var isError = false
        switch answer {
        case .success(let response): text = response.text
        case .failure(.failure(let error)):
            // Nobody waits for what was cancelled, and a limit is not to be argued with.
            if error.code == .cancelled { return answer }
            (text, isError) = (error.message, true)
        case .failure(.given(let failure)): (text, isError) = (failure.message, true)
        case .failure(.limit): return answer
        }
        let held = try await hold(
            ticket.node, ticket.completion, .beforeDeliver, preview: text,
            result: ticket.isRecorded ? nil : CompletionResult(answer, origin: ticket.origin)
        ) { [ticket, text, isError] in
            HoldCandidate(
                depth: ticket.depth, tokens: TokenEstimate.likely(text), model: ticket.model.name, text: text,
                isError: isError)
        }
        guard let held else { return answer }
        // To hold it, it was written down.
        ticket.isRecorded = true
        switch held {
        case .ending: throw RunIsHeld()
        case .cancelled: return .failure(.failure(ticket.cancelled))
        case .decided(.release, _): return answer
        case .decided(.drop, _): return .failure(.given(Self.dropped))
        case .decided(.answer(let text), _):
            try await ticket.beginAttempt(writer, origin: .edited)
            return .success(CompletionResponse(text: text, usage: .unknown))
        }
    }

    func throwIfEnding() throws { if isEnding { throw RunIsHeld() } }

    /// What the code sees of a sub-call that a person dropped.
    static let dropped = Failure(kind: "dropped", message: "a person dropped this call")
}
