import Foundation
import Testing
import Trajectory

@testable import REPL

@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["REPL_FIGURES"] != nil)) struct Figures {
    @Test func start() async throws {
        for environment in REPLEnvironment.allCases {
            var times: [Double] = []
            var closes: [Double] = []
            for _ in 0..<15 {
                let a = Clock.now
                let repl = try await REPL(environment: environment, contexts: [], handler: ClosureHandler())
                let b = Clock.now
                times.append(b - a)
                await repl.close()
                closes.append(Clock.now - b)
            }
            print("start", environment, times.sorted()[7] * 1000, "ms; close", closes.sorted()[7] * 1000, "ms")
        }
    }

    @Test func subcalls() async throws {
        for environment in REPLEnvironment.allCases {
            try await withREPL(environment) { repl in
                for _ in 0..<3 {
                    let r = await repl.run("import time\nt=time.perf_counter()\nfor i in range(2000): llm_query('p%d' % i)\nprint((time.perf_counter()-t)/2000*1e6, 'us')")
                    print("sequential", environment, r.output.stdout, r.output.stderr)
                }
                let r = await repl.run("t=time.perf_counter()\na=llm_query_batched(['x'*10000 + str(i) for i in range(5000)])\nprint(len(a), (time.perf_counter()-t), 's')")
                print("batch 50 MB", environment, r.output.stdout, r.output.stderr, r.seconds)
                let s = await repl.run("t=time.perf_counter()\na=llm_query_batched(['x' + str(i) for i in range(5000)])\nprint(len(a), (time.perf_counter()-t), 's')")
                print("batch small", environment, s.output.stdout, s.output.stderr)
                var t = Clock.now
                for _ in 0..<200 { _ = await repl.run("pass") }
                print("empty block", (Clock.now - t) / 200 * 1e6, "us")
                t = Clock.now
            }
        }
    }

    @Test func bigContext() async throws {
        let folder = try Folder()
        let line = "The quick brown fox jumps over the lazy dog, 0123456789 times.\n"
        let text = String(repeating: line, count: (500 << 20) / line.utf8.count)
        let context = try mounted(text, in: folder)
        let plain = try ChildProcess.output(of: "/usr/bin/python3", ["-c", "import time,sys\nt=time.perf_counter();s=open(sys.argv[1]).read();print(time.perf_counter()-t)", context.path])
        print("plain python read", plain.stdout)
        for environment in REPLEnvironment.allCases {
            let a = Clock.now
            let repl = try await REPL(environment: environment, contexts: [context], handler: ClosureHandler())
            print("500 MB", environment, Clock.now - a)
            let r = await repl.run("print(len(context))\nx=context[5:]\ndel x")
            print(r.output.stdout, r.seconds, r.outcome)
            let b = Clock.now
            await repl.close()
            print("close", Clock.now - b)
        }
    }
}
