import LMClients
import Synchronization
import Trajectory
import TrajectoryStore

/// The one door to models. Every request, from any depth, passes here in this order: stopped or cancelled? → hold rules →
/// a recorded answer → reserve → slot → one try, and more of them where that helps → hold before delivery → commit →
/// deliver.
///
/// Hold rules and recorded answers have nothing to do in a plain run. A request that is held, recorded or answered by
/// hand reserves nothing.
final class Dispatcher: Sendable {
    /// A request whose row is in the store already.
    struct Ticket: Sendable {
        var model: Model
        var request: CompletionRequest
        var completion: CompletionID
        /// The `llm` call it answers; nil for the completion of an iteration.
        var call: CallID?
        /// The iteration it is the completion of, or that makes the call.
        var iteration: IterationID
        /// Of the call that it answers or is part of.
        var depth: Int
        /// The last request of a call that met a limit.
        var isBestAnswer = false
        /// What an earlier execution was answered.
        var recorded: Recording.Answer?
        /// An answer that a person wrote in place of the model's.
        var byHand: String?
        /// Where the answer comes from, where that is not what its row says.
        var origin: Origin?
        /// Whether the row of the completion has its end already.
        var isRecorded = false
        var onText: (@Sendable (String) -> Void)?
    }

    /// Why there is no answer.
    enum Refusal: Error, Sendable {
        case limit(LimitReached)
        case failure(CompletionError)
        /// A failure that no client made now: it was recorded, or a person made it.
        case given(Failure)
    }

    typealias Answer = Result<CompletionResponse, Refusal>

    let ledger: LimitLedger
    let clients: any ClientSource
    private let writer: TrajectoryWriter
    private let gate: ConcurrencyGate
    private let price: @Sendable (Usage, Model) -> Double?
    private let holds: any HoldRules
    private let retries: Retries
    private let sent = Mutex(0)

    init(
        ledger: LimitLedger,
        clients: any ClientSource,
        writer: TrajectoryWriter,
        price: @escaping @Sendable (Usage, Model) -> Double?,
        holds: any HoldRules = NoHoldRules(),
        retryPolicy: RetryPolicy = RetryPolicy()
    ) {
        self.ledger = ledger
        self.price = price
        self.clients = clients
        self.writer = writer
        self.holds = holds
        retries = Retries(policy: retryPolicy)
        gate = ConcurrencyGate(places: ledger.limits.concurrentSubcalls)
    }

    /// Sub-calls that were asked of a model so far, recursive ones included.
    var sentSubcalls: Int { sent.withLock { $0 } }

    /// Counts a recursive call, which goes to its model as its iterations do.
    func countRecursiveCall() { sent.withLock { $0 += 1 } }

    /// Sends one request and returns its answer once that is committed. Throws `StoreError` when it cannot be recorded;
    /// the answer is then not delivered. Throws `RunIsHeld` where the run ends to wait for a person.
    func send(_ ticket: Ticket) async throws -> Answer {
        var ticket = ticket
        var answer = try await unsent(&ticket)
        if answer == nil { answer = await ask(ticket) }
        let given = answer ?? .failure(.failure(ticket.cancelled))
        let delivered: Answer
        do { delivered = try await holds.beforeDelivery(of: given, to: &ticket) } catch let held as RunIsHeld {
            // What was paid is kept, though the run is left before it is delivered.
            if case .success = given, !ticket.isRecorded {
                try await writer.finish(
                    completion: ticket.completion, CompletionResult(given, origin: ticket.origin))
            }
            throw held
        }
        if case .failure(.failure(let error)) = delivered, error.code == .cancelled { try holds.throwIfEnding() }
        try await record(delivered, of: ticket)
        return delivered
    }

    /// The answer of a request that needs no model; nil when one has to be asked. What a person changed about a held
    /// request is in the ticket afterwards.
    private func unsent(_ ticket: inout Ticket) async throws -> Answer? {
        try holds.throwIfEnding()
        if Task.isCancelled { return .failure(.failure(ticket.cancelled)) }
        if let stop = ledger.stop(isBestAnswer: ticket.isBestAnswer) { return .failure(.limit(stop)) }
        if !ticket.isRecorded, let answer = try await holds.beforeSending(&ticket) { return answer }
        if let text = ticket.byHand { return .success(CompletionResponse(text: text, usage: .unknown)) }
        return ticket.recorded?.answer(to: ticket.model)
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
            guard !Task.isCancelled else { return .failure(.failure(ticket.cancelled)) }
            if let call = ticket.call { writer.enqueueStart(call: call) }
            return await ask(client, ticket, outputCap: reservation?.outputCap)
        }
        return settle(answer, ticket, reservation)
    }

    /// Tries until there is an answer, or until trying does not help.
    private func ask(_ client: any LMClient, _ ticket: Ticket, outputCap: Int?) async -> Answer {
        var request = ticket.request
        request.maxOutputTokens = outputCap
        var isCounted = ticket.call == nil
        while true {
            let answer = await retries.answer(of: client, to: request, onText: ticket.onText) { tries in
                // A run that has ended meanwhile tries nothing again.
                if tries > 0, let stop = ledger.stop(isBestAnswer: ticket.isBestAnswer) { return .limit(stop) }
                if let refusal = await holds.beforeTry(ticket) { return refusal }
                if !isCounted { sent.withLock { $0 += 1 } }
                isCounted = true
                return nil
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
            case .failure(.limit), .failure(.given): return answer
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
        case .failure(.limit), .failure(.given):
            ledger.settle(reservation, usage: nil)
            return answer
        }
    }

    private func record(_ answer: Answer, of ticket: Ticket) async throws {
        let result = CompletionResult(answer, origin: ticket.origin)
        switch (ticket.call, ticket.isRecorded) {
        case (let call?, false): try await writer.finish(call: call, completion: ticket.completion, result)
        case (let call?, true):
            try await writer.finish(
                call: call, status: result.status, answer: result.response, failure: result.failure)
        case (nil, false): try await writer.finish(completion: ticket.completion, result)
        case (nil, true): break
        }
    }
}

extension CompletionResult {
    init(_ answer: Dispatcher.Answer, origin: Origin?) {
        switch answer {
        case .success(let response):
            self.init(
                response: response.text,
                reasoning: response.reasoning,
                status: .succeeded,
                failure: nil,
                usage: response.usage,
                finishReason: response.finishReason,
                retries: response.retries,
                secondsToFirstByte: response.secondsToFirstByte,
                origin: origin
            )
        case .failure(let refusal):
            self.init(
                response: nil,
                reasoning: refusal.reasoning,
                status: refusal.status,
                failure: refusal.failure,
                usage: refusal.usage,
                finishReason: nil,
                retries: refusal.retries,
                secondsToFirstByte: nil,
                origin: origin
            )
        }
    }
}

extension Dispatcher.Refusal {
    var status: Status {
        switch self {
        case .limit: .limited
        case .failure(let error): error.code == .cancelled ? .cancelled : .failed
        case .given: .failed
        }
    }

    var failure: Failure {
        switch self {
        case .limit(let limit): limit.failure
        case .failure(let error): error.failure
        case .given(let failure): failure
        }
    }

    /// What the model thought before it said nothing.
    var reasoning: String? {
        if case .failure(let error) = self { error.reasoning } else { nil }
    }

    /// What was paid for nothing.
    var usage: Usage {
        if case .failure(let error) = self { error.usage ?? .unknown } else { .unknown }
    }

    var retries: Int {
        if case .failure(let error) = self { error.retries } else { 0 }
    }
}
