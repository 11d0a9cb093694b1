import Glibc
import OperatingSystem
import Trajectory

/// One Python process and the descriptors that lead to it. Belongs to the thread of a `WorkerLoop`.
final class WorkerProcess {
    enum Stream { case stdout, stderr }

    let child: ChildProcess
    private let host: any WorkerHost
    /// Frames both ways.
    private(set) var socket: WorkerSocket
    /// Interrupts.
    private var line: Descriptor
    /// Descriptors for checkpoints.
    private var control: Descriptor
    private let token: [UInt8]
    /// Oldest first. The first one is the process that was started; the worker ends with it.
    private(set) var frozen: [FrozenWorker] = []
    /// The process that runs blocks, once it is another than the one that was started.
    private var active: pid_t?
    let stdout: Descriptor
    let stderr: Descriptor
    private var reader: WorkerFrameReader
    private var bound: ProcessBound?

    /// - Throws: `SystemError`.
    init(_ launch: WorkerLaunch) throws {
        let (mine, its) = try Self.connections()
        let (stdout, stdoutEnd) = try Descriptor.pipe()
        let (stderr, stderrEnd) = try Descriptor.pipe()
        for descriptor in [stdout, stderr] { descriptor.makeNonBlocking() }
        _ = fcntl(stdout.number, 1031, 1 << 20)  // F_SETPIPE_SZ: fewer wake-ups for much output
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
        token = (0..<WorkerFrame.tokenLength).map { _ in alphabet.randomElement() ?? 0 }
        reader = WorkerFrameReader(token: token)
        child = try launch.host.start(
            WorkerEnds(
                stdout: stdoutEnd, stderr: stderrEnd, socket: its.socket, line: its.line, control: its.control))
        host = launch.host
        (socket, line, control) = (WorkerSocket(mine.socket), mine.line, mine.control)
        (self.stdout, self.stderr) = (stdout, stderr)
        socket.send(launch.greeting(token: String(decoding: token, as: UTF8.self)))
    }

    private typealias Ends = (socket: Descriptor, line: Descriptor, control: Descriptor)

    /// What leads to a process that runs blocks: this program's ends and its ends.
    private static func connections() throws -> (Ends, Ends) {
        let socket = try Descriptor.socketPair()
        let line = try Descriptor.socketPair()
        let control = try Descriptor.socketPair()
        var size: Int32 = 1 << 20
        for end in [socket.0, socket.1] {
            setsockopt(end.number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        line.0.makeNonBlocking()
        control.0.makeNonBlocking()
        return ((socket.0, line.0, control.0), (socket.1, line.1, control.1))
    }

    // MARK: Checkpoints

    /// The processes of user code: the one that runs blocks and all that it started.
    private var running: [pid_t] {
        let pictures = Set(frozen.map(\.process))
        return tree(limit: 100_000).processes.dropFirst(host.ownProcessCount).filter {
            !pictures.contains($0) && ProcessTree.isAlive($0)
        }
    }

    /// Bytes of the process that runs blocks.
    var activeMemory: Int? {
        (active ?? running.first).map(ProcessTree.residentMemory)
    }

    /// Bytes that checkpoints take in addition to what the code itself takes: what all hold together, less what the one
    /// that runs would take alone.
    var checkpointMemory: Int {
        guard !frozen.isEmpty, let own = active.flatMap({ ProcessTree.memory(of: $0) }) else { return 0 }
        let pictures = frozen.reduce(0) { $0 + (ProcessTree.memory(of: $1.process)?.share ?? 0) }
        return max(0, pictures + own.share - own.resident)
    }

    /// Bytes of all checkpoints, counted as if they shared nothing.
    var frozenMemory: Int {
        frozen.reduce(0) { $0 + ProcessTree.residentMemory(of: $1.process) }
    }

    /// What is remembered of a worker that was asked to freeze until it answers.
    struct Freezing {
        let process: pid_t?
        let control: Descriptor
    }

    /// Asks the worker to freeze. It answers with a `frozen` or a `refused` frame, the former from another process.
    ///
    /// - Throws: `SystemError`.
    func askToFreeze(number: Int) throws -> Freezing {
        let (mine, its) = try Descriptor.socketPair()
        mine.makeNonBlocking()
        let process = active ?? running.first
        try control.pass([its])
        socket.send(WorkerFrame.encode(["checkpoint", "0", String(number)]))
        return Freezing(process: process, control: mine)
    }

    /// The process that was asked has frozen, and another goes on.
    ///
    /// - Parameter number: what that one takes for its own process number.
    func hasFrozen(
        _ checkpoint: Checkpoint,
        _ asked: Freezing,
        goesOnAs number: Int?,
        variables: [Variable],
        isListed: Bool
    ) -> FrozenWorker? {
        guard let process = asked.process else { return nil }
        let picture = FrozenWorker(
            checkpoint,
            process: process,
            control: control,
            variables: variables,
            isListed: isListed
        )
        frozen.append(picture)
        control = asked.control
        active = runningProcess(called: number)
        return picture
    }

    /// Ends a checkpoint. The first one stays, since the worker ends with it.
    func drop(_ picture: FrozenWorker) {
        picture.isListed = false
        guard let index = frozen.firstIndex(where: { $0 === picture }), index > 0 else { return }
        frozen.remove(at: index).control.close()
    }

    /// Has a checkpoint go on, and kills what ran. Its process answers with a `restored` frame.
    ///
    /// - Returns: false where that cannot be, and the whole worker has to go.
    func goOn(from picture: FrozenWorker) -> Bool {
        guard let (mine, its) = try? Self.connections() else { return false }
        let victims = running
        // First, so that one process is made while the other is taken down, which takes as long.
        guard (try? picture.control.pass([its.control, its.socket, its.line])) != nil else { return false }
        for process in victims { Glibc.kill(process, SIGKILL) }
        socket.close()
        line.close()
        control.close()
        (socket, line, control) = (WorkerSocket(mine.socket), mine.line, mine.control)
        reader = WorkerFrameReader(token: token)
        active = nil
        return true
    }

    /// A checkpoint has gone on.
    ///
    /// - Parameter number: what its process takes for its own number.
    /// - Returns: whether it is all that runs now.
    func hasGoneOn(as number: Int?) -> Bool {
        active = runningProcess(called: number)
        for _ in 0..<400 {
            let victims = running.filter { $0 != active }
            if victims.isEmpty { return active != nil }
            for process in victims { Glibc.kill(process, SIGKILL) }
            usleep(100)
        }
        return false
    }

    private func runningProcess(called number: Int?) -> pid_t? {
        running.first { process in
            number.map { ProcessTree.innerNumber(of: process) == pid_t(truncatingIfNeeded: $0) } ?? false
        }
    }

    // MARK: Frames

    /// Reads what has come.
    ///
    /// - Returns: false at the end of the stream.
    func receive(_ room: UnsafeMutableRawBufferPointer) -> Bool {
        guard let count = socket.receive(room) else { return false }
        reader.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
        return true
    }

    /// - Throws: `WorkerFrameReader.Forged`.
    func nextFrame() throws -> WorkerFrame? { try reader.next() }

    /// Raises `KeyboardInterrupt` in a block; where that has ended, nothing happens.
    func interrupt(block: Int) { host.interrupt(block: block, over: line) }

    // MARK: Output

    /// Reads once from a pipe.
    ///
    /// - Returns: the bytes read; 0 when there are none now, nil at the end of the stream.
    func read(_ stream: Stream, _ room: UnsafeMutableRawBufferPointer) -> Int? {
        let descriptor = stream == .stdout ? stdout : stderr
        let count = Glibc.read(descriptor.number, room.baseAddress, room.count)
        if count > 0 { return count }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : nil
    }

    /// Bytes that lie in a pipe: what was written before now.
    func pending(_ stream: Stream) -> Int {
        var count: Int32 = 0
        let descriptor = stream == .stdout ? stdout : stderr
        return ioctl(descriptor.number, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// After its end: it is not watched any more.
    func closeOutput(_ stream: Stream) { (stream == .stdout ? stdout : stderr).close() }

    // MARK: Processes

    /// The worker and all that it started. Stops looking after `limit` processes of the code.
    func tree(limit: Int) -> ProcessTree { host.measure(child, limit: limit) }

    /// Processes of a tree that belong to the code.
    func codeProcessCount(of alive: [pid_t]) -> Int { alive.count - host.ownProcessCount - frozen.count }

    /// Has the kernel bound the number of processes, where it would not do so by itself. Before any code of a model runs.
    ///
    /// - Returns: whether it does.
    func boundProcesses(limit: Int) -> Bool {
        guard ProcessBound.isNeeded else { return true }
        bound = ProcessBound(limit: limit)
        if bound?.hold(tree(limit: 8).processes) == true { return true }
        ProcessBound.putThreadFirst()
        return false
    }

    /// If the machine runs out of memory, the worker goes first, and not this program.
    func volunteerForOutOfMemory() {
        for process in tree(limit: 8).processes {
            _ = KernelFile.write("800", to: "/proc/\(process)/oom_score_adj")
        }
    }

    /// How the process that runs blocks ended by itself, if it does so within a moment, and checkpoints are left.
    func activeEnd(within seconds: Double) -> ProcessEnd? {
        guard let active else { return nil }
        let end = Clock.now + seconds
        while ProcessTree.isAlive(active), Clock.now < end { usleep(300) }
        return ProcessTree.exitStatus(of: active)
    }

    /// How it ended by itself, if it does so within a moment.
    func end(within seconds: Double) -> ProcessEnd? { child.reap(within: seconds) }

    /// Kills everything and waits for it.
    func kill() -> ProcessEnd? {
        host.kill(child)
        return child.end
    }

    func close() {
        socket.close()
        for descriptor in [line, control, stdout, stderr] { descriptor.close() }
        for picture in frozen { picture.control.close() }
        frozen = []
        bound?.remove()
    }
}
