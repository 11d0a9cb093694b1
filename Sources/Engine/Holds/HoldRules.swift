import LMClients
import Trajectory

/// Stops requests before they are sent and answers before they are delivered, until a person lets them go.
protocol HoldRules: Sendable {
    /// Comes back when the request may go on: at once where nothing holds it, else once a person has decided. Nothing is
    /// reserved and no place is taken meanwhile. What a person changed is in the ticket afterwards; an answer stands in
    /// for the model's. Throws `StoreError`, and `RunIsHeld` where the run ends to wait for the decision.
    func beforeSending(_ ticket: inout Dispatcher.Ticket) async throws -> Dispatcher.Answer?

    /// Comes back when a try may be sent, the first and each further one; a run that is paused stays in here, with a place
    /// taken. With a reason it is not sent any more.
    func beforeTry(_ ticket: Dispatcher.Ticket) async -> Dispatcher.Refusal?

    /// Comes back with what is to be delivered. Throws as `beforeSending` does.
    func beforeDelivery(
        of answer: Dispatcher.Answer, to ticket: inout Dispatcher.Ticket
    ) async throws -> Dispatcher.Answer

    /// Throws `RunIsHeld` where the run ends to wait for a decision: what was not sent is then left as it is.
    func throwIfEnding() throws
}

/// The run ends here, in good order, until somebody has decided what is held. Not a failure: nothing is written for what
/// was under way, so that it goes on from there.
struct RunIsHeld: Error {}

/// The rules of a plain run: none.
struct NoHoldRules: HoldRules {
    func beforeSending(_ ticket: inout Dispatcher.Ticket) async throws -> Dispatcher.Answer? { nil }
    func beforeTry(_ ticket: Dispatcher.Ticket) async -> Dispatcher.Refusal? { nil }
    func beforeDelivery(
        of answer: Dispatcher.Answer, to ticket: inout Dispatcher.Ticket
    ) async throws -> Dispatcher.Answer { answer }
    func throwIfEnding() throws {}
}
