/// How often and how patiently a request is tried again. Delays are seconds.
package struct RetryPolicy: Sendable {
    /// Tries in all, the first included.
    package var maxTries: Int
    /// Tries in all where nothing listens at the address, where a long wait seldom helps.
    package var maxRefusedTries: Int
    /// Tries in all when the server lets its time run out, each of which may take minutes.
    package var maxTimeoutTries: Int
    /// Times that a request may be sent anew because something in it was not known to the server.
    package var maxAdaptations: Int
    /// The first delay; each further one is twice as long, up to `maxDelay`.
    package var baseDelay: Double
    package var maxDelay: Double
    /// The longest wait a server may ask for.
    package var maxRetryAfter: Double
    /// From the first try to the last, waits included.
    package var totalTime: Double
    /// In 0..<1; spreads requests that failed together.
    package var jitter: @Sendable () -> Double
    package var sleep: @Sendable (Double) async throws -> Void

    package init(
        maxTries: Int = 5,
        maxRefusedTries: Int = 3,
        maxTimeoutTries: Int = 2,
        maxAdaptations: Int = 20,
        baseDelay: Double = 0.5,
        maxDelay: Double = 20,
        maxRetryAfter: Double = 60,
        totalTime: Double = 1800,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) {
        self.maxTries = maxTries
        self.maxRefusedTries = maxRefusedTries
        self.maxTimeoutTries = maxTimeoutTries
        self.maxAdaptations = maxAdaptations
        self.baseDelay = baseDelay
        self.maxDelay = maxDelay
        self.maxRetryAfter = maxRetryAfter
        self.totalTime = totalTime
        self.jitter = jitter
        self.sleep = sleep
    }

    /// Tries in all after a failure with this remedy, those after an adaptation not counted.
    package func maxTries(after remedy: Remedy) -> Int {
        switch remedy {
        case .none, .adaptedTry: 1
        case .anotherTry: maxTries
        case .quickTry: min(maxTries, maxRefusedTries)
        case .patientTry: min(maxTries, maxTimeoutTries)
        }
    }

    /// Seconds to wait before try number `retries + 1`: what the server asked for, else exponential back-off of
    /// which half is jitter.
    package func delay(retries: Int, after remedy: Remedy, retryAfter: Double?) -> Double {
        if let retryAfter { return min(max(0, retryAfter), maxRetryAfter) }
        let base = (remedy == .quickTry ? baseDelay / 5 : baseDelay) * Double(1 << min(max(0, retries - 1), 16))
        return min(base, maxDelay) * (0.5 + jitter() / 2)
    }
}
