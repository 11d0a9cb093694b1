import LMClients

/// Answers that need no model: from the store, or from the same request that is in flight already.
protocol RecordedAnswers: Sendable {
    /// The answer that is in the store for this request; nil to go on.
    func recorded(for ticket: Dispatcher.Ticket) async throws -> Dispatcher.Answer?

    /// Waits for the same request where one is in flight; nil where none is.
    func joined(by ticket: Dispatcher.Ticket) async throws -> Dispatcher.Answer?
}

/// In a plain run every request is asked of its model.
struct NoRecordedAnswers: RecordedAnswers {
    func recorded(for ticket: Dispatcher.Ticket) async throws -> Dispatcher.Answer? { nil }
    func joined(by ticket: Dispatcher.Ticket) async throws -> Dispatcher.Answer? { nil }
}
