// What a REPL leaves behind: nothing.
import Foundation
import Glibc
import OperatingSystem
import Synchronization
import Testing
import Trajectory

@testable import REPL

@Suite(.serialized) struct LifetimeTests {

    @Test(arguments: environments) func closesWithAllItStarted(_ environment: REPLEnvironment) async throws {
        let repl = try await REPL(environment: environment, contexts: [], handler: ClosureHandler())
        let mark = "\(Int.random(in: 1_000_000...9_999_999))"
        let code = """
            import os, subprocess, sys
            for i in range(3): subprocess.Popen(['sleep', '\(mark)'])
            subprocess.Popen(['sleep', '\(mark)'], start_new_session=True)
            if os.fork() == 0:
                os.setsid()
                if os.fork(): os._exit(0)
                os.execvp('sleep', ['sleep', '\(mark)'])
            open('left', 'w').write('x')
            print(os.getcwd())
            """
        let result = await repl.run(code)
        #expect(result.outcome == .clean, "\(result.output.stderr)")
        #expect(await until { sleepers(mark) == 5 })
        let folder = result.output.stdout.trimmingCharacters(in: .newlines)
        #expect((access(folder, F_OK) == 0) == (environment == .local))
        await repl.close()
        #expect(sleepers(mark) == 0)
        #expect(access(folder, F_OK) != 0)
        await repl.close()
        #expect(await repl.run("1").outcome == .died(Failure(kind: "closed", message: "The REPL was closed.")))
    }

    /// Processes on this machine, dead ones left out, that were started as `sleep MARK`.
    private func sleepers(_ mark: String) -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { process in
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return line == Data("sleep\0\(mark)\0".utf8)
        }.count
    }

    @Test func endsWhenNobodyHoldsIt() async throws {
        var repl: REPL? = try await REPL(environment: .local, contexts: [], handler: ClosureHandler())
        let result = await repl?.run("import os; print(os.getpid(), os.getcwd())")
        let words = (result?.output.stdout ?? "").split(separator: "\n").first?.split(separator: " ") ?? []
        let process = try #require(words.first.flatMap { pid_t($0) })
        #expect(kill(process, 0) == 0)
        repl = nil
        #expect(await until { kill(process, 0) != 0 && access(String(words[1]), F_OK) != 0 })
    }

    @Test func aRunningBlockIsCancelledByClosing() async throws {
        let asked = Mutex(false)
        let handler = ClosureHandler { _ in
            asked.withLock { $0 = true }
            try? await Task.sleep(for: .seconds(60))
            return .answer("")
        }
        let repl = try await REPL(environment: .local, contexts: [], handler: handler)
        async let running = repl.run("llm_query('x')")
        #expect(await until { asked.withLock { $0 } })
        async let waiting = repl.run("2")
        await repl.close()
        #expect(await running.outcome == .cancelled)
        _ = await waiting
    }

    @Test func fiftyLeaveNoDescriptorProcessOrThread() async throws {
        let environment: REPLEnvironment = isSandboxTested ? .sandbox : .local
        func rounds(_ count: Int) async throws {
            for _ in 0..<count {
                try await withREPL(environment) { repl in
                    #expect(await repl.run("llm_query('x')").outcome == .clean)
                }
            }
        }
        func counts() -> [Int] {
            ["fd", "task"].map { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/\($0)").count) ?? 0 }
        }
        try await rounds(3)
        // Other tests run at the same time and have some open for a while; a leak of fifty never goes away.
        let before = counts()
        try await rounds(50)
        #expect(
            await until(20) {
                let now = counts()
                return now[0] < before[0] + 40 && now[1] < before[1] + 30
            }
        )
    }

    @Test func aWorkingFolderIsRemovedButNotWhatItsLinksLeadTo() async throws {
        let folder = try Folder()
        let kept = try folder.write("kept", Data("kept".utf8))
        let working = try await withREPL(.local) { repl in
            let code =
                "import os\nos.symlink('\(folder.path)', 'out')\nos.mkdir('d'); os.symlink('\(kept)', 'd/file')\n"
            return await repl.run(code + "print(os.getcwd())").output.stdout.trimmingCharacters(in: .newlines)
        }
        #expect(working.hasPrefix("/"))
        #expect(access(working, F_OK) != 0)
        #expect(FileManager.default.contents(atPath: kept) == Data("kept".utf8))
    }

    @Test func workersDieWithTheHost() async throws {
        // A stand-in for this program: it is killed, and its end of the line to the worker closes.
        let launch = try WorkerLaunch(
            environment: .local,
            contexts: [],
            history: [],
            limits: REPLLimits(),
            python: nil
        )
        defer { launch.host.cleanUp() }
        let worker = try WorkerProcess(launch)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { room.deallocate() }
        var isReady = false
        #expect(
            await until(20) {
                _ = worker.receive(room)
                if let frame = try? worker.nextFrame() { isReady = frame.text(0) == "ready" }
                return isReady
            }
        )
        worker.socket.send(WorkerFrame.encode(["run", "0", "1", "while True: pass", "1"]))
        worker.close()
        #expect(worker.end(within: 20) == .exited(0))
    }
}
