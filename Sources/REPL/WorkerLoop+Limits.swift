import Glibc
import Trajectory

/// What ends a block, or a worker, before its time.
extension WorkerLoop {
    /// Ends the block: interrupts it first, so that its variables survive, where that can help.
    func stop(_ reason: Stop, _ now: Double) {
        switch reason {
        case .memoryLimit, .processLimit, .forged:
            if block?.stop == nil { block?.stop = reason }
            endWorker(reason)
        case .timedOut, .cancelled, .outputLimit:
            guard block != nil, block?.stop == nil else { return }
            block?.stop = reason
            interruptAgain(now)
        }
    }

    private func interruptAgain(_ now: Double) {
        guard let number = block?.order.number, let times = block?.interrupts else { return }
        if times == Self.interruptLimit {
            endWorker(nil)
            return
        }
        worker?.interrupt(block: number)
        block?.interrupts = times + 1
        block?.nextStep = now + Self.secondsBetweenInterrupts
    }

    func checkTime(_ now: Double) {
        if now >= readyBy {
            failed(
                REPLError(code: .workerFailed, message: "Python did not get ready in \(Int(Self.secondsToStart)) s.")
            )
        }
        guard let block else { return }
        if now >= block.nextStep {
            interruptAgain(now)
        } else if block.stop == nil, block.clock.countedSeconds >= limits.secondsPerBlock {
            stop(.timedOut, now)
        }
    }

    /// Looks at the memory and the processes of the worker, and whether it is still there.
    func look(_ now: Double) {
        nextLook = .infinity
        guard let worker else { return }
        if worker.child.hasEnded {
            workerEnded()
            return
        }
        let tree = worker.tree(limit: limits.processes + worker.frozen.count)
        if areCheckpointsToBeWeighed, block == nil {
            areCheckpointsToBeWeighed = false
            trimCheckpoints(byMemory: true)
        }
        // What ended below a checkpoint stays as a number until that goes on again.
        let alive = worker.frozen.isEmpty ? tree.processes : tree.processes.filter(ProcessTree.isAlive)
        let own = worker.codeProcessCount(of: alive)
        if own > limits.processes {
            stop(.processLimit, now)
        } else if tree.memory(over: limits.memory) > limits.memory, dropUnneededCheckpoints() {
            nextLook = now + Self.secondsBetweenLooks
        } else if tree.memory(over: limits.memory) > limits.memory {
            stop(.memoryLimit, now)
        } else if block != nil || !isReady {
            block?.clock.sample(cpu: tree.cpuSeconds)
            nextLook = now + Self.secondsBetweenLooks
        } else if own > 1 || tree.threadCount > alive.count {
            // Something goes on between blocks. Otherwise nothing can happen, and nobody needs to look.
            nextLook = now + 5 * Self.secondsBetweenLooks
        }
    }

    /// Reads once what the worker printed.
    func readOutput(_ stream: WorkerProcess.Stream, _ worker: WorkerProcess) {
        guard let count = worker.read(stream, room) else { return worker.closeOutput(stream) }
        let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
        if stream == .stdout { stdout.append(bytes) } else { stderr.append(bytes) }
        let printed = stdout.byteCount + stderr.byteCount - (block?.printedBefore ?? 0)
        if block != nil, printed > limits.outputPrinted { stop(.outputLimit, Clock.now) }
    }

    /// Reads what was printed before now; a child that holds the pipe and goes on printing is not waited for.
    func readPendingOutput(_ worker: WorkerProcess) {
        for stream in [WorkerProcess.Stream.stdout, .stderr] {
            var left = worker.pending(stream)
            while left > 0 {
                let before = stdout.byteCount + stderr.byteCount
                readOutput(stream, worker)
                let count = stdout.byteCount + stderr.byteCount - before
                if count == 0 { break }
                left -= count
            }
        }
    }
}
