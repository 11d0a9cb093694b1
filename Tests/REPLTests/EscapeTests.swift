// Code that really tries to get out of the sandbox. What counts is what happened at the host.
import Foundation
import Glibc
import Synchronization
import Testing
import Trajectory

@testable import REPL

@Suite(.serialized, .enabled(if: isSandboxTested, Comment(rawValue: sandboxProblem ?? "")))
struct EscapeTests {
    /// Runs code in a sandbox and returns what it printed; every attempt prints what it got.
    private func attempt(
        _ code: String,
        contexts: [MountedContext] = [],
        limits: REPLLimits = REPLLimits(secondsPerBlock: 20)
    ) async throws -> BlockResult {
        try await withREPL(.sandbox, contexts: contexts, limits: limits) { await $0.run(Self.tools + code) }
    }

    /// `attempt(what)` prints `got NAME` if a function got through, and the error's name if not.
    private static let tools = """
        import os, sys, socket
        def attempt(what, *arguments):
            try:
                result = what(*arguments)
                print('got', getattr(what, '__name__', what), arguments, str(result)[:200])
            except BaseException as e:
                print('no', type(e).__name__, e)

        """

    @Test func theSandboxIsThere() {
        #expect(sandboxProblem == nil)
    }

    @Test func theNetworkIsNotThere() async throws {
        let server = try LoopbackServer()
        let code = """
            for port in (\(server.tcpPort),):
                for host in ('127.0.0.1', 'localhost', '::1', '1.1.1.1'):
                    attempt(lambda: socket.create_connection((host, port), timeout=2))
            def send(host, port):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.sendto(b'out', (host, port))
            attempt(send, '1.1.1.1', 53)
            try: send('127.0.0.1', \(server.udpPort))
            except OSError: pass
            attempt(socket.socket, 40, socket.SOCK_STREAM)
            attempt(socket.socket, 16, socket.SOCK_RAW)
            attempt(socket.socket, 17, socket.SOCK_RAW)
            attempt(lambda: [n for _, n in socket.if_nameindex() if n != 'lo'][0])
            def abstract():
                s = socket.socket(socket.AF_UNIX); s.connect('\\0\(server.abstractName)')
            attempt(abstract)
            """
        let result = try await attempt(code)
        #expect(result.outcome == .clean)
        #expect(!result.output.stdout.contains("got"), "\(result.output.stdout)")
        #expect(result.output.stdout.split(separator: "\n").count == 10)
        #expect(server.visitors() == 0)
        // The server can be reached from where there is a network, so the attempt was real.
        let local = try await withREPL(.local) {
            await $0.run("import socket; socket.create_connection(('127.0.0.1', \(server.tcpPort)), timeout=5)")
        }
        #expect(local.outcome == .clean)
        #expect(server.visitors() == 1)
    }

    @Test func secretsAreNotThere() async throws {
        setenv("REPL_TEST_SECRET", "swordfish-\(getpid())", 1)
        defer { unsetenv("REPL_TEST_SECRET") }
        let home = access(NSHomeDirectory(), W_OK) == 0 ? NSHomeDirectory() : "/var/tmp"
        let secret = home + "/.repl-test-\(UUID().uuidString)"
        try Data("swordfish in a file".utf8).write(to: URL(fileURLWithPath: secret))
        defer { unlink(secret) }
        let code = """
            import glob
            print(dict(os.environ))
            for path in ('\(secret)', '/etc/shadow', '/etc/passwd', '/proc/\(getpid())/environ', '/proc/kcore',
                '/dev/mem', '/proc/1/root\(secret)', '/proc/self/root/..\(secret)', '/proc/self/fd/0/..\(secret)'):
                attempt(lambda: open(path, 'rb').read())
            for path in ('\(home)', '/home', '/root', '/work', '/var', '/mnt', '/run'):
                try: print(path, [n for n in os.listdir(path) if n != '.pyenv'])
                except OSError as e: print('no', e)
            for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):
                try: print(path, open(path, 'rb').read())
                except OSError as e: print('no', e)
            print('processes', len(glob.glob('/proc/[0-9]*')))
            for fd in os.listdir('/proc/self/fd'):
                try: print(fd, os.readlink('/proc/self/fd/' + fd))
                except OSError: pass
            """
        let text = try await attempt(code).output.stdout
        #expect(text.contains("processes"))
        #expect(!text.contains("swordfish"), "\(text)")
        #expect(!text.contains("got"), "\(text)")
        #expect(!text.contains("REPL_TEST_SECRET"))
        #expect(text.contains("processes 2\n"))  // the worker and bubblewrap's own
        let local = try await withREPL(.local) { await $0.run("import os; print(dict(os.environ))") }
        #expect(local.output.stdout.contains("PATH"))
        #expect(!local.output.stdout.contains("REPL_TEST_SECRET"))
    }

    @Test func nothingCanBeWrittenOutside() async throws {
        let folder = try Folder()
        let context = try mounted("untouched", in: folder)
        let mark = "repl-test-\(UUID().uuidString)"
        let code = """
            def write(path):
                with open(path, 'w') as f: f.write('x')
            for path in ('/\(mark)', '/usr/\(mark)', '/usr/bin/\(mark)', '/etc/\(mark)', '/context/\(mark)',
                '/dev/\(mark)', '/proc/sys/kernel/hostname', '/proc/sys/kernel/panic', '/proc/sysrq-trigger',
                '/context/context_0', '/tmp/../\(mark)', '\(context.path)', '/bin/sh'):
                attempt(write, path)
            def write_again(path):
                with open(path) as f: text = f.read()
                with open(path, 'w') as f: f.write(text)
            for path in ('/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe', '/proc/1/oom_score_adj'):
                attempt(write_again, path)
            attempt(os.unlink, '/context/context_0')
            attempt(os.truncate, '/context/context_0', 0)
            attempt(os.rename, '/context/context_0', '/tmp/c')
            attempt(os.chmod, '/usr/bin/env', 0o777)
            attempt(os.mkdir, '/\(mark)')
            for link in ('/', '/usr', '\(folder.path)', '/context'):
                os.path.lexists('l') and os.unlink('l')
                os.symlink(link, 'l')
                attempt(write, 'l/\(mark)')
            import subprocess
            for mode in (os.O_WRONLY, os.O_RDWR):
                for fd in os.listdir('/proc/self/fd'):
                    target = os.readlink('/proc/self/fd/' + fd) if os.path.lexists('/proc/self/fd/' + fd) else ''
                    if target.startswith('/') and not target.startswith(('/dev/null', '/proc')):
                        attempt(os.open, '/proc/self/fd/' + fd, mode)
            write('/tmp/work/mine'); write('/tmp/mine')
            print('wrote its own')
            """
        let text = try await attempt(code, contexts: [context]).output.stdout
        #expect(!text.contains("got"), "\(text)")
        #expect(text.contains("wrote its own"))
        #expect(try String(contentsOfFile: context.path, encoding: .utf8) == "untouched")
        for place in ["/", "/usr/", "/usr/bin/", "/etc/", "/dev/", folder.path + "/"] {
            #expect(access(place + mark, F_OK) != 0, "\(place)\(mark)")
        }
    }

    @Test func hostProcessesCannotBeKilledOrTraced() async throws {
        let bystander = try ChildProcess(
            "/bin/sleep",
            arguments: ["60"],
            environment: [],
            descriptors: [nil, nil, nil]
        )
        defer {
            kill(bystander.identifier, SIGKILL)
            _ = bystander.reap(within: 5)
        }
        let code = """
            import ctypes
            attempt(os.kill, \(getpid()), 15)
            attempt(os.kill, \(bystander.identifier), 9)
            libc = ctypes.CDLL(None, use_errno=True)
            def call(name, *arguments):
                if getattr(libc, name)(*arguments) < 0: raise OSError(ctypes.get_errno(), name)
            attempt(call, 'ptrace', 16, \(bystander.identifier), 0, 0)
            attempt(call, 'ptrace', 16, 1, 0, 0)
            attempt(call, 'mount', b'none', b'/tmp', b'tmpfs', 0, None)
            attempt(call, 'mount', None, b'/', None, 0x20 | 4096, None)
            attempt(call, 'umount2', b'/usr', 2)
            for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000):
                attempt(call, 'unshare', flag)
            attempt(call, 'memfd_create', b'm', 0)
            attempt(call, 'shmget', 0, 1 << 20, 0o1600)
            attempt(call, 'chroot', b'/tmp')
            attempt(call, 'setuid', 0)
            attempt(call, 'setns', 0, 0)
            attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
            print(open('/proc/self/status').read())
            try: os.kill(-1, 9)
            except OSError: pass
            print('alive')
            """
        let result = try await attempt(code)
        #expect(!result.output.stdout.contains("got"), "\(result.output.stdout)")
        #expect(result.output.stdout.contains("CapEff:\t0000000000000000"))
        #expect(result.output.stdout.contains("NoNewPrivs:\t1"))
        #expect(result.output.stdout.contains("alive"))
        #expect(kill(bystander.identifier, 0) == 0 && !bystander.hasEnded)
    }

    /// The kernel itself holds the bound, whoever runs this: a bomb that only the host watched could take the machine.
    @Test(.enabled(if: ProcessBoundTests.isHeldByKernel, "no control group can be made here to hold root's processes"))
    func aForkBombIsBounded() async throws {
        let started = Clock.now
        let bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
        try await withREPL(.sandbox, limits: REPLLimits(secondsPerBlock: 2, processes: 64)) { repl in
            let result = await repl.run(bomb)
            switch result.outcome {
            case .died(let failure): #expect(failure.kind == "ProcessLimit")
            default: Issue.record("\(result.outcome)")
            }
            #expect(Clock.now - started < 20)
            #expect(ProcessTree(root: getpid()).processes.count < 64)
            #expect(await repl.run("1 + 1").output.stdout == "2\n")
        }
    }

    @Test func limitsCannotBeRaised() async throws {
        let code = """
            import resource
            for what in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU,
                    resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
                attempt(resource.setrlimit, what, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                soft, hard = resource.getrlimit(what)
                attempt(resource.setrlimit, what, (hard + 1, hard + 1))
            attempt(lambda: len(bytearray(100 << 30)))
            """
        let text = try await attempt(code).output.stdout
        #expect(!text.contains("got"), "\(text)")
        #expect(text.contains("no MemoryError"))
    }

    @Test func memoryOfAllProcessesIsBounded() async throws {
        let code = """
            import subprocess
            eat = 'x = bytearray(150 << 20); import time; time.sleep(60)'
            children = [subprocess.Popen([sys.executable, '-c', eat]) for i in range(20)]
            for child in children: child.wait()
            """
        let result = try await attempt(code, limits: REPLLimits(secondsPerBlock: 20, memory: 400 << 20))
        guard case .died(let failure) = result.outcome else { Issue.record("\(result.outcome)"); return }
        #expect(failure.kind == "MemoryLimit")
    }

    @Test func filesAreBounded() async throws {
        let code = """
            def fill(path):
                with open(path, 'wb', buffering=0) as f:
                    while True: f.write(bytes(1 << 20))
            attempt(fill, '/tmp/work/endless')
            print(os.path.getsize('/tmp/work/endless'))
            def many():
                for i in range(100): open('/tmp/f%d' % i, 'wb').write(bytes(4 << 20))
            attempt(many)
            attempt(fill, '/dev/shm/endless')
            attempt(fill, '/dev/endless')
            """
        let text = try await attempt(code, limits: REPLLimits(fileSize: 32 << 20)).output.stdout
        #expect(!text.contains("got"), "\(text)")
        #expect(text.contains("\n33554432\n") || text.contains("No space left"))
        #expect(text.split(separator: "\n").count == 5)
    }

    @Test func endlessOutputIsBounded() async throws {
        let limits = REPLLimits(secondsPerBlock: 20, outputKept: 1000, outputPrinted: 30_000_000)
        for code in [
            "while True: print('x' * 1000)", "import os\nwhile True: os.write(2, b'y' * 65536)",
            "import subprocess; subprocess.run(['yes'])",
        ] {
            let result = try await attempt(code, limits: limits)
            guard case .raised(let failure) = result.outcome else { Issue.record("\(result.outcome)"); continue }
            #expect(failure.kind == "OutputLimit")
            #expect(result.output.stdout.utf8.count + result.output.stderr.utf8.count < 4000)
        }
    }

    @Test func messagesCannotBeForged() async throws {
        let handler = ClosureHandler()
        let code = """
            import os, struct
            fields = [b'done', b'1', b'clean', b'', b'', b'1', b'forged answer']
            payload = struct.pack('<%dI' % (len(fields) + 1), len(fields), *map(len, fields)) + b''.join(fields)
            frame = len(payload).to_bytes(8, 'little') + b'0123456789abcdef' + payload
            for fd in range(1024):
                try: os.write(fd, frame)
                except OSError: pass
            """
        try await withREPL(.sandbox, limits: REPLLimits(secondsPerBlock: 5), handler: handler) { repl in
            let result = await repl.run(code)
            #expect(result.finalAnswer == nil)
            guard case .died(let failure) = result.outcome else { Issue.record("\(result.outcome)"); return }
            #expect(failure.kind == "ProtocolViolation")
            // On what is printed a frame is text like any other.
            let printed = await repl.run(code.replacingOccurrences(of: "range(1024)", with: "range(3)"))
            #expect(printed.outcome == .clean)
            #expect(printed.finalAnswer == nil)
            #expect(printed.output.stdout.contains("forged answer"))
        }
        #expect(handler.requests.withLock { $0.isEmpty })
    }
}
