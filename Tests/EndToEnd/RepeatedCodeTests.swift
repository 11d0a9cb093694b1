import Foundation
import TestSupport
import Testing

/// Code that runs again when a run is gone back to: what repeats itself, and what is said where it does not.
@Suite struct RepeatedCodeTests {
    private static let last = "```repl\nFINAL('other ' + str(len(str(x))))\n```"

    /// Goes on from the last iteration, so that all code before it runs again.
    private func fork(_ code: String) throws -> (fork: [String: Any], stderr: String, story: Travelling) {
        let story = try Travelling([PlayedModel.code(code), PlayedModel.code("FINAL('first')")])
        let asked = story.server.requestCount
        let ended = try story.rerun("i2", "--response", Self.last, "--continue", "--json")
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(story.server.requestCount == asked)
        return (try ended.object(), ended.stderr, story)
    }

    @Test(arguments: [
        "import random\nx = random.random()\nprint(x, random.sample(range(99), 9))",
        "x = {'a', 'b', 'c', 'd', 'e'}\nprint(x, hash('a'), [hash(k) for k in x])",
        """
        import threading
        x = {}
        def ask(n): x[n] = llm_query(f"thread {n}")
        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(sorted(x.items()))
        """,
        """
        import asyncio
        async def all():
            return await asyncio.gather(*[asyncio.to_thread(llm_query, f"task {n}") for n in range(8)])
        x = asyncio.run(all())
        print(x)
        """,
        "x = 1\ntry:\n    1/0\nfinally:\n    print('in the end')",
        "import sys\nx = 2\nprint('to stderr', file=sys.stderr)\nsys.exit(3)",
    ]) func whatRepeatsItselfIsNotMarked(code: String) throws {
        let (fork, stderr, story) = try fork(code)
        story.server.stop()
        #expect((fork["diverged"] as? [String])?.isEmpty == true, "\(stderr)")
        #expect((fork["answer"] as? String)?.hasPrefix("other") == true)
        #expect(fork["live_calls"] as? Int == 0)
    }

    @Test(arguments: [
        "import time\nx = time.time_ns()\nprint(x)", "import os\nx = os.urandom(8)\nprint(x)",
        "x = 1\nprint(id(object()), __import__('time').perf_counter_ns())",
        "import time\nx = llm_query(f'now {time.time_ns()}')\nprint(1)",
    ]) func whatDoesNotIsSaid(code: String) throws {
        let (fork, stderr, story) = try fork(code)
        story.server.stop()
        #expect(fork["diverged"] as? [String] == ["i1.b1"])
        #expect(stderr.contains("i1.b1 did not repeat"), "\(stderr)")
        let shown = try story.program.run("show", try #require(fork["run"] as? String)).stdout
        #expect(shown.contains("i1.b1 did not repeat"), "\(shown)")
    }

    @Test func aDryRunNamesWhatMayNotRepeat() throws {
        let story = try Travelling([
            PlayedModel.code("import time\nprint(time.time())"), PlayedModel.code("FINAL('x')"),
        ])
        story.server.stop()
        let forecast = try story.rerun("i2", "--response", Self.last, "--continue", "--dry-run", "--json").object()
        let said = try #require(forecast["cannot_repeat"] as? [String])
        #expect(said.count == 1 && said[0].hasPrefix("i1.b1: reads the clock"), "\(said)")
    }

    /// The story of the README: one sub-call misread its slice.
    @Test func oneMisreadSliceIsFoundAndPaidOnce() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let before = try story.rows(withTotals: false)
        let asked = story.server.requestCount
        let prompt = "Count slice 7 with care"
        #expect(try story.rerun("i1.c8", "--prompt", prompt).stdout == "1\n")
        let attempts = try story.program.run("diff", "\(story.run):i1.c8@1", "\(story.run):i1.c8@2", "--json").object()
        #expect(attempts["answers"] as? [String] == ["90", "1"], "\(attempts)")
        let fork = try story.rerun("i1.c8", "--prompt", prompt, "--continue", "--json").object()
        #expect(fork["answer"] as? String == "100")
        #expect(story.subcalls(since: asked) == [prompt])
        let diff = try story.program.run("diff", story.run, try #require(fork["run"] as? String), "--json").object()
        #expect(diff["answers"] as? [String] == ["189", "100"] && diff["first_difference"] as? String == "i1.c8")
        #expect(try story.rows(withTotals: false).isSuperset(of: before))
        #expect(try story.program.faults() == [])
    }

    @Test func whatAnImportDoesNotSayIsSaidBefore() throws {
        let program = try Program()
        let lines = """
            {"type": "metadata", "root_model": "played", "max_depth": 1, "max_iterations": 5, "backend": "openai", \
            "backend_kwargs": {"model_name": "played"}, "environment_type": "local", "environment_kwargs": {}}
            {"type": "iteration", "iteration": 1, "prompt": [{"role": "user", "content": "Who?"}], "response": \
            "```repl\\nFINAL('x')\\n```", "code_blocks": [], "final_answer": "x", "iteration_time": 1}

            """
        let file = try program.file(lines, named: "foreign.jsonl")
        let ended = try program.run(
            "rerun", file, "i1", "--response", Self.last, "--continue", "--base-url", "http://127.0.0.1:9/v1")
        #expect(ended.status == 2 && ended.stderr.contains("has no context in it"), "\(ended.stderr) \(ended.stdout)")
        #expect(try program.list().count == 1)
        let over = try program.run("resume", file)
        #expect(over.status == 2 && over.stderr.contains("imported"), "\(over.stderr)")
    }
}
