import Foundation
import Synchronization
import Trajectory

/// The sub-calls that an earlier engine had written down in an iteration it did not end. Code that runs again asks for the
/// same things, and gets the rows and answers that are there, each once and in order.
final class OpenCalls: Sendable {
    struct Row: Sendable {
        var call: CallID
        var ordinal: Int
        /// The request of an `llm` call.
        var completion: CompletionID?
        var kind: Call.Kind
        var keys: [Data]
        var status: Status
        /// What it was answered; also where that is held before delivery.
        var answer: Recording.Answer?
        /// Whether its request has ended, and only the call has not.
        var isPaid: Bool

        /// Whether nothing has to be found for it any more.
        var isAnswered: Bool { status.isFinal || isPaid }
    }

    private let rows: Mutex<[Row]>

    /// The highest ordinal that is taken in the iteration, by blocks that had ended too.
    let count: Int

    init(_ rows: [Row] = [], taken: Int = 0) {
        self.rows = Mutex(rows)
        count = taken
    }

    /// The next row that was asked the same; nil where there is none.
    func next(kind: Call.Kind, keys: () -> [Data]) -> Row? {
        rows.withLock { rows in
            guard !rows.isEmpty else { return nil }
            let wanted = keys()
            guard
                let index = rows.firstIndex(where: { $0.kind == kind && !$0.keys.allSatisfy { !wanted.contains($0) } })
            else { return nil }
            return rows.remove(at: index)
        }
    }

    /// Takes those that nobody asked for again.
    func takeLeft() -> [Row] {
        rows.withLock { rows in
            defer { rows = [] }
            return rows
        }
    }
}
