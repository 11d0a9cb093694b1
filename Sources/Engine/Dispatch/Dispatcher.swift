import LMClients
import Synchronization
import Trajectory
import TrajectoryStore

/// The one door to models. Every request, from any depth, passes here in this order: stopped or cancelled? → hold rules →
/// a recorded answer → a request in flight to join → reserve → slot → one try, and more of them where that helps → hold
/// before delivery → commit → deliver.
///
/// Hold rules, recorded answers and joining have nothing to do in a plain run. A request that is held or answered from
/// the store reserves nothing.
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

    typealias Answer = Result<CompletionResponse, Refusal>

    let ledger: LimitLedger
    let clients: any ClientSource
    private let writer: TrajectoryWriter
    private let gate: ConcurrencyGate
    private let price: @Sendable (Usage, Model) -> Double?
    private let holds: any HoldRules
    private let recorded: any RecordedAnswers
    private let retries: Retries

    init(
        ledger: LimitLedger,
        clients: any ClientSource,
        writer: TrajectoryWriter,
        price: @escaping @Sendable (Usage, Model) -> Double?,
        holds: any HoldRules = NoHoldRules(),
        recorded: any RecordedAnswers = NoRecordedAnswers(),
        retryPolicy: RetryPolicy = RetryPolicy()
    ) {
        self.ledger = ledger
        self.price = price
        self.clients = clients
        self.writer = writer
        self.holds = holds
        self.recorded = recorded
        retries = Retries(policy: retryPolicy)
        gate = ConcurrencyGate(places: ledger.limits.concurrentSubcalls)
    }

    /// Sends one request and returns its answer once that is committed. Throws `StoreError` when it cannot be recorded;
    /// the answer is then not delivered.
    func send(_ ticket: Ticket) async throws -> Answer {
        var ticket = ticket
        var answer = try await unsent(&ticket)
        if answer == nil { answer = await ask(ticket) }
        let delivered = try await holds.beforeDelivery(
            of: answer ?? .failure(.failure(Self.cancelled(ticket))), to: ticket)
        try await record(delivered, of: ticket)
        return delivered
    }

    /// The answer of a request that needs no model; nil when one has to be asked. What a person changed about a held
    /// request is in the ticket afterwards.
    private func unsent(_ ticket: inout Ticket) async throws -> Answer? {
        if Task.isCancelled { return .failure(.failure(Self.cancelled(ticket))) }
        if let stop = ledger.stop(isBestAnswer: ticket.isBestAnswer) { return .failure(.limit(stop)) }
        switch try await holds.beforeSending(ticket) {
        case .answer(let answer): return answer
        case .send(let released): ticket = released
        }
        if let answer = try await recorded.recorded(for: ticket) { return answer }
        return try await recorded.joined(by: ticket)
    }

    private func ask(_ ticket: Ticket) async -> Answer {
        let client: any LMClient
        let reservation: Admission.Reservation?
        do throws(CompletionError) { client = try clients.client(for: ticket.model) } catch {
            return .failure(.failure(error))
        }
        do throws(LimitReached) {
            reservation = try await ledger.reserve(
                Demand(model: ticket.model, request: ticket.request, isIteration: ticket.call == nil),
                isBestAnswer: ticket.isBestAnswer
            )
        } catch {
            return .failure(.limit(error))
        }
        let answer = await gate.withPlace { () -> Answer in
            guard !Task.isCancelled else { return .failure(.failure(Self.cancelled(ticket))) }
            if let call = ticket.call { writer.enqueueStart(call: call) }
            return await ask(client, ticket, outputCap: reservation?.outputCap)
        }
        return settle(answer, ticket, reservation)
    }

    /// Tries until there is an answer, or until trying does not help.
    private func ask(_ client: any LMClient, _ ticket: Ticket, outputCap: Int?) async -> Answer {
        var request = ticket.request
        request.maxOutputTokens = outputCap
        while true {
            let answer = await retries.answer(of: client, to: request, onText: ticket.onText) { tries in
                // A run that has ended meanwhile tries nothing again.
                if tries > 0, let stop = ledger.stop(isBestAnswer: ticket.isBestAnswer) { return .limit(stop) }
                return await holds.beforeTry(ticket)
            }
            switch answer {
            case .success(let whole):
                let response = whole.withoutReasoning
                return response.text.isBlank
                    ? .failure(.failure(response.textless(model: ticket.model))) : .success(response)
            case .failure(.failure(let error)):
                // The output cap may be what is too long together with the prompt.
                guard let cap = error.capThatFits(below: request.maxOutputTokens, prompt: request.messages) else {
                    return answer
                }
                request.maxOutputTokens = cap
            case .failure(.limit): return answer
            }
        }
    }

    /// Puts the price on what was used, also for nothing, and takes it into the books.
    private func settle(_ answer: Answer, _ ticket: Ticket, _ reservation: Admission.Reservation?) -> Answer {
        switch answer {
        case .success(var response):
            if response.usage.cost == nil { response.usage.cost = price(response.usage, ticket.model) }
            ledger.settle(reservation, usage: response.usage, answer: response.text)
            return .success(response)
        case .failure(.failure(var error)):
            if let usage = error.usage, usage.cost == nil { error.usage?.cost = price(usage, ticket.model) }
            ledger.settle(reservation, usage: error.usage)
            return .failure(.failure(error))
        case .failure(.limit):
            ledger.settle(reservation, usage: nil)
            return answer
        }
    }

    private func record(_ answer: Answer, of ticket: Ticket) async throws {
        let result =
            switch answer {
            case .success(let response):
                CompletionResult(
                    response: response.text,
                    reasoning: response.reasoning,
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
                    reasoning: refusal.reasoning,
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

    /// What the model thought before it said nothing.
    var reasoning: String? {
        switch self {
        case .limit: nil
        case .failure(let error): error.reasoning
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
