import Glibc
import Trajectory

/// The thread that minds one REPL: starts the worker, runs its blocks, reads its output, carries its sub-calls, and
/// ends what goes over its limits. It waits in `poll`, and nobody else touches the worker.
///
/// It is also the thread that the worker dies with: bubblewrap's `--die-with-parent` means the thread that spawned it.
final class WorkerLoop: @unchecked Sendable {  // @unchecked: made by `start`, then touched on its own thread alone.
    /// Why a block is ended before its time.
    enum Stop { case timedOut, cancelled, outputLimit, memoryLimit, processLimit, forged }

    struct Block {
        let order: WorkerLink.RunOrder
        /// Which block it is for the code: `<block 3>` in tracebacks.
        let position: Int
        var clock: BlockClock
        var stop: Stop?
        /// How often it was interrupted, and when the next step is due.
        var interrupts = 0
        var nextStep = Double.infinity
        var printedBefore: Int
    }

    struct Subcall {
        let task: Task<Void, Never>
        let isMain: Bool
    }

    /// A block that was interrupted this often, at this distance, is killed.
    static let interruptLimit = 3
    static let secondsBetweenInterrupts = 0.65
    /// Sub-calls, a batch counting as one, that may wait at once: more than threads there can be.
    static let subcallLimit = 4096
    /// How long a worker may take to read its contexts.
    static let secondsToStart = 300.0
    /// Between looks at memory and processes.
    static let secondsBetweenLooks = 0.05

    let launch: WorkerLaunch
    let limits: REPLLimits
    let handler: any SubcallHandler
    let link: WorkerLink
    var started: CheckedContinuation<REPLError?, Never>?
    var worker: WorkerProcess?
    /// Counts workers, so that an answer for one that is gone does not reach the next.
    var workerNumber = 0
    var isReady = false
    var readyBy = Double.infinity
    /// Why there is no worker and will be none.
    var failure: REPLError?
    var block: Block?
    /// What is to be done between blocks, one after the other: blocks, checkpoints taken and gone back to.
    var queue: [WorkerLink.Order] = []
    /// Blocks that have run, on the way that led to where the REPL is now.
    var blockCount = 0
    /// Counts checkpoints.
    var checkpointCount = 0
    /// The checkpoint that the REPL was last at.
    var lastCheckpoint: FrozenWorker?
    /// Nothing has run since `lastCheckpoint`.
    var isAtCheckpoint = false
    /// Variables after the last block.
    var variables: [Variable] = []
    /// A block has run since their memory was last looked at.
    var areCheckpointsToBeWeighed = false
    /// What the worker said about a checkpoint that was asked for, while that is waited for.
    var reply: WorkerFrame?
    var isAwaitingReply = false
    /// Runs that were cancelled before they came.
    var stoppedEarly: Set<Int> = []
    var subcalls: [Int: Subcall] = [:]
    /// Bytes of the requests that are being answered, also of those that nobody waits for any more.
    var askedByteCount = 0
    var stdout: CapturedOutput
    var stderr: CapturedOutput
    /// Told in the stderr of the next block.
    var notes: [String] = []
    var nextLook = 0.0
    var isClosing = false
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    private init(_ launch: WorkerLaunch, limits: REPLLimits, handler: any SubcallHandler, link: WorkerLink) {
        self.launch = launch
        self.limits = limits
        self.handler = handler
        self.link = link
        stdout = CapturedOutput(limit: limits.outputKept)
        stderr = CapturedOutput(limit: limits.outputKept)
    }

    deinit { room.deallocate() }

    /// Starts the thread; `started` gets nil once the worker is ready.
    static func start(
        _ launch: WorkerLaunch,
        limits: REPLLimits,
        handler: any SubcallHandler,
        link: WorkerLink,
        started: CheckedContinuation<REPLError?, Never>
    ) {
        let loop = WorkerLoop(launch, limits: limits, handler: handler, link: link)
        loop.started = started
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<WorkerLoop>.fromOpaque(raw).takeRetainedValue().main()
                return nil
            },
            Unmanaged.passRetained(loop).toOpaque()
        )
        if code == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged.passUnretained(loop).release()
            launch.host.cleanUp()
            _ = link.close()
            started.resume(returning: REPLError(code: .workerFailed, message: "No thread could be started."))
        }
    }

    private func main() {
        startWorker()
        while !isClosing { turn() }
        shutDown()
    }

    /// Waits for something to happen and sees to it.
    private func turn() {
        var watched = [pollfd(fd: link.wakeUpNumber, events: Int16(POLLIN), revents: 0)]
        if let worker {
            let unsent = worker.socket.unsentByteCount
            let events = (isHoldingBack(unsent) ? 0 : POLLIN) | (unsent > 0 ? POLLOUT : 0)
            watched.append(pollfd(fd: worker.socket.number, events: Int16(events), revents: 0))
            watched.append(pollfd(fd: worker.stdout.number, events: Int16(POLLIN), revents: 0))
            watched.append(pollfd(fd: worker.stderr.number, events: Int16(POLLIN), revents: 0))
        }
        poll(&watched, nfds_t(watched.count), timeout())
        let now = Clock.now
        block?.clock.advance(to: now)

        if watched[0].revents != 0 { for order in link.takeOrders() { obey(order, now) } }
        if let worker, watched.count == 4 {
            if watched[1].revents & Int16(POLLOUT) != 0 { worker.socket.flush() }
            if watched[2].revents != 0 { readOutput(.stdout, worker) }
            if watched[3].revents != 0 { readOutput(.stderr, worker) }
            if watched[1].revents & ~Int16(POLLOUT) != 0 { receive(worker, now) }
        }
        if now >= nextLook { look(now) }
        checkTime(now)
    }

    /// Whether the worker has to wait until what it asked for is answered and read. One that is being stopped has not, so
    /// that it can hear of it.
    private func isHoldingBack(_ unsent: Int) -> Bool {
        block?.stop == nil && !isAwaitingReply
            && (askedByteCount > WorkerFrame.pendingLimit || unsent > WorkerFrame.pendingLimit)
    }

    /// Milliseconds that `poll` may wait; -1 for ever.
    private func timeout() -> Int32 {
        var due = min(nextLook, readyBy)
        if let block {
            due = min(due, block.nextStep)
            if block.stop == nil, block.clock.pace == .running {
                due = min(due, Clock.now + limits.secondsPerBlock - block.clock.countedSeconds)
            }
        }
        guard due.isFinite else { return -1 }
        return Int32(min(60_000, max(0, (due - Clock.now) * 1000)).rounded(.up))
    }

    // MARK: Orders

    private func obey(_ order: WorkerLink.Order, _ now: Double) {
        switch order {
        case .run(let run):
            if stoppedEarly.remove(run.number) != nil {
                blockCount += 1
                run.done.resume(returning: .notRun(.cancelled))
            } else {
                queue.append(order)
                startNext()
            }
        case .stop(let run):
            if let block, run == nil || block.order.number == run {
                stop(.cancelled, now)
            } else if let run, let index = queue.firstIndex(where: { $0.run?.number == run }) {
                blockCount += 1
                queue.remove(at: index).refuse(.cancelled)
            } else if let run {
                stoppedEarly.insert(run)
            }
        case .checkpoint, .restore, .drop:
            queue.append(order)
            startNext()
        case .answered(let number, let subcall, let byteCount):
            askedByteCount -= byteCount
            // Frames that came before the worker was held back.
            if let worker { hearAll(worker, now) }
            guard number == workerNumber, subcalls.removeValue(forKey: subcall) != nil else { return }
            setPace(now)
        case .close:
            isClosing = true
        }
    }

    /// Does what is to be done next, unless a block runs.
    func startNext() {
        if let failure {
            for order in queue { order.refuse(.died(failure.asFailure)) }
            queue = []
        }
        while block == nil, isReady, worker != nil, !queue.isEmpty {
            switch queue.removeFirst() {
            case .run(let order): startBlock(order)
            case .checkpoint(let taken): taken.resume(returning: takeCheckpoint(isListed: true))
            case .restore(let checkpoint, let done): done.resume(returning: restore(checkpoint))
            case .drop(let checkpoint): drop(checkpoint)
            case .stop, .answered, .close: break
            }
        }
    }

    private func startBlock(_ order: WorkerLink.RunOrder) {
        guard let worker else { return }
        blockCount += 1
        isAtCheckpoint = false
        let position = blockCount
        let now = Clock.now
        block = Block(
            order: order,
            position: position,
            clock: BlockClock(now: now),
            printedBefore: stdout.byteCount + stderr.byteCount
        )
        setPace(now)
        nextLook = min(nextLook, now + Self.secondsBetweenLooks)
        worker.socket.send(WorkerFrame.encode(["run", "0", String(order.number), order.code, String(position)]))
    }

    // MARK: What the worker says

    /// Handles frames while a reply is awaited.
    ///
    /// - Returns: false where the worker has ended or what it says is not its own.
    func receiveReply(_ worker: WorkerProcess) -> Bool {
        let isOpen = worker.receive(room)
        do {
            while let frame = try worker.nextFrame() { hear(frame, worker, Clock.now) }
        } catch { return false }
        return isOpen
    }

    private func receive(_ worker: WorkerProcess, _ now: Double) {
        let isOpen = worker.receive(room)
        hearAll(worker, now)
        if !isOpen, self.worker === worker { workerEnded() }
    }

    /// Handles the frames that have come, unless the worker has to wait.
    private func hearAll(_ worker: WorkerProcess, _ now: Double) {
        do {
            while self.worker === worker, !isHoldingBack(worker.socket.unsentByteCount),
                let frame = try worker.nextFrame()
            {
                hear(frame, worker, now)
            }
        } catch {
            stop(.forged, now)
        }
    }

    private func hear(_ frame: WorkerFrame, _ worker: WorkerProcess, _ now: Double) {
        switch frame.text(0) {
        case "ask":
            if subcalls.count >= Self.subcallLimit {
                stop(.forged, now)
            } else if let (number, isMain, asked) = frame.subcall, subcalls[number] == nil {
                var request = asked
                // Code that speaks the protocol itself may claim any number; only blocks that have run count.
                request.block = min(max(1, request.block), block?.position ?? blockCount)
                ask(number, isMain, request, byteCount: frame.byteCount, worker)
                setPace(now)
            }
        case "drop":
            if let number = frame.number(1) { subcalls.removeValue(forKey: number)?.task.cancel() }
            setPace(now)
        case "frozen", "refused", "restored":
            if isAwaitingReply { reply = frame }
        case "done":
            if let block, frame.number(1) == block.order.number { blockEnded(frame, worker) }
        case "ready" where !isReady:
            isReady = true
            readyBy = .infinity
            if !worker.boundProcesses(limit: launch.processLimit) { link.notice(ProcessBound.problem) }
            worker.volunteerForOutOfMemory()
            started?.resume(returning: nil)
            started = nil
            startNext()
        case "failed" where !isReady:
            failed(REPLError(code: .contextUnreadable, message: "The REPL could not start: \(frame.text(2))."))
        default:
            break
        }
    }

    private func ask(
        _ number: Int, _ isMain: Bool, _ request: SubcallRequest, byteCount: Int, _ worker: WorkerProcess
    ) {
        askedByteCount += byteCount
        let task = Task { [handler, link, workerNumber, socket = worker.socket] in
            var outcomes = await handler.answer(request)
            while outcomes.count < request.prompts.count {
                outcomes.append(.failure(Failure(kind: "bad_response", message: "the engine gave no answer")))
            }
            socket.send(WorkerFrame.answer(number, Array(outcomes.prefix(request.prompts.count))))
            // This also has the thread see to what the socket did not take.
            link.post(.answered(worker: workerNumber, subcall: number, byteCount: byteCount))
        }
        subcalls[number] = Subcall(task: task, isMain: isMain)
    }

    func cancelSubcalls() {
        for subcall in subcalls.values { subcall.task.cancel() }
        subcalls = [:]
    }

    /// Sets how the time of the block counts from now on.
    private func setPace(_ now: Double) {
        let pace: BlockClock.Pace =
            subcalls.isEmpty ? .running : subcalls.values.contains(where: \.isMain) ? .waiting : .othersWaiting
        block?.clock.advance(to: now, pace: pace)
    }
}

extension REPLError {
    var asFailure: Failure { Failure(kind: code.rawValue, message: message) }
}

extension WorkerLink.Order {
    var run: WorkerLink.RunOrder? {
        if case .run(let order) = self { order } else { nil }
    }

    /// Answers whoever waits for it that it will not be carried out.
    func refuse(_ outcome: BlockResult.Outcome) {
        switch self {
        case .run(let order): order.done.resume(returning: .notRun(outcome))
        case .checkpoint(let taken): taken.resume(returning: nil)
        case .restore(let checkpoint, let done): done.resume(returning: REPLError.checkpointGone(checkpoint))
        case .drop, .stop, .answered, .close: break
        }
    }
}
