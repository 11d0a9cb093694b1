import Synchronization

/// The best answer that the root has so far: what a run still gives when its store fails.
final class BestAnswer: Sendable {
    private let kept = Mutex<String?>(nil)

    var text: String? { kept.withLock { $0 } }

    func keep(_ text: String?) { kept.withLock { $0 = text } }
}
