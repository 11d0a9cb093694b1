import LMClients
import Trajectory

/// Asks a client until it answers, or until another try would not help. A client sends a request once; that it is sent
/// again is decided here, past `beforeTry`, so that a run that is paused or ended sends nothing.
struct Retries: Sendable {
    let policy: RetryPolicy

    /// - Parameters:
    ///   - onText: gets an empty piece when the answer starts anew.
    ///   - beforeTry: is asked before each try, the first included, with the number of those before it. It comes back
    ///     when the try may be sent, and with a reason where it may not be sent any more. Time spent in it is not held
    ///     against the request.
    func answer(
        of client: any LMClient,
        to request: CompletionRequest,
        onText: (@Sendable (String) -> Void)?,
        beforeTry: (Int) async -> Dispatcher.Refusal?
    ) async -> Dispatcher.Answer {
        var clock = Stopwatch()
        var retries = 0
        var adaptations = 0
        var request = request
        while true {
            let refusal = await clock.pausing { await beforeTry(retries + adaptations) }
            if let refusal { return .failure(refusal) }
            guard !Task.isCancelled else { return .failure(.failure(Self.cancelled(client, request, retries))) }
            do throws(CompletionError) {
                var response = try await client.complete(request, onText: onText)
                response.retries = retries
                return .success(response)
            } catch {
                if error.remedy == .adaptedTry, adaptations < policy.maxAdaptations {
                    adaptations += 1
                    request.maxOutputTokens = error.adaptedOutputTokens ?? request.maxOutputTokens
                } else if let end = await wait(after: error, retries: retries, elapsed: clock.seconds) {
                    var end = end
                    end.retries = retries
                    return .failure(.failure(end))
                } else {
                    retries += 1
                }
                onText?("")
            }
        }
    }

    /// Returns nil when it is time for another try, and the error to end with where none would help.
    private func wait(after error: CompletionError, retries: Int, elapsed: Double) async -> CompletionError? {
        var last = error
        if retries > 0, last.code != .cancelled { last.message += " (gave up after \(retries + 1) tries)" }
        guard retries + 1 < policy.maxTries(after: last.remedy) else { return last }
        let delay = policy.delay(retries: retries + 1, after: last.remedy, retryAfter: last.retryAfter)
        guard elapsed + delay <= policy.totalTime else { return last }
        do {
            try await policy.sleep(delay)
            return nil
        } catch {
            return CompletionError(code: .cancelled, model: last.model, message: "cancelled")
        }
    }

    private static func cancelled(_ client: any LMClient, _ request: CompletionRequest, _ retries: Int)
        -> CompletionError
    {
        CompletionError(
            code: .cancelled,
            model: "\(client.provider)/\(request.model)",
            retries: retries,
            message: "cancelled before it was sent"
        )
    }
}

/// Counts time, but for what is waited in `pausing`.
private struct Stopwatch {
    private var start = ContinuousClock.now

    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    mutating func pausing<Value>(_ body: () async -> Value) async -> Value {
        let before = ContinuousClock.now
        let value = await body()
        start = start.advanced(by: ContinuousClock.now - before)
        return value
    }
}
