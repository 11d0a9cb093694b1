import Foundation
import Synchronization

/// Matches regular expressions that a person wrote against prompts, code and answers, for a bounded time: an expression such
/// as `(x+x+)+y` may never come to an end on a text that suits it badly.
///
/// A match cannot be broken off. It goes on by itself on a thread of its own, and its pattern counts from then on as found
/// everywhere without being tried: what it was to hold is held, and a person sees it.
enum PatternWatch {
    private static let limit: DispatchTimeInterval = .seconds(2)
    /// Patterns that took too long.
    private static let slow = Mutex<Set<String>>([])

    static func contains(_ pattern: String, in text: String) -> Bool {
        if slow.withLock({ $0.contains(pattern) }) { return true }
        let isDone = DispatchSemaphore(value: 0)
        let result = Found()
        Thread.detachNewThread {
            let contains = (try? Regex(pattern)).map { text.contains($0) } ?? false
            result.value.withLock { $0 = contains }
            isDone.signal()
        }
        if isDone.wait(timeout: .now() + limit) == .success { return result.value.withLock { $0 } ?? false }
        _ = slow.withLock { $0.insert(pattern) }
        return true
    }

    /// Handed from the matching thread to the one that waits.
    private final class Found: Sendable {
        let value = Mutex<Bool?>(nil)
    }
}
