// The newest text of each streaming answer that is not written yet.
internal import Foundation
internal import Trajectory

final class PartialResponses: @unchecked Sendable {  // @unchecked: touched under its lock.
    private let lock = NSLock()
    private var texts: [CompletionID: String] = [:]

    /// Says whether none was waiting, and so a write has to be enqueued.
    func put(_ text: String, for id: CompletionID) -> Bool {
        lock.withLock { texts.updateValue(text, forKey: id) == nil }
    }

    func take(_ id: CompletionID) -> String? { lock.withLock { texts.removeValue(forKey: id) } }
}
