// Going back to how a REPL was between two blocks.
import Foundation
import Glibc
import Synchronization
import Testing
import Trajectory

@testable import REPL

@Suite(.serialized) struct CheckpointTests {
    private func printed(_ repl: REPL, _ code: String) async -> String {
        let result = await repl.run(code)
        return result.outcome == .clean ? result.output.stdout : "\(result.outcome) \(result.output.stderr)"
    }

    @Test(arguments: environments)
    func bringsBackVariablesRandomnessGeneratorsAndFiles(_ environment: REPLEnvironment) async throws {
        let folder = try Folder()
        let handler = ClosureHandler()
        let contexts = [try mounted("the context", in: folder)]
        try await withREPL(environment, contexts: contexts, handler: handler) { repl in
            let start = """
                import random, threading
                deep = {'list': [1, [2, 3]], 'set': {'a', 'b'}}
                def count():
                    n = 0
                    while True: n += 1; yield n
                numbers = count(); next(numbers)
                with open('lines', 'w') as f: f.write('one\\ntwo\\nthree\\n')
                lines = open('lines', buffering=0, mode='rb')
                lines.readline()
                answer['content'] = 'half'
                """
            #expect(await repl.run(start).outcome == .clean)
            let checkpoint = try #require(await repl.checkpoint(), "\(repl.checkpointObstacle ?? "")")
            #expect(repl.checkpoints == [checkpoint] && checkpoint.block == 1)
            let look = """
                print(deep, next(numbers), lines.readline(), random.random(), context, answer, llm_query('x'), 'new' in globals())
                deep['list'].append(4); del deep['set']; new = 1; answer['content'] = 'more'
                """
            let first = await printed(repl, look)
            #expect(first.hasPrefix("{'list': [1, [2, 3]], 'set': {") && first.contains(" 2 b'two\\n' 0."))
            #expect(await printed(repl, look) != first)
            for _ in 0..<3 {
                try await repl.restore(checkpoint)
                #expect(await printed(repl, look) == first)
            }
            #expect(Set(handler.requests.withLock { $0.map(\.block) }) == [2, 3])
            // It is interrupted, and says where it raised, as before.
            let raised = await repl.run("1 / 0")
            #expect(raised.output.stderr.contains("<block 3>"))
        }
    }

    @Test(arguments: environments)
    func followsAModelOverRandomSequences(_ environment: REPLEnvironment) async throws {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<10 {
            let seed = UInt64.random(in: 0...(.max), using: &generator)
            var random = Sequence(seed: seed)
            try await withREPL(environment, limits: REPLLimits(checkpoints: 100)) { repl in
                var state: [Int] = []
                var saved: [(Checkpoint, [Int])] = []
                _ = await repl.run("state = []")
                for step in 0..<24 {
                    switch random.below(4) {
                    case 0, 1:
                        state.append(step)
                        let told = await printed(repl, "state.append(\(step)); print(state)")
                        #expect(told == "\(state)\n", "round \(round), seed \(seed)")
                    case 2:
                        let checkpoint = try #require(await repl.checkpoint())
                        saved.removeAll { $0.0 == checkpoint }
                        saved.append((checkpoint, state))
                    default:
                        guard !saved.isEmpty else { continue }
                        let (checkpoint, then) = saved[random.below(saved.count)]
                        try await repl.restore(checkpoint)
                        state = then
                        #expect(await printed(repl, "print(state)") == "\(state)\n", "round \(round), seed \(seed)")
                    }
                }
                #expect(Set(repl.checkpoints) == Set(saved.map(\.0)))
            }
        }
    }

    /// A small generator that a failing round can be repeated with.
    private struct Sequence {
        var seed: UInt64
        mutating func below(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
    }

    @Test(arguments: environments) func aKilledBlockCostsItsOwnVariablesAlone(_ environment: REPLEnvironment)
        async throws
    {
        let stubborn =
            "kept = 'changed'\nwhile True:\n    try:\n        x = 0\n        while True: x += 1\n    except BaseException: pass"
        try await withREPL(environment, limits: REPLLimits(secondsPerBlock: 0.5)) { repl in
            _ = await repl.run("kept = 'as it was'\nimport random")
            let hung = await repl.run(stubborn)
            #expect(hung.outcome == .timedOut)
            #expect(hung.output.stderr.contains("goes on with its variables as they were before this block"))
            #expect(hung.aftermath == .undone(toBlock: 1))
            #expect(hung.variables.map(\.name) == ["kept"] && hung.variables[0].preview == "'as it was'")
            #expect(await printed(repl, "print(kept)") == "as it was\n")
            let died = await repl.run("import os; kept = 2; os.kill(os.getpid(), 9)")
            guard case .died(let failure) = died.outcome else { Issue.record("\(died.outcome)"); return }
            #expect(failure.kind == "killed" && failure.message.contains("signal 9"), "\(failure.message)")
            let exited = await repl.run("import os; kept = 3; os._exit(7)")
            guard case .died(let end) = exited.outcome else { Issue.record("\(exited.outcome)"); return }
            #expect(end.message.contains("exit code 7"), "\(end.message)")
            #expect(await printed(repl, "print(kept); kept = 4") == "as it was\n")
            #expect(await repl.run("1 / 0").output.stderr.contains("<block 7>"))
        }
    }

    @Test func aWorkerThatIsKilledAltogetherIsReplacedAndItsCheckpointsAreGone() async throws {
        for environment in environments {
            try await withREPL(environment) { repl in
                _ = await repl.run("kept = 1")
                let checkpoint = try #require(await repl.checkpoint())
                let result = await repl.run("import os\nfor p in (os.getppid(), os.getpid()): os.kill(p, 9)")
                guard case .died = result.outcome else { Issue.record("\(result.outcome)"); return }
                #expect(result.output.stderr.contains("Its variables are gone") && result.aftermath == .lost)
                #expect(repl.checkpoints.isEmpty)
                let error = await #expect(throws: REPLError.self) { try await repl.restore(checkpoint) }
                #expect(error?.code == .checkpointGone)
                #expect(await printed(repl, "print('kept' in globals())") == "False\n")
            }
        }
    }

    @Test(arguments: [
        (
            "import threading\ne = threading.Event()\nthreading.Thread(target=e.wait).start()", "threads",
            "e.set(); import time; time.sleep(0.2)"
        ),
        ("import subprocess\np = subprocess.Popen(['sleep', '600'])", "processes", "p.kill(); p.wait()"),
        (
            "import signal\nsignal.setitimer(signal.ITIMER_REAL, 600)", "timer",
            "signal.setitimer(signal.ITIMER_REAL, 0)"
        ),
    ])
    func isRefusedWhereAForkWouldLoseSomething(_ code: String, _ word: String, _ end: String) async throws {
        try await withREPL { repl in
            #expect(await repl.run(code).outcome == .clean)
            #expect(await repl.checkpoint() == nil)
            #expect(repl.checkpointObstacle?.contains(word) == true, "\(repl.checkpointObstacle ?? "")")
            #expect(await repl.run(end).outcome == .clean)
            #expect(await repl.checkpoint() != nil)
            #expect(repl.checkpointObstacle == nil)
        }
    }

    @Test(arguments: environments)
    func leavesNoProcessAndEndsWhatRanSince(_ environment: REPLEnvironment) async throws {
        let before = ProcessTree(root: getpid()).processes.count
        let mark = "\(Int.random(in: 1_000_000...9_999_999))"
        try await withREPL(environment) { repl in
            _ = await repl.run("import subprocess, threading")
            let checkpoint = try #require(await repl.checkpoint())
            for _ in 0..<3 {
                let code = """
                    for new in (False, True): subprocess.Popen(['sleep', '\(mark)'], start_new_session=new)
                    threading.Thread(target=lambda: llm_query('x' * 10_000_000), daemon=True).start()
                    """
                #expect(await repl.run(code).outcome == .clean)
                #expect(await until { self.sleepers(mark) == 2 })
                try await repl.restore(checkpoint)
                #expect(sleepers(mark) == 0)
                #expect(await printed(repl, "print(threading.active_count(), llm_query('a'))") == "1 re: a\n")
                _ = await repl.checkpoint()
            }
        }
        // Other suites run at the same time.
        #expect(await until(20) { ProcessTree(root: getpid()).processes.count <= before + 12 })
        #expect(sleepers(mark) == 0)
    }

    private func sleepers(_ mark: String) -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { process in
            FileManager.default.contents(atPath: "/proc/\(process)/cmdline") == Data("sleep\0\(mark)\0".utf8)
        }.count
    }

    @Test func theOldestMiddleOnesGoFirst() async throws {
        try await withREPL(limits: REPLLimits(checkpoints: 4)) { repl in
            var taken: [Checkpoint] = []
            for number in 1...7 {
                _ = await repl.run("n = \(number)")
                taken.append(try #require(await repl.checkpoint()))
            }
            #expect(repl.checkpoints.map(\.block) == [1, 5, 6, 7])
            await #expect(throws: REPLError.self) { try await repl.restore(taken[1]) }
            #expect(await printed(repl, "print(n)") == "7\n")
            try await repl.restore(taken[0])
            #expect(await printed(repl, "print(n)") == "1\n")
            repl.drop(taken[4])
            try await repl.restore(taken[5])
            #expect(await printed(repl, "print(n)") == "6\n")
            #expect(repl.checkpoints.map(\.block) == [1, 6, 7])
        }
    }

    @Test func memoryBoundsThem() async throws {
        let limits = REPLLimits(checkpointMemory: 100 << 20, automaticCheckpointMemory: 0)
        try await withREPL(limits: limits) { repl in
            var taken: [Checkpoint] = []
            for number in 1...6 {
                // Each has forty megabytes of its own, since the next one writes all of them anew.
                _ = await repl.run("data = bytearray(b'%d' % \(number)) * 40_000_000")
                taken.append(try #require(await repl.checkpoint()))
            }
            _ = await repl.run("data = None")
            #expect(await until { repl.checkpoints.count < 5 })
            #expect(repl.checkpoints.first == taken.first)
            #expect(repl.checkpoints.last == taken.last)
            try await repl.restore(taken[5])
            #expect(await printed(repl, "print(data[0], len(data))") == "54 40000000\n")
        }
    }

    @Test(arguments: environments)
    func isGoneBackToWithinMilliseconds(_ environment: REPLEnvironment) async throws {
        let folder = try Folder()
        let contexts = [try mounted(String(repeating: "0123456789", count: 10_000_000), in: folder)]
        try await withREPL(environment, contexts: contexts) { repl in
            _ = await repl.run("total = context.count('9')")
            var took: [(taken: Double, back: Double)] = []
            for _ in 0..<9 {
                _ = await repl.run("total += 1; words = context[:10_000_000].split('5')")
                let start = Clock.now
                let checkpoint = try #require(await repl.checkpoint())
                let middle = Clock.now
                try await repl.restore(checkpoint)
                took.append((middle - start, Clock.now - middle))
            }
            #expect(await printed(repl, "print(total, len(context))") == "10000009 100000000\n")
            let (taken, back) = (took.map(\.taken).sorted()[4] * 1000, took.map(\.back).sorted()[4] * 1000)
            print("checkpoint of a 100 MB context in \(environment): taken \(taken) ms, gone back to \(back) ms")
            #expect(back < 30)
        }
    }
}
