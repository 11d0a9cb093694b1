package import Foundation

/// How often and how patiently a client tries again. Delays are seconds.
package struct RetryPolicy: Sendable {
    /// Tries in all, the first included.
    package var maxTries: Int
    /// Tries in all where nothing listens at the address, where a long wait seldom helps.
    package var maxRefusedTries: Int
    /// Tries in all when the server lets its time run out, each of which may take minutes.
    package var maxTimeoutTries: Int
    /// The first delay; each further one is twice as long, up to `maxDelay`.
    package var baseDelay: Double
    package var maxDelay: Double
    /// The longest wait a server may ask for.
    package var maxRetryAfter: Double
    /// From the first try to the last, waits included.
    package var totalTime: Double
    /// In 0..<1; spreads clients that failed together.
    package var jitter: @Sendable () -> Double
    package var sleep: @Sendable (Double) async throws -> Void
    package var now: @Sendable () -> Date

    package init(
        maxTries: Int = 5,
        maxRefusedTries: Int = 3,
        maxTimeoutTries: Int = 2,
        baseDelay: Double = 0.5,
        maxDelay: Double = 20,
        maxRetryAfter: Double = 60,
        totalTime: Double = 1800,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.maxTries = maxTries
        self.maxRefusedTries = maxRefusedTries
        self.maxTimeoutTries = maxTimeoutTries
        self.baseDelay = baseDelay
        self.maxDelay = maxDelay
        self.maxRetryAfter = maxRetryAfter
        self.totalTime = totalTime
        self.jitter = jitter
        self.sleep = sleep
        self.now = now
    }

    /// Seconds to wait before try number `retries + 1`: what the server asked for, else exponential back-off of
    /// which half is jitter.
    func delay(retries: Int, retryAfter: Double?, isRefused: Bool) -> Double {
        if let retryAfter { return min(max(0, retryAfter), maxRetryAfter) }
        let base = (isRefused ? baseDelay / 5 : baseDelay) * Double(1 << min(retries - 1, 16))
        return min(base, maxDelay) * (0.5 + jitter() / 2)
    }

    /// Seconds that a `retry-after-ms` or `Retry-After` header asks for (RFC 9110, section 10.2.3: seconds or a date).
    func retryAfter(_ head: HTTPHead) -> Double? {
        if let text = head.retryAfterMilliseconds, let number = Double(text), number.isFinite, number >= 0 {
            return number / 1000
        }
        guard let text = head.retryAfter else { return nil }
        if let number = Double(text) { return number.isFinite && number >= 0 ? number : nil }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        for pattern in ["EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy"] {
            format.dateFormat = pattern
            if let date = format.date(from: text) { return max(0, date.timeIntervalSince(now())) }
        }
        return nil
    }
}
