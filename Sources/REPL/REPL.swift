import Trajectory
import Synchronization

/// A persistent Python in which a model's code blocks run: one worker process for one `rlm` call.
///
/// For example:
///
///     let repl = try await REPL(environment: .sandbox, contexts: [mounted], limits: REPLLimits(), handler: dispatcher)
///     let result = await repl.run("print(len(context))")
///     await repl.close()
package final class REPL: Sendable {
    private let link: WorkerLink
    private let lastRun = Mutex(0)

    /// Starts the worker and waits until it has read its contexts.
    ///
    /// - Parameters:
    ///   - contexts: in order; `context` is the last one.
    ///   - history: earlier turns of a session, a JSON value each; the items of the list `history`.
    ///   - seeds: with the same ones the same code gets the same set order and random numbers.
    ///   - python: a Python to use instead of the system's.
    /// - Throws: `REPLError`.
    package init(
        environment: REPLEnvironment,
        contexts: [MountedContext],
        history: [String] = [],
        limits: REPLLimits = REPLLimits(),
        seeds: REPLSeeds = REPLSeeds(),
        handler: any SubcallHandler,
        python: String? = nil
    ) async throws {
        let launch = try WorkerLaunch(
            environment: environment,
            contexts: contexts,
            history: history,
            limits: limits,
            seeds: seeds,
            python: python
        )
        do {
            link = try WorkerLink()
        } catch {
            launch.host.cleanUp()
            throw REPLError(code: .workerFailed, message: "The REPL could not start: it \(error).")
        }
        let link = link
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { (started: CheckedContinuation<REPLError?, Never>) in
                WorkerLoop.start(launch, limits: limits, handler: handler, link: link, started: started)
            }
        } onCancel: {
            link.post(.close)
        }
        if let failure {
            await link.untilClosed()
            throw failure
        }
    }

    deinit {
        link.post(.close)
    }

    /// Runs a code block to its end. Blocks run one at a time, in the order in which they came.
    ///
    /// Cancelling the task interrupts the block and, if it does not end, kills the worker.
    package func run(_ code: String) async -> BlockResult {
        let number = lastRun.withLock { last in
            last += 1
            return last
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                if !link.post(.run(WorkerLink.RunOrder(number: number, code: code, done: done))) {
                    done.resume(returning: .notRun(.died(Failure(kind: "closed", message: "The REPL was closed."))))
                }
            }
        } onCancel: {
            link.post(.stop(run: number))
        }
    }

    /// Takes a picture of the REPL as it is after the blocks that were asked for before; milliseconds, and memory only for
    /// what changes afterwards.
    ///
    /// - Returns: nil where none can be taken, which `checkpointObstacle` says why: other threads are running, or processes
    ///   that the code started. The way back is then to run the blocks again.
    package func checkpoint() async -> Checkpoint? {
        await withCheckedContinuation { taken in
            if !link.post(.checkpoint(taken)) { taken.resume(returning: nil) }
        }
    }

    /// Why the last checkpoint that was asked for could not be taken; nil where it was.
    package var checkpointObstacle: String? { link.checkpointObstacle }

    /// The checkpoints that can be gone back to, oldest first. When there are too many or they take too much memory, the
    /// oldest go first, but for the very first one.
    package var checkpoints: [Checkpoint] { link.checkpoints }

    /// Goes back to a checkpoint, any number of times, after the blocks that were asked for before. What has run since is
    /// gone with all that it started, its sub-calls are cancelled, and the next block is number `block + 1` again. Other
    /// checkpoints stay.
    ///
    /// - Throws: `REPLError` `checkpointGone`; the REPL is then as it was, or, where its Python had to be killed, new.
    package func restore(_ checkpoint: Checkpoint) async throws {
        let failure = await withCheckedContinuation { done in
            if !link.post(.restore(checkpoint, done)) {
                done.resume(returning: REPLError.checkpointGone(checkpoint))
            }
        }
        if let failure { throw failure }
    }

    /// Drops a checkpoint.
    package func drop(_ checkpoint: Checkpoint) {
        link.post(.drop(checkpoint))
    }

    /// What the person who started the run should know: a bound that could not be set. A sentence or two each, for the
    /// run's record; the code sees none of it.
    package var notices: [String] { link.notices }

    /// Interrupts the block that runs now, as cancelling it does.
    package func interrupt() {
        link.post(.stop(run: nil))
    }

    /// Kills the worker with all that it started and removes its folder. Returns when that is done.
    package func close() async {
        link.post(.close)
        await link.untilClosed()
    }
}

extension BlockResult {
    /// Of a block that never started.
    package static func notRun(_ outcome: Outcome) -> BlockResult {
        BlockResult(
            outcome: outcome,
            output: Output(),
            stdoutHash: CapturedOutput(limit: 0).hash,
            stderrHash: CapturedOutput(limit: 0).hash,
            variables: [],
            finalAnswer: nil,
            seconds: 0,
            waitingSeconds: 0
        )
    }
}
