import REPL
import Synchronization
import Trajectory

/// What becomes of a call's REPL when its loop has ended: the root's is left with the keeper, where there is one, any other
/// is closed.
final class RootREPL: Sendable {
    let handler: SubcallSwitch
    private let call: RLMCall
    private let points: Mutex<[RunID: [Int: REPLKeeper.Point]]>

    private var keeper: REPLKeeper? { call.depth == 0 ? call.run.keeper : nil }

    /// - Parameter kept: what the REPL was taken over with.
    init(call: RLMCall, kept: REPLKeeper.Kept?) {
        self.call = call
        handler = kept?.handler ?? SubcallSwitch()
        points = Mutex(kept?.points ?? [:])
    }

    /// Takes a checkpoint between two iterations.
    func mark(_ repl: REPL, after progress: Progress) async {
        guard keeper != nil, let checkpoint = await repl.checkpoint() else { return }
        let point = REPLKeeper.Point(checkpoint: checkpoint, unfinishedAnswer: progress.unfinishedAnswer)
        points.withLock { $0[call.run.id, default: [:]][progress.nextOrdinal - 1] = point }
    }

    func leave(_ repl: REPL, isSound: Bool) async {
        // Code that still runs something could go on asking models after the end of its run.
        guard let keeper, isSound, !Task.isCancelled, await repl.checkpoint() != nil else { return await repl.close() }
        await keeper.keep(REPLKeeper.Kept(repl: repl, handler: handler, points: points.withLock { $0 }))
    }
}
