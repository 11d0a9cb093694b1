import Glibc
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
        startBlock()
    }

    /// The worker's word that a block has ended.
    func blockEnded(_ frame: WorkerFrame, _ worker: WorkerProcess) {
        takePending(worker)
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
        finish(outcome, variables: frame.variables, finalAnswer: final, unfinishedAnswer: unfinished)
        nextLook = min(nextLook, Clock.now + Self.secondsBetweenLooks)
        startBlock()
    }

    private var outputFailure: Failure {
        Failure(
            kind: "OutputLimit",
            message: "the block printed more than \(limits.outputPrinted) bytes and was stopped; print less"
        )
    }

    private func finish(
        _ outcome: BlockResult.Outcome, variables: [Variable], finalAnswer: String?, unfinishedAnswer: String? = nil
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

    /// The worker ended by itself.
    func workerEnded() {
        replaceWorker(nil)
    }

    private func replaceWorker(_ known: Failure?) {
        guard let worker else { return }
        // Given a moment, one that ended by itself tells why.
        var status = known == nil ? worker.end(within: 0.3) : nil
        let killed = worker.kill()
        status = status ?? killed
        takePending(worker)
        guard isReady else {
            failed(launchError(known, status))
            return
        }
        let failure = known ?? Self.failure(of: status)
        dropWorker()
        let note = "[\(failure.message). Its variables are gone; a new one has started, with the contexts.]"
        if let block {
            notes.append(note)
            let outcome: BlockResult.Outcome =
                switch block.stop {
                case .timedOut: .timedOut
                case .cancelled: .cancelled
                case .outputLimit: .raised(outputFailure)
                case .memoryLimit, .processLimit, .forged, nil: .died(failure)
                }
            finish(outcome, variables: [], finalAnswer: nil)
        } else {
            notes.append("[Between the blocks: " + note.dropFirst())
        }
        startWorker()
    }

    private func dropWorker() {
        _ = worker?.kill()
        worker?.close()
        worker = nil
        workerNumber += 1
        isReady = false
        readyBy = .infinity
        nextLook = .infinity
        cancelSubcalls()
    }

    private static func failure(of status: ExitStatus?) -> Failure {
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
    private func launchError(_ known: Failure?, _ status: ExitStatus?) -> REPLError {
        let said = stderr.text().text.split(separator: "\n").last.map(String.init) ?? ""
        if status == .exited(WorkerLaunch.tooOldStatus) {
            return REPLError.pythonTooOld(launch.python, "older than 3.9")
        }
        if launch.isSandbox, said.hasPrefix("bwrap:") { return Bubblewrap.error(said) }
        let reason = known ?? Self.failure(of: status)
        return REPLError(
            code: .workerFailed,
            message: "Python (\(launch.python)) could not start as a REPL: \(reason.message)"
                + (said.isEmpty ? "." : ". It said: \(said)")
        )
    }

    /// The end of the thread: kills what there is and answers everybody who waits.
    func shutDown() {
        dropWorker()
        launch.removeFolder()
        started?.resume(returning: REPLError(code: .workerFailed, message: "The REPL was closed before it was ready."))
        started = nil
        finish(.cancelled, variables: [], finalAnswer: nil)
        let closed = BlockResult.notRun(.died(Failure(kind: "closed", message: "The REPL was closed.")))
        for (order, _) in queue { order.done.resume(returning: closed) }
        for order in mailbox.close() {
            if case .run(let run) = order { run.done.resume(returning: closed) }
        }
    }
}
