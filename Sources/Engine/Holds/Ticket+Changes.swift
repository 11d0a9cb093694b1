import LMClients
import Trajectory
import TrajectoryStore

/// A request as a person changes it while it is held.
extension Dispatcher.Ticket {
    var node: NodeID { call.map { .call($0) } ?? .iteration(iteration) }

    var cancelled: CompletionError {
        CompletionError(code: .cancelled, model: model.description, message: "cancelled before it was sent")
    }

    /// Takes what a person changed about a held request: as another attempt, since the first is what the code asked.
    mutating func apply(_ change: Change, _ writer: TrajectoryWriter) async throws {
        guard !change.isEmpty else { return }
        if let response = change.response {
            byHand = response
            origin = .edited
            return
        }
        request.messages = change.applied(to: request.messages)
        request.sampling.merge(change.sampling ?? [:]) { _, new in new }
        if let changed = change.model.flatMap(Model.init) {
            model = changed
            request.model = changed.name
        }
        recorded = nil
        try await beginAttempt(writer, origin: .live)
    }

    /// Goes on as another attempt of the same node; the one before it ends unsent where it has not ended.
    mutating func beginAttempt(_ writer: TrajectoryWriter, origin: Origin) async throws {
        let before = completion
        completion = try await writer.beginAttempt(
            of: node,
            completion: NewCompletion(
                requestKey: RequestKey.key(of: request, to: model),
                model: model.description,
                parameters: request.parametersJSON,
                messages: request.messages,
                origin: origin
            ))
        if !isRecorded {
            let failure = Failure(kind: "edited", message: "a person changed it before it was sent")
            try await writer.finish(
                completion: before, CompletionResult(response: nil, status: .cancelled, failure: failure))
        }
        isRecorded = false
        self.origin = origin
    }
}
