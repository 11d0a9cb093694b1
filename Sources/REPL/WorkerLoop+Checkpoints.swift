import Glibc
import Trajectory

/// Checkpoints: taking them, going back to them, and dropping them.
extension WorkerLoop {
    /// How long a worker may take to freeze or to go on.
    static let secondsToReply = 10.0

    /// Takes a checkpoint, or names the one that the REPL stands at.
    func takeCheckpoint(isListed: Bool) -> Checkpoint? {
        if isListed { link.checkpointObstacle = nil }
        guard let worker else { return nil }
        if isAtCheckpoint, let picture = lastCheckpoint {
            if isListed { picture.isListed = true }
            list(worker)
            return picture.checkpoint
        }
        guard subcalls.isEmpty else { return refused("sub-calls are under way", isListed) }
        checkpointCount += 1
        let checkpoint = Checkpoint(number: checkpointCount, block: blockCount)
        let asked: WorkerProcess.Freezing
        do { asked = try worker.askToFreeze(number: checkpointCount) } catch { return refused("it \(error)", isListed) }
        guard let reply = awaitReply(worker) else {
            // Nobody knows which process there is now.
            if self.worker === worker { startAnew() }
            return refused("Python did not answer", isListed)
        }
        guard reply.text(0) == "frozen",
            let picture = worker.hasFrozen(
                checkpoint,
                asked,
                goesOnAs: reply.number(3),
                variables: variables,
                isListed: isListed
            )
        else { return refused(reply.text(3, limit: WorkerFrame.messageLimit), isListed) }
        // One of the REPL's own is enough.
        for old in worker.frozen where old !== picture && !old.isListed { worker.drop(old) }
        lastCheckpoint = picture
        isAtCheckpoint = true
        trimCheckpoints()
        return picture.checkpoint
    }

    /// After a block that ran clean, where it costs little, so that one that has to be killed costs its own variables alone.
    func takeAutomaticCheckpoint() {
        guard limits.automaticCheckpointMemory > 0, let worker, subcalls.isEmpty, let memory = worker.activeMemory,
            memory <= limits.automaticCheckpointMemory
        else { return }
        _ = takeCheckpoint(isListed: false)
    }

    private func refused(_ reason: String, _ isListed: Bool) -> Checkpoint? {
        if isListed { link.checkpointObstacle = reason }
        return nil
    }

    /// Goes back to a checkpoint that somebody asked for.
    func restore(_ checkpoint: Checkpoint) -> REPLError? {
        guard let worker, let picture = worker.frozen.first(where: { $0.checkpoint == checkpoint && $0.isListed })
        else {
            return REPLError.checkpointGone(checkpoint)
        }
        guard goOn(from: picture, worker) else {
            if self.worker === worker { startAnew() }
            return REPLError.checkpointGone(checkpoint)
        }
        blockCount = checkpoint.block
        // Nothing that was printed or said since belongs to what runs next.
        (stdout, stderr) = (CapturedOutput(limit: limits.outputKept), CapturedOutput(limit: limits.outputKept))
        notes = []
        return nil
    }

    /// Has a checkpoint go on in the place of what runs.
    ///
    /// - Returns: false where the whole worker has to go.
    func goOn(from picture: FrozenWorker, _ worker: WorkerProcess) -> Bool {
        guard worker.goOn(from: picture) else { return false }
        cancelSubcalls()
        workerNumber += 1
        guard let reply = awaitReply(worker), reply.text(0) == "restored", worker.hasGoneOn(as: reply.number(3)) else {
            return false
        }
        readPendingOutput(worker)
        lastCheckpoint = picture
        isAtCheckpoint = true
        variables = picture.variables
        return true
    }

    func drop(_ checkpoint: Checkpoint) {
        guard let worker, let picture = worker.frozen.first(where: { $0.checkpoint == checkpoint }) else { return }
        picture.isListed = false
        if picture !== lastCheckpoint { worker.drop(picture) }
        list(worker)
    }

    /// Drops the oldest, except the first one and the one that the REPL was last at, until they are few and small enough.
    ///
    /// - Parameter byMemory: looks at their memory, too, which takes milliseconds each.
    func trimCheckpoints(byMemory: Bool = false) {
        guard let worker else { return }
        let mayTakeTooMuch = byMemory && worker.frozenMemory > limits.checkpointMemory
        while worker.frozen.count > 1 {
            let isTooMany = worker.frozen.count > max(1, limits.checkpoints)
            guard isTooMany || (mayTakeTooMuch && worker.checkpointMemory > limits.checkpointMemory) else { break }
            guard let picture = worker.frozen.dropFirst().first(where: { $0 !== lastCheckpoint }) else { break }
            worker.drop(picture)
        }
        list(worker)
    }

    /// Drops every checkpoint that can be dropped, where memory runs out.
    ///
    /// - Returns: whether there was one.
    func dropUnneededCheckpoints() -> Bool {
        guard let worker else { return false }
        let pictures = worker.frozen.dropFirst().filter { $0 !== lastCheckpoint }
        for picture in pictures { worker.drop(picture) }
        list(worker)
        return !pictures.isEmpty
    }

    private func list(_ worker: WorkerProcess) {
        link.checkpoints = worker.frozen.filter(\.isListed).map(\.checkpoint)
    }

    /// Waits for what the worker says about a checkpoint. It comes within milliseconds, and nothing else is done meanwhile.
    private func awaitReply(_ worker: WorkerProcess) -> WorkerFrame? {
        reply = nil
        isAwaitingReply = true
        defer {
            isAwaitingReply = false
            reply = nil
        }
        let end = Clock.now + Self.secondsToReply
        while reply == nil, Clock.now < end {
            var watched = pollfd(fd: worker.socket.number, events: Int16(POLLIN), revents: 0)
            if worker.socket.unsentByteCount > 0 { watched.events |= Int16(POLLOUT) }
            poll(&watched, 1, 100)
            if watched.revents & Int16(POLLOUT) != 0 { worker.socket.flush() }
            guard watched.revents & ~Int16(POLLOUT) != 0 else { continue }
            guard receiveReply(worker) else { break }
        }
        return reply
    }
}
