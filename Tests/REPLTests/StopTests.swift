// Blocks that are ended before their time, and workers that die.
import Synchronization
import Testing
import Trajectory

@testable import REPL

@Suite struct StopTests {
    private static let gone = "Its variables are gone"

    @Test(arguments: [
        "while True: pass", "import time; time.sleep(60)",
        "import threading; threading.Lock().acquire() or 1; l = threading.Lock(); l.acquire(); l.acquire()",
    ])
    func overItsTimeABlockIsInterruptedAndVariablesStay(_ code: String) async throws {
        try await withREPL(limits: REPLLimits(secondsPerBlock: 0.5)) { repl in
            _ = await repl.run("kept = 1")
            let result = await repl.run(code)
            #expect(result.outcome == .timedOut)
            #expect(result.output.stderr.contains("KeyboardInterrupt"))
            #expect(await repl.run("kept").output.stdout == "1\n")
        }
    }

    @Test(arguments: environments)
    func aBlockThatCatchesInterruptsIsKilled(_ environment: REPLEnvironment) async throws {
        let folder = try Folder()
        let context = try mounted("still there", in: folder)
        try await withREPL(environment, contexts: [context], limits: REPLLimits(secondsPerBlock: 0.5)) { repl in
            let result = await repl.run(
                "print('begun')\nwhile True:\n    try:\n        x = 0\n"
                    + "        while True: x += 1\n    except BaseException: pass"
            )
            #expect(result.outcome == .timedOut)
            #expect(result.output.stdout == "begun\n")
            #expect(result.output.stderr.contains(Self.gone))
            #expect(result.seconds < 10)
            #expect(await repl.run("context").output.stdout == "'still there'\n")
        }
    }

    @Test func ignoredSignalsDoNotHelp() async throws {
        try await withREPL(limits: REPLLimits(secondsPerBlock: 0.5)) { repl in
            let result = await repl.run("import signal\nsignal.signal(2, signal.SIG_IGN)\nwhile True: pass")
            #expect(result.outcome == .timedOut)
            #expect(await repl.run("2").output.stdout == "2\n")
        }
    }

    @Test func waitingForSubcallsDoesNotCount() async throws {
        let handler = ClosureHandler { _ in
            try? await Task.sleep(for: .milliseconds(1100))
            return .answer("late")
        }
        try await withREPL(limits: REPLLimits(secondsPerBlock: 2), handler: handler) { repl in
            let result = await repl.run("print(llm_query('x'), llm_query('y'))")
            #expect(result.outcome == .clean)
            #expect(result.waitingSeconds >= 2.2)
            // Waiting in a pool does not count either, but computing beside it does.
            let pool = "from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor(2)\n"
            #expect(await repl.run(pool + "print(list(p.map(llm_query, 'ab')))").outcome == .clean)
            let cheat = "import threading\ndef ask():\n    while True: llm_query('x')\n"
            let spun = await repl.run(cheat + "threading.Thread(target=ask, daemon=True).start()\nwhile True: pass")
            #expect(spun.outcome == .timedOut)
        }
    }

    @Test func cancellingInterruptsAndCancelsTheSubcall() async throws {
        let state = Mutex((asked: false, cancelled: false))
        let handler = ClosureHandler { _ in
            state.withLock { $0.asked = true }
            try? await Task.sleep(for: .seconds(60))
            state.withLock { $0.cancelled = Task.isCancelled }
            return .answer("never")
        }
        try await withREPL(handler: handler) { repl in
            let task = Task { await repl.run("kept = 1\nllm_query('x')") }
            #expect(await until { state.withLock { $0.asked } })
            task.cancel()
            #expect(await task.value.outcome == .cancelled)
            #expect(await until { state.withLock { $0.cancelled } })
            #expect(await repl.run("kept").output.stdout == "1\n")
        }
    }

    @Test func cancelledBeforeItStartsABlockDoesNotRun() async throws {
        try await withREPL { repl in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await repl.run("ran = True")
            }
            #expect(await task.value.outcome == .cancelled)
            #expect(await repl.run("pass").variables.isEmpty)
        }
    }

    @Test func interruptEndsTheRunningBlockAlone() async throws {
        let asked = Mutex(false)
        let handler = ClosureHandler { _ in
            asked.withLock { $0 = true }
            return .answer("go")
        }
        try await withREPL(handler: handler) { repl in
            repl.interrupt()
            #expect(await repl.run("1").outcome == .clean)
            async let running = repl.run("llm_query('x')\nwhile True: pass")
            #expect(await until { asked.withLock { $0 } })
            repl.interrupt()
            #expect(await running.outcome == .cancelled)
            #expect(await repl.run("1").outcome == .clean)
        }
    }

    @Test(arguments: [
        ("os._exit(3)", "exited", "exit code 3"), ("os.kill(os.getpid(), 9)", "killed", "signal 9"),
        ("import ctypes; ctypes.string_at(0)", "killed", "signal 11"),
    ])
    func aWorkerThatDiesIsReplaced(_ code: String, _ kind: String, _ word: String) async throws {
        for environment in environments {
            let folder = try Folder()
            try await withREPL(environment, contexts: [try mounted("there", in: folder)]) { repl in
                let result = await repl.run("import os\nlost = 1\nprint('last words')\n" + code)
                guard case .died(let failure) = result.outcome else { Issue.record("\(result.outcome)"); return }
                #expect(failure.kind == kind)
                #expect(failure.message.contains(word), "\(failure.message)")
                #expect(result.output.stdout == "last words\n")
                #expect(result.output.stderr.contains(Self.gone))
                let next = await repl.run("print(context, 'lost' in globals())")
                #expect(next.output == Output(stdout: "there False\n"))
            }
        }
    }

    @Test func deathBetweenBlocksIsTold() async throws {
        try await withREPL { repl in
            let code = "import os, threading, sys\nr, w = os.pipe()\n"
            _ = await repl.run(
                code + "threading.Thread(target=lambda: (os.read(r, 1), os._exit(1))).start()\nprint(os.getpid())"
            )
            _ = await repl.run(
                "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.2; echo >&%d' % w], pass_fds=[w])"
            )
            var told = ""
            #expect(
                await untilAsync {
                    told += await repl.run("pass").output.stderr
                    return told.contains(Self.gone)
                }
            )
        }
    }

    @Test func endlessOutputIsStoppedAndHeadAndTailAreKept() async throws {
        let limits = REPLLimits(outputKept: 1000, outputPrinted: 20_000_000)
        try await withREPL(limits: limits) { repl in
            let result = await repl.run("kept = 1\nprint('begin')\nwhile True: print('ü' * 1000)")
            guard case .raised(let failure) = result.outcome else { Issue.record("\(result.outcome)"); return }
            #expect(failure.kind == "OutputLimit")
            #expect(result.output.stdout.hasPrefix("begin\nü"))
            #expect(result.output.stdout.contains("bytes cut] …"))
            #expect(!result.output.stdout.contains("\u{FFFD}"))
            #expect(result.output.stdout.utf8.count < 1100)
            #expect(result.output.cutByteCount > 19_000_000)
            #expect(await repl.run("kept").output.stdout == "1\n")
        }
    }

    @Test func outputBelowTheLimitIsWhole() async throws {
        try await withREPL(limits: REPLLimits(outputKept: 2_000_000)) { repl in
            let result = await repl.run("for i in range(100_000): print(i)")
            #expect(result.output.stdout == (0..<100_000).map { "\($0)\n" }.joined())
            #expect(result.output.cutByteCount == 0)
        }
    }

    @Test func tooMuchMemoryInAllProcessesTogetherIsKilled() async throws {
        let code = """
            import subprocess, sys
            eat = 'x = bytearray(150 << 20); import time; time.sleep(60)'
            children = [subprocess.Popen([sys.executable, '-c', eat]) for i in range(4)]
            for child in children: child.wait()
            """
        try await withREPL(limits: REPLLimits(memory: 400 << 20)) { repl in
            guard case .died(let failure) = await repl.run(code).outcome else { Issue.record("not died"); return }
            #expect(failure.kind == "MemoryLimit")
        }
    }
}

/// Waits until something holds that takes asking, for at most 10 s.
func untilAsync(_ holds: () async -> Bool) async -> Bool {
    let end = Clock.now + 10
    while await !holds() {
        if Clock.now > end { return false }
    }
    return true
}
