import LMClients

/// Stops requests before they are sent and answers before they are delivered, until a person lets them go.
protocol HoldRules: Sendable {
    /// Comes back when the request may go on: at once where no rule holds it, else once a person has decided. Nothing is
    /// reserved and no place is taken meanwhile. Throws `StoreError`.
    func beforeSending(_ ticket: Dispatcher.Ticket) async throws -> HoldDecision

    /// Comes back when a try may be sent, the first and each further one; a run that is paused stays in here, with a place
    /// taken. With a reason it is not sent any more.
    func beforeTry(_ ticket: Dispatcher.Ticket) async -> Dispatcher.Refusal?

    /// Comes back with what is to be delivered. Throws `StoreError`.
    func beforeDelivery(
        of answer: Dispatcher.Answer, to ticket: Dispatcher.Ticket
    ) async throws -> Dispatcher.Answer
}

/// What becomes of a request that was or was not held.
enum HoldDecision: Sendable {
    /// Goes on as it is, or as a person has changed it.
    case send(Dispatcher.Ticket)
    /// Answered by hand, or dropped.
    case answer(Dispatcher.Answer)
}

/// The rules of a plain run: none.
struct NoHoldRules: HoldRules {
    func beforeSending(_ ticket: Dispatcher.Ticket) async throws -> HoldDecision { .send(ticket) }

    func beforeDelivery(
        of answer: Dispatcher.Answer, to ticket: Dispatcher.Ticket
    ) async throws -> Dispatcher.Answer { answer }
}

extension HoldRules {
    func beforeTry(_ ticket: Dispatcher.Ticket) async -> Dispatcher.Refusal? { nil }
}
