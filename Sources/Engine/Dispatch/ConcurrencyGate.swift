import Synchronization

/// Lets a bounded number of requests be in flight; the others wait in the order they came.
final class ConcurrencyGate: Sendable {
    private struct State {
        var free: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Waiters before this index have been let in; kept so that leaving the queue is not O(n).
        var first = 0
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(free: max(1, places))) }

    /// Runs `body` with a place held. A cancelled task still takes its turn; `body` then ends at once by itself.
    func withPlace<Value: Sendable>(_ body: () async -> Value) async -> Value {
        await enter()
        defer { leave() }
        return await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.first < state.waiters.count else {
                state.free += 1
                return nil
            }
            let waiter = state.waiters[state.first]
            state.first += 1
            if state.first == state.waiters.count {
                state.waiters.removeAll(keepingCapacity: true)
                state.first = 0
            }
            return waiter
        }
        next?.resume()
    }
}
