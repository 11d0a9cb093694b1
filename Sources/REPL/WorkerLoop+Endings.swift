import Glibc
import OperatingSystem
import Trajectory

/// How blocks and workers end.
extension WorkerLoop {
    func startWorker() {
        do {
            worker = try WorkerProcess(launch)
            readyBy = Clock.now + Self.secondsToStart
            nextLook = Clock.now + Self.secondsBetweenLooks
        } catch {
            failed(REPLError(code: .workerFailed, message: "The REPL could not start: it \(error)."))
        }
    }

    /// There is no worker, and there will be none.
    func failed(_ error: REPLError) {
        failure = error
        dropWorker()
        if let started {
            self.started = nil
            isClosing = true
            started.resume(returning: error)
        }
        startNext()
    }

    /// The worker says that a block has ended.
    func blockEnded(_ frame: WorkerFrame, _ worker: WorkerProcess) {
        readPendingOutput(worker)
        guard let block else { return }
        let outcome: BlockResult.Outcome =
            switch block.stop {
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case .outputLimit: .raised(outputFailure)
            case .memoryLimit, .processLimit, .forged, nil: frame.outcome
            }
        // A block that was stopped may have left sub-calls behind that nobody waits for.
        if block.stop != nil { cancelSubcalls() }
        let final = outcome == .clean && frame.text(5) == "1" ? frame.text(6) : nil
        let unfinished = frame.text(5) == "0" && !frame.text(6).isEmpty ? frame.text(6) : nil
        variables = frame.variables
        finish(outcome, variables: variables, finalAnswer: final, unfinishedAnswer: unfinished)
        if outcome == .clean { takeAutomaticCheckpoint() }
        areCheckpointsToBeWeighed = true
        nextLook = min(nextLook, Clock.now + Self.secondsBetweenLooks)
        startNext()
    }

    private var outputFailure: Failure {
        Failure(
            kind: "OutputLimit",
            message: "the block printed more than \(limits.outputPrinted) bytes and was stopped; print less"
        )
    }

    private func finish(
        _ outcome: BlockResult.Outcome,
        _ aftermath: BlockResult.Aftermath = .kept,
        variables: [Variable],
        finalAnswer: String?,
        unfinishedAnswer: String? = nil
    ) {
        guard var block else { return }
        self.block = nil
        block.clock.advance(to: Clock.now)
        // Both together stay within the limit: one gets at least what the other leaves, and half.
        let half = limits.outputKept / 2
        let room = limits.outputKept - min(stderr.byteCount, max(half, limits.outputKept - stdout.byteCount))
        let hashes = (stdout.hash, stderr.hash)
        // Each is let go before the next is made a text of.
        let out = stdout.text(limit: room)
        let left = limits.outputKept - min(stdout.byteCount, room)
        stdout = CapturedOutput(limit: limits.outputKept)
        let err = stderr.text(limit: left)
        stderr = CapturedOutput(limit: limits.outputKept)
        var told = err.text
        for note in notes { told += (told.isEmpty || told.hasSuffix("\n") ? "" : "\n") + note + "\n" }
        notes = []
        block.order.done.resume(
            returning: BlockResult(
                outcome: outcome,
                aftermath: aftermath,
                output: Output(stdout: out.text, stderr: told, cutByteCount: out.cutByteCount + err.cutByteCount),
                stdoutHash: hashes.0,
                stderrHash: hashes.1,
                variables: variables,
                finalAnswer: finalAnswer,
                unfinishedAnswer: unfinishedAnswer,
                seconds: block.clock.seconds,
                waitingSeconds: block.clock.waitingSeconds
            )
        )
    }

    /// Kills the worker, ends the block if there is one, and starts another worker.
    ///
    /// - Parameter reason: nil where the block's own `stop` is the reason.
    func endWorker(_ reason: Stop?) {
        let why =
            switch reason ?? block?.stop {
            case .memoryLimit: "its processes used more than \(limits.memory) bytes of memory"
            case .processLimit: "it had more than \(limits.processes) processes"
            case .forged: "something else than the REPL wrote to its socket"
            case .timedOut, .cancelled, .outputLimit: "it did not react to interrupts"
            case nil: "it did not answer"
            }
        let kind =
            switch reason {
            case .memoryLimit: "MemoryLimit"
            case .processLimit: "ProcessLimit"
            case .forged: "ProtocolViolation"
            default: "killed"
            }
        replaceWorker(Failure(kind: kind, message: "the Python process was killed: \(why)"))
    }

    /// Kills the worker with its checkpoints, after something went wrong with them, and starts another.
    func startAnew() {
        lastCheckpoint = nil
        endWorker(nil)
    }

    /// The worker ended by itself.
    func workerEnded() {
        replaceWorker(nil)
    }

    private func replaceWorker(_ known: Failure?) {
        guard let worker else { return }
        if known?.kind != "ProtocolViolation", recover(known, worker) { return }
        // Given a moment, one that ended by itself tells why.
        var status = known == nil ? worker.end(within: 0.3) : nil
        let killed = worker.kill()
        status = status ?? killed
        readPendingOutput(worker)
        guard isReady else {
            failed(launchError(known, status))
            return
        }
        let failure = known ?? Self.failure(of: status)
        dropWorker()
        let note = "[\(failure.message). Its variables are gone; a new one has started, with the contexts.]"
        if let block {
            notes.append(note)
            finish(outcome(of: block, failure), .lost, variables: [], finalAnswer: nil)
        } else {
            notes.append("[Between the blocks: " + note.dropFirst())
        }
        startWorker()
    }

    /// Goes on from the last checkpoint, where there is one, after what runs has ended or must.
    ///
    /// - Returns: false where a new worker has to be started.
    private func recover(_ known: Failure?, _ worker: WorkerProcess) -> Bool {
        guard isReady, let picture = lastCheckpoint, !worker.child.hasEnded else { return false }
        let failure = known ?? Self.failure(of: worker.activeEnd(within: 0.3))
        guard goOn(from: picture, worker) else { return false }
        let isBeforeThisBlock = block != nil && picture.checkpoint.block == blockCount - 1
        let place = isBeforeThisBlock ? "before this block" : "after block \(picture.checkpoint.block)"
        let note = "[\(failure.message). The REPL goes on with its variables as they were \(place).]"
        if let block {
            notes.append(note)
            let kept = picture.variables.map {
                Variable(name: $0.name, type: $0.type, byteCount: $0.byteCount, preview: $0.preview, isChanged: false)
            }
            finish(
                outcome(of: block, failure),
                .undone(toBlock: picture.checkpoint.block),
                variables: kept,
                finalAnswer: nil
            )
        } else {
            notes.append("[Between the blocks: " + note.dropFirst())
        }
        nextLook = Clock.now + Self.secondsBetweenLooks
        startNext()
        return true
    }

    /// Of a block whose process was ended, or ended by itself.
    private func outcome(of block: Block, _ failure: Failure) -> BlockResult.Outcome {
        switch block.stop {
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        case .outputLimit: .raised(outputFailure)
        case .memoryLimit, .processLimit, .forged, nil: .died(failure)
        }
    }

    private func dropWorker() {
        _ = worker?.kill()
        worker?.close()
        worker = nil
        lastCheckpoint = nil
        isAtCheckpoint = false
        variables = []
        link.checkpoints = []
        workerNumber += 1
        isReady = false
        readyBy = .infinity
        nextLook = .infinity
        cancelSubcalls()
    }

    private static func failure(of status: ProcessEnd?) -> Failure {
        switch status {
        case .exited(let code) where code > 128 && code < 160:
            failure(of: .signalled(code - 128))  // as bubblewrap passes it on
        case .exited(let code):
            Failure(kind: "exited", message: "the Python process ended with exit code \(code)")
        case .signalled(let signal):
            Failure(
                kind: "killed",
                message: "the Python process was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
            )
        case nil:
            Failure(kind: "killed", message: "the Python process does not answer")
        }
    }

    /// Why a worker never got ready, from what it or bubblewrap said.
    private func launchError(_ known: Failure?, _ status: ProcessEnd?) -> REPLError {
        let said = stderr.text().text.split(separator: "\n").last.map(String.init) ?? ""
        if status == .exited(WorkerLaunch.tooOldStatus) {
            return REPLError.pythonTooOld(launch.python, "older than 3.9")
        }
        if let failure = launch.host.startFailure(said) { return failure }
        let reason = known ?? Self.failure(of: status)
        return REPLError(
            code: .workerFailed,
            message: "Python (\(launch.python)) could not start as a REPL: \(reason.message)"
                + (said.isEmpty ? "." : ". It said: \(said)")
        )
    }

    /// The end of the thread: kills the worker and answers everybody who waits.
    func shutDown() {
        dropWorker()
        launch.host.cleanUp()
        started?.resume(returning: REPLError(code: .workerFailed, message: "The REPL was closed before it was ready."))
        started = nil
        finish(.cancelled, variables: [], finalAnswer: nil)
        let closed = BlockResult.Outcome.died(Failure(kind: "closed", message: "The REPL was closed."))
        for order in queue + link.close() { order.refuse(closed) }
    }
}
