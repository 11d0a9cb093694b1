import Glibc

/// One Python process and the descriptors that lead to it. Belongs to the thread of a `WorkerLoop`.
final class WorkerProcess {
    enum Stream { case stdout, stderr }

    let child: ChildProcess
    let isSandbox: Bool
    /// Frames both ways.
    let socket: WorkerSocket
    /// Interrupts.
    private let line: Descriptor
    let stdout: Descriptor
    let stderr: Descriptor
    private var reader: WorkerFrameReader
    /// Processes seen below a worker outside the sandbox, with their start: they may leave its session.
    private var seen: [pid_t: UInt64] = [:]
    /// Once it has ended and its status was asked for.
    private var status: ExitStatus?
    private var bound: ProcessBound?

    /// - Throws: `SystemError`.
    init(_ launch: WorkerLaunch) throws {
        let (socket, socketEnd) = try Descriptor.socketPair()
        let (line, lineEnd) = try Descriptor.socketPair()
        let (stdout, stdoutEnd) = try Descriptor.pipe()
        let (stderr, stderrEnd) = try Descriptor.pipe()
        var descriptors: [Descriptor?] = [nil, stdoutEnd, stderrEnd, socketEnd, lineEnd]
        if launch.isSandbox, let filter = try SystemCallFilter.descriptor() { descriptors.append(filter) }
        for descriptor in [line, stdout, stderr] { descriptor.makeNonBlocking() }
        _ = fcntl(stdout.number, 1031, 1 << 20)  // F_SETPIPE_SZ: fewer wake-ups for much output
        var size: Int32 = 1 << 20
        for end in [socket, socketEnd] {
            setsockopt(end.number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
        let token = (0..<WorkerFrame.tokenLength).map { _ in alphabet.randomElement() ?? 0 }
        reader = WorkerFrameReader(token: token)
        child = try ChildProcess(
            launch.executable,
            arguments: launch.arguments,
            environment: launch.environment,
            descriptors: descriptors,
            folder: launch.folder
        )
        isSandbox = launch.isSandbox
        (self.socket, self.line, self.stdout, self.stderr) = (WorkerSocket(socket), line, stdout, stderr)
        self.socket.send(launch.greeting(token: String(decoding: token, as: UTF8.self)))
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

    /// Raises `KeyboardInterrupt` in a block; if that has ended, nothing happens.
    func interrupt(block: Int) {
        let word = withUnsafeBytes(of: UInt64(block).littleEndian) { Array($0) }
        _ = Glibc.send(line.number, word, word.count, Int32(MSG_NOSIGNAL))
    }

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

    /// The worker and all that it started.
    func tree(limit: Int) -> ProcessTree {
        let tree = ProcessTree(root: child.identifier, limit: limit)
        if !isSandbox {
            for process in tree.processes where process != child.identifier && seen[process] == nil {
                seen[process] = ProcessTree.startTime(of: process)
            }
        }
        return tree
    }

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
            let file = open("/proc/\(process)/oom_score_adj", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            _ = Glibc.write(file, "800", 3)
            Glibc.close(file)
        }
    }

    /// How it ended by itself, if it does so within a moment.
    func end(within seconds: Double) -> ExitStatus? {
        if status == nil { status = child.reap(within: seconds) }
        return status
    }

    /// Kills everything and waits for it.
    func kill() -> ExitStatus? {
        if isSandbox {
            // The first process of the sandbox takes all others with it; bubblewrap outside it then ends by itself.
            guard status == nil else { return status }
            let inner = ProcessTree(root: child.identifier, limit: 1).processes.dropFirst()
            for process in inner { Glibc.kill(process, SIGKILL) }
            if !inner.isEmpty, let status = end(within: 3) { return status }
            Glibc.kill(child.identifier, SIGKILL)
            return end(within: 3)
        }
        // It adopts orphans, so it goes last, and starts nothing meanwhile.
        if status == nil { Glibc.kill(child.identifier, SIGSTOP) }
        for _ in 0..<100 {
            // Once its status was asked for, its number may be another's; that of its session may not.
            var victims = Set(ProcessTree.session(child.identifier))
            if status == nil { victims.formUnion(tree(limit: 100_000).processes) }
            for (process, start) in seen where ProcessTree.startTime(of: process) == start {
                victims.formUnion(ProcessTree(root: process, limit: 100_000).processes)
            }
            victims.remove(child.identifier)
            for process in victims { Glibc.kill(process, SIGKILL) }
            if !victims.contains(where: ProcessTree.isAlive) { break }
            usleep(300)
        }
        if status == nil { Glibc.kill(child.identifier, SIGKILL) }
        return end(within: 3)
    }

    func close() {
        socket.close()
        for descriptor in [line, stdout, stderr] { descriptor.close() }
        bound?.remove()
    }
}
