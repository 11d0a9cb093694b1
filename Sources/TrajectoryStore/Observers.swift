// Who wants to be told of commits.
internal import Foundation
internal import Trajectory

final class Observers: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private let lock = NSLock()
    private var observers: [Int: @Sendable (Set<RunID>) -> Void] = [:]
    private var next = 0

    func add(_ observer: @escaping @Sendable (Set<RunID>) -> Void) -> StoreObservation {
        let id = lock.withLock {
            next += 1
            observers[next] = observer
            return next
        }
        return StoreObservation { [self] in _ = lock.withLock { observers.removeValue(forKey: id) } }
    }

    func tell(_ runs: Set<RunID>) {
        for observer in lock.withLock({ Array(observers.values) }) { observer(runs) }
    }
}
