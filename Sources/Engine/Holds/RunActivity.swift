import Synchronization

/// Counts what goes on in a run, so that it can be told when nothing does but waiting for a person.
///
/// Busy is every `rlm` call whose code does not wait for sub-calls, and every sub-call that is neither held nor waits for
/// its own code. What is held is not busy.
final class RunActivity: Sendable {
    private struct Counts {
        var busy = 0
        var held = 0
    }

    private let counts = Mutex(Counts())

    func begin(_ count: Int = 1) { counts.withLock { $0.busy += count } }
    func end(_ count: Int = 1) { counts.withLock { $0.busy -= count } }

    /// Runs `body`, in which something waits for a person.
    func whileHeld<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        counts.withLock { counts in
            counts.held += 1
            counts.busy -= 1
        }
        defer {
            counts.withLock { counts in
                counts.held -= 1
                counts.busy += 1
            }
        }
        return try await body()
    }

    /// Whether something is held and nothing else goes on.
    private var isWaitingForAPerson: Bool { counts.withLock { $0.held > 0 && $0.busy <= 0 } }

    /// Returns once nothing has gone on for a while but waiting for a person, or the task is cancelled: between the end of
    /// one thing and the beginning of the next there are moments without any.
    func untilAllWaits() async {
        var looks = 0
        while looks < 4, !Task.isCancelled {
            looks = isWaitingForAPerson ? looks + 1 : 0
            try? await Task.sleep(for: .milliseconds(25))
        }
    }
}
