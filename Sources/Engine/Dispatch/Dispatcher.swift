import LMClients
import Synchronization
import Trajectory
import TrajectoryStore

/// The one door to models. Every request, from any depth, passes here in this order: limits → hold rules → a recorded
/// answer → a request in flight → concurrency slot → client with retries → commit → deliver. Hold rules, recorded
/// answers and joining have nothing to do in a plain run.
final class Dispatcher: Sendable {
    /// A request whose row is in the store already.
    struct Ticket: Sendable {
        var model: Model
        var request: CompletionRequest
        var completion: CompletionID
        /// The `llm` call it answers; nil for the completion of an iteration.
        var call: CallID?
        /// The last request of a call that met a limit.
        var isBestAnswer = false
        var onText: (@Sendable (String) -> Void)?
    }

    /// Why there is no answer.
    enum Refusal: Error, Sendable {
        case limit(LimitReached)
        case failure(CompletionError)
    }

    let ledger: LimitLedger
    let clients: any ClientSource
    private let writer: TrajectoryWriter
    private let gate: ConcurrencyGate
    private let price: @Sendable (Usage, Model) -> Double?

    init(
        ledger: LimitLedger, clients: any ClientSource, writer: TrajectoryWriter,
        price: @escaping @Sendable (Usage, Model) -> Double?
    ) {
        self.ledger = ledger
        self.price = price
        self.clients = clients
        self.writer = writer
        gate = ConcurrencyGate(places: ledger.limits.concurrentSubcalls)
    }

    /// Sends one request and returns its answer once that is committed. Throws `StoreError` when it cannot be recorded;
    /// the answer is then not delivered.
    func send(_ ticket: Ticket) async throws -> Result<CompletionResponse, Refusal> {
        let answer = await outcome(of: ticket)
        try await record(answer, of: ticket)
        return answer
    }

    private func outcome(of ticket: Ticket) async -> Result<CompletionResponse, Refusal> {
        guard !Task.isCancelled else { return .failure(.failure(Self.cancelled(ticket))) }
        let client: any LMClient
        let reservation: LimitLedger.Reservation
        do throws(CompletionError) { client = try clients.client(for: ticket.model) } catch {
            return .failure(.failure(error))
        }
        do throws(LimitReached) {
            reservation = try await ledger.reserve(
                model: ticket.model,
                characters: ticket.request.characterCount,
                isBestAnswer: ticket.isBestAnswer
            )
        } catch {
            return .failure(.limit(error))
        }
        let answer: Result<CompletionResponse, CompletionError> = await gate.withPlace {
            guard !Task.isCancelled else { return .failure(Self.cancelled(ticket)) }
            if let call = ticket.call { writer.enqueueStart(call: call) }
            do throws(CompletionError) {
                var response = try await client.complete(ticket.request, onText: ticket.onText)
                if response.usage.cost == nil { response.usage.cost = price(response.usage, ticket.model) }
                return .success(response)
            } catch {
                return .failure(error)
            }
        }
        switch answer {
        case .success(let response):
            ledger.settle(reservation, usage: response.usage, answerCharacters: response.text.utf8.count)
        case .failure(let error): ledger.settle(reservation, usage: error.usage)
        }
        return answer.mapError { .failure($0) }
    }

    private func record(_ answer: Result<CompletionResponse, Refusal>, of ticket: Ticket) async throws {
        let result =
            switch answer {
            case .success(let response):
                CompletionResult(
                    response: response.text,
                    status: .succeeded,
                    failure: nil,
                    usage: response.usage,
                    finishReason: response.finishReason,
                    retries: response.retries,
                    secondsToFirstByte: response.secondsToFirstByte
                )
            case .failure(let refusal):
                CompletionResult(
                    response: nil,
                    status: refusal.status,
                    failure: refusal.failure,
                    usage: refusal.usage,
                    finishReason: nil,
                    retries: refusal.retries,
                    secondsToFirstByte: nil
                )
            }
        if let call = ticket.call {
            try await writer.finish(call: call, completion: ticket.completion, result)
        } else {
            try await writer.finish(completion: ticket.completion, result)
        }
    }

    private static func cancelled(_ ticket: Ticket) -> CompletionError {
        CompletionError(code: .cancelled, model: ticket.model.description, message: "cancelled before it was sent")
    }
}

extension Dispatcher.Refusal {
    var status: Status {
        switch self {
        case .limit: .limited
        case .failure(let error): error.code == .cancelled ? .cancelled : .failed
        }
    }

    var failure: Failure {
        switch self {
        case .limit(let limit): limit.failure
        case .failure(let error): error.failure
        }
    }

    /// What was paid for nothing.
    var usage: Usage {
        switch self {
        case .limit: .unknown
        case .failure(let error): error.usage ?? .unknown
        }
    }

    var retries: Int {
        switch self {
        case .limit: 0
        case .failure(let error): error.retries
        }
    }
}

extension CompletionRequest {
    /// Length of all messages together, in UTF-8 code units: as good as characters for an estimate, and free.
    var characterCount: Int { messages.reduce(0) { $0 + $1.content.utf8.count } }
}
