import Foundation
import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// A sub-call that code asked for, and where its answer is to come from.
struct PlannedCall: Sendable {
    enum Source: Sendable {
        /// From a model, or a recursive call of its own.
        case live
        case recorded(Recording.Answer)
        /// A person wrote it.
        case byHand(String)
        /// From a recursive call that is executed again, since something below it is changed.
        case below(ChangePath)
    }

    let kind: Call.Kind
    var model: Model
    let prompt: [Message]
    let batch: Int?
    /// From 1, in its iteration.
    var ordinal: Int
    /// The request as it is to be sent; a person may have changed it.
    var request: CompletionRequest
    var source = Source.live
    /// Whether something else was recorded at this place.
    var isDiverged = false
    /// The row that an earlier engine gave it.
    var row: OpenCalls.Row?
    /// The row that was written now.
    var started: StartedCall?

    var keys: [Data] { [RequestKey.key(of: request, to: model), RequestKey.key(of: request.messages)] }

    /// Chooses where the answer comes from.
    ///
    /// - Parameter path: what is different in this iteration and below.
    mutating func chooseSource(on path: ChangePath?, in run: RunContext, under address: Address) {
        if let answer = run.paid.next(for: request, to: model, kind: kind) {
            source = .recorded(answer)
            if let path, path.call == ordinal, path.endsAtCall { change(path.change) }
            return
        }
        if let path, path.call == ordinal {
            // Its recorded answer is used up, so that the next one of the same key is the next one's.
            _ = run.recording.next(for: request, to: model, kind: kind)
            if !path.endsAtCall {
                guard kind == .rlm, let below = path.below.first else {
                    run.journal.note(address.appending(.call(ordinal)), "it is no recursive call any more")
                    isDiverged = true
                    return
                }
                source = .below(below)
                if below.rest.isEmpty, let changed = below.change.model.flatMap(Model.init) { model = changed }
                return
            }
            if let text = path.change.response {
                source = .byHand(text)
            } else {
                change(path.change)
                if !path.change.isEmpty, let tried = path.tried.last(where: isAnswered(by:)) {
                    source = .recorded(
                        Recording.Answer(
                            text: tried.response, reasoning: tried.reasoning, finishReason: tried.finishReason,
                            usage: tried.usage))
                }
            }
            return
        }
        if let answer = run.recording.next(for: request, to: model, kind: kind) { source = .recorded(answer) }
        if let text = run.overrides[address.appending(.call(ordinal))] { source = .byHand(text) }
        guard let path, ordinal < path.call ?? 0 else { return }
        let expected = path.expected.values.lazy.flatMap(\.calls).first { $0.ordinal == ordinal }
        if let expected, !keys.contains(where: expected.keys.contains) {
            isDiverged = true
            run.journal.note(address.appending(.call(ordinal)), "its prompt is not the one that was recorded")
        }
    }

    /// Whether a completion is an answer to this very request.
    private func isAnswered(by completion: Completion) -> Bool {
        completion.model == model.description && completion.messages == request.messages
            && completion.parameters == request.parametersJSON
    }

    private mutating func change(_ change: Change) {
        request.messages = change.applied(to: request.messages)
        request.sampling.merge(change.sampling ?? [:]) { _, new in new }
        if let changed = change.model.flatMap(Model.init) {
            model = changed
            request.model = changed.name
        }
    }

    private var origin: Origin {
        switch source {
        case .live, .below: .live
        case .recorded: .recorded
        case .byHand: .edited
        }
    }

    func newCall(in place: ChildCalls.Place, depth: Int) -> NewCall {
        var call = NewCall(
            iteration: place.iteration,
            block: place.block,
            kind: kind,
            depth: depth,
            model: model.description,
            prompt: request.messages,
            batch: batch,
            completion: nil,
            origin: origin
        )
        if kind == .llm {
            call.completion = NewCompletion(
                requestKey: RequestKey.key(of: request, to: model),
                model: model.description,
                parameters: request.parametersJSON,
                messages: request.messages,
                origin: origin
            )
        } else if case .below(let below) = source, below.iteration > 1 {
            call.shared = SharedIterations(call: below.original, iterations: below.iteration - 1)
        }
        return call
    }

    func ticket(
        for completion: CompletionID, of call: CallID, in place: ChildCalls.Place, depth: Int
    ) -> Dispatcher.Ticket {
        var ticket = Dispatcher.Ticket(
            model: model, request: request, completion: completion, call: call, iteration: place.iteration, depth: depth
        )
        switch source {
        case .recorded(let answer): ticket.recorded = answer
        case .byHand(let text): ticket.byHand = text
        case .live, .below: break
        }
        if let row, row.isPaid {
            ticket.recorded = row.answer
            ticket.isRecorded = true
        }
        return ticket
    }

    static let lost = Failure(kind: "lost", message: "what was recorded of this call is not there any more")
}

extension OpenCalls.Row {
    /// What the code gets of a call that had ended.
    var outcome: SubcallOutcome {
        if status == .succeeded { return .answer(answer?.text ?? "") }
        let failure = answer?.failure ?? PlannedCall.lost
        return status == .limited ? .limit(failure.message) : .failure(failure)
    }
}
