import Foundation
import LMClients
import Synchronization
import Trajectory

/// The answers of an earlier execution, to be given again instead of asking a model: by request key, n-th use → n-th
/// answer. Where a request has no key, as in some imported runs, it is found by its messages alone.
///
/// A recorded failure is an answer too, and given again as that failure. What was cancelled or stopped by a limit never
/// had an answer.
final class Recording: Sendable {
    struct Answer: Sendable, Hashable {
        var text: String?
        var reasoning: String?
        var finishReason: String?
        /// Why there is no text.
        var failure: Failure?
        var usage: Usage
    }

    private struct Queue {
        var answers: [Answer]
        var used = 0
    }

    /// A recursive call and a plain one may be asked the same.
    struct Key: Hashable {
        var request: Data
        var kind: Call.Kind
    }

    private let queues = Mutex<[Key: Queue]>([:])

    var isEmpty: Bool { queues.withLock { $0.isEmpty } }

    /// Adds the answer that comes after those of the same key.
    func add(_ answer: Answer, for key: Data, kind: Call.Kind) {
        queues.withLock { $0[Key(request: key, kind: kind), default: Queue(answers: [])].answers.append(answer) }
    }

    /// Passes over the next answer of the first of these keys that has one left: it was given before.
    func useUp(_ keys: [Data], kind: Call.Kind) {
        queues.withLock { queues in
            for request in keys {
                let key = Key(request: request, kind: kind)
                guard let queue = queues[key], queue.used < queue.answers.count else { continue }
                queues[key]?.used += 1
                return
            }
        }
    }

    /// The next answer to the request; nil where there is none left.
    func next(for request: CompletionRequest, to model: Model, kind: Call.Kind) -> Answer? {
        queues.withLock { queues in
            // Hashing a long prompt for a run that records nothing would be for nothing.
            guard !queues.isEmpty else { return nil }
            for request in [RequestKey.key(of: request, to: model), RequestKey.key(of: request.messages)] {
                let key = Key(request: request, kind: kind)
                guard let queue = queues[key], queue.used < queue.answers.count else { continue }
                queues[key]?.used += 1
                return queue.answers[queue.used]
            }
            return nil
        }
    }
}

extension Recording.Answer {
    /// What the dispatcher gives for it.
    func answer(to model: Model) -> Dispatcher.Answer {
        if let text {
            return .success(
                CompletionResponse(text: text, reasoning: reasoning, usage: usage, finishReason: finishReason))
        }
        let failure = failure ?? Failure(kind: "no_answer", message: "no answer was recorded")
        guard let code = CompletionError.Code(rawValue: failure.kind) else { return .failure(.given(failure)) }
        return .failure(
            .failure(
                CompletionError(
                    code: code,
                    model: model.description,
                    usage: usage,
                    reasoning: reasoning,
                    finishReason: finishReason,
                    message: failure.message
                )))
    }
}
