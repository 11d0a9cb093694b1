/// A provider's key. It can be sent and be searched for, but not printed, dumped or interpolated.
package struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let secret: String

    /// Nil for what cannot be a key: nothing but blanks, or control characters, which would forge a header.
    package init?(_ text: String?) {
        guard let text else { return nil }
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        var secret = Substring(text)
        while let last = secret.last, blanks.contains(last) { secret.removeLast() }
        while let first = secret.first, blanks.contains(first) { secret.removeFirst() }
        guard !secret.isEmpty, secret.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }) else {
            return nil
        }
        self.secret = String(secret)
    }

    package var description: String { "[key]" }
    package var debugDescription: String { "[key]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
