package import Foundation

extension HTTPHead {
    /// Seconds that a `retry-after-ms` or `Retry-After` header asks for (RFC 9110, section 10.2.3: seconds or a date).
    package func retryAfterSeconds(now: Date = Date()) -> Double? {
        if let text = retryAfterMilliseconds, let number = Double(text), number.isFinite, number >= 0 {
            return number / 1000
        }
        guard let text = retryAfter else { return nil }
        if let number = Double(text) { return number.isFinite && number >= 0 ? number : nil }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        for pattern in ["EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy"] {
            format.dateFormat = pattern
            if let date = format.date(from: text) { return max(0, date.timeIntervalSince(now)) }
        }
        return nil
    }
}
