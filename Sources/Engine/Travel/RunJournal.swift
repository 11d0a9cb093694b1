import Synchronization
import Trajectory

/// What a run that repeats an earlier one did differently, and how much of it needed no model.
final class RunJournal: Sendable {
    private struct Entries {
        var recorded = 0
        var diverged: [Address] = []
        var reasons: [Address: String] = [:]
    }

    private let entries = Mutex(Entries())

    /// Counts sub-calls that were answered from the store.
    func countRecorded(_ count: Int = 1) { entries.withLock { $0.recorded += count } }

    /// Notes that a node did not repeat what was recorded, and how that showed. The first reason stays.
    func note(_ address: Address, _ reason: String) {
        entries.withLock { entries in
            guard entries.reasons[address] == nil else { return }
            entries.reasons[address] = reason
            entries.diverged.append(address)
        }
    }

    var recordedCalls: Int { entries.withLock { $0.recorded } }
    var diverged: [Address] { entries.withLock { $0.diverged } }

    /// A line each, for a person.
    var notices: [String] {
        entries.withLock { entries in
            entries.diverged.map { "\($0) did not repeat what was recorded: \(entries.reasons[$0] ?? "")" }
        }
    }
}
