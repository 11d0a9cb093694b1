import Synchronization

/// Bounds the recursive calls that run at the same time in a whole run: each is a Python process.
///
/// A parent keeps its place while it waits for its children, so the places alone could all be held by parents. A call
/// may therefore start only while a place stays free for every level that may still come below it: then whichever
/// running call is the deepest can always start a child, and nothing waits for ever.
final class RecursionGate: Sendable {
    private struct Waiter {
        let depth: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var running = 0
        /// In the order they came.
        var waiters: [Waiter] = []
    }

    let places: Int
    private let deepest: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - places: calls at a time, or one for each level where there are more levels.
    ///   - deepest: the depth of the deepest recursive calls; the root's is 0, and it takes no place.
    init(places: Int, deepest: Int) {
        self.places = max(places, deepest)
        self.deepest = deepest
    }

    /// Runs `body` with a place held. A cancelled task still takes its turn; `body` then ends at once by itself.
    func withPlace<Value: Sendable>(depth: Int, _ body: () async throws -> Value) async rethrows -> Value {
        await enter(depth)
        defer { leave() }
        return try await body()
    }

    private func enter(_ depth: Int) async {
        await withCheckedContinuation { continuation in
            let mayStart = state.withLock { state in
                if isFree(depth, state) {
                    state.running += 1
                    return true
                }
                state.waiters.append(Waiter(depth: depth, continuation: continuation))
                return false
            }
            if mayStart { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.running -= 1
            // The deepest first: what has begun comes to its end before more is begun.
            let first = state.waiters.indices.max { one, other in
                (state.waiters[one].depth, -one) < (state.waiters[other].depth, -other)
            }
            guard let first, isFree(state.waiters[first].depth, state) else { return nil }
            state.running += 1
            return state.waiters.remove(at: first).continuation
        }
        next?.resume()
    }

    private func isFree(_ depth: Int, _ state: State) -> Bool { state.running + deepest - depth < places }
}
