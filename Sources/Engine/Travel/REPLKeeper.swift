import REPL
import Synchronization
import Trajectory

/// Keeps the root's REPL of the last run of this process with its checkpoints, so that a fork of it begins in milliseconds
/// instead of running recorded blocks again.
///
/// A checkpoint is taken after each iteration; how many are kept, and how much memory they may take, is `REPLLimits`'s. It
/// gives up without a word where none is there: the code runs threads or processes, the checkpoint was dropped to make
/// room, another run came after. Then the blocks run again. A process that has no keeper keeps nothing.
package final class REPLKeeper: Sendable {
    /// The REPL after an iteration.
    struct Point: Sendable {
        let checkpoint: Checkpoint
        /// What stood in `answer["content"]` without being said to be ready.
        let unfinishedAnswer: String?
    }

    /// A REPL that is between two runs, and what can be gone back to in it.
    struct Kept: Sendable {
        let repl: REPL
        let handler: SubcallSwitch
        /// By run, and by the number of the iteration it was taken after; 0 for the beginning. A fork has those of its
        /// original up to where it begins.
        var points: [RunID: [Int: Point]]
    }

    private let kept = Mutex<Kept?>(nil)
    private let isClosed = Mutex(false)

    package init() {}

    /// Keeps it in place of the one before, which is closed.
    func keep(_ new: Kept) async {
        if isClosed.withLock({ $0 }) { return await new.repl.close() }
        let old = kept.withLock { kept in
            defer { kept = new }
            return kept
        }
        await old?.repl.close()
    }

    /// The REPL brought to where it was before an iteration of a run; nil where that cannot be. It is the caller's then.
    func take(_ run: RunID, before iteration: Int) async -> (kept: Kept, point: Point)? {
        let found = kept.withLock { kept -> (kept: Kept, point: Point)? in
            guard let found = kept, let point = found.points[run]?[iteration - 1] else { return nil }
            kept = nil
            return (found, point)
        }
        guard let found else { return nil }
        do {
            try await found.kept.repl.restore(found.point.checkpoint)
            return found
        } catch {
            await found.kept.repl.close()
            return nil
        }
    }

    /// Ends what is kept, and keeps nothing more.
    package func close() async {
        isClosed.withLock { $0 = true }
        let old = kept.withLock { kept in
            defer { kept = nil }
            return kept
        }
        await old?.repl.close()
    }
}

/// The end of a REPL's sub-calls, which another run can take over.
final class SubcallSwitch: SubcallHandler {
    private let target = Mutex<(any SubcallHandler)?>(nil)

    func connect(_ handler: any SubcallHandler) { target.withLock { $0 = handler } }

    func answer(_ request: SubcallRequest) async -> [SubcallOutcome] {
        let target = target.withLock { $0 }
        return await target?.answer(request) ?? []
    }
}
