import Synchronization
import Testing
import Trajectory

@testable import REPL

@Suite struct SubcallTests {
    @Test func carriesPromptsOfEveryShape() async throws {
        let handler = ClosureHandler()
        try await withREPL(handler: handler) { repl in
            let code = """
                print(llm_query('a'))
                messages = [{'role': 'system', 'content': 's'}, {'role': 'user', 'content': 'ü\\ud800'}]
                print(llm_query(messages, model='m'))
                print(rlm_query_batched(['x', [{'role': 'user', 'content': 'y'}]]), llm_query_batched([]))
                """
            let result = await repl.run(code)
            #expect(result.outcome == .clean)
            #expect(result.output.stdout == "re: a\nre: ü?\n['re: x', 're: y'] []\n")
        }
        let requests = handler.requests.withLock { $0 }
        #expect(requests.count == 3)
        #expect(requests[0].prompts == [[Message(role: .user, content: "a")]] && requests[0].model == nil)
        #expect(requests[1].prompts[0].map(\.role) == [.system, .user] && requests[1].model == "m")
        #expect(requests[2].kind == .rlm && requests[2].isBatch && requests[2].prompts.count == 2)
    }

    @Test(arguments: [
        ("llm_query(5)", "the prompt of llm_query must be a str or a list of"),
        ("llm_query({'role': 'user'})", "not dict"), ("llm_query([])", "an empty list of messages"),
        ("llm_query([{'role': 'boss', 'content': 'x'}])", "without a \"role\""),
        ("llm_query('x', model=3)", "model must be a str or None, not int"),
        ("llm_query_batched('text')", "takes a list of prompts, not one str"),
        ("rlm_query_batched(['a', 7])", "prompt 1 of rlm_query_batched must be"),
    ])
    func refusesOtherTypes(_ code: String, _ message: String) async throws {
        let handler = ClosureHandler()
        try await withREPL(handler: handler) { repl in
            guard case .raised(let failure) = await repl.run(code).outcome else { Issue.record("not raised"); return }
            #expect(failure.kind == "TypeError")
            #expect(failure.message.contains(message), "\(failure.message)")
        }
        #expect(handler.requests.withLock { $0.isEmpty })
    }

    @Test func raisesTypedErrors() async throws {
        let handler = ClosureHandler { prompt in
            switch prompt {
            case "bad": .failure(Failure(kind: "rate_limited", message: "slow down"))
            case "limit": .limit("sub-calls used up")
            default: .answer(prompt.uppercased())
            }
        }
        try await withREPL(handler: handler) { repl in
            let single = await repl.run(
                "try:\n    llm_query('bad')\nexcept SubcallError as e:\n    print(e.kind, e.message)"
            )
            #expect(single.output.stdout == "rate_limited slow down\n")
            let batch = await repl.run(
                "try:\n    llm_query_batched(['a', 'bad'])\n"
                    + "except BatchError as e:\n    print(e.answers, e.errors[1].kind)"
            )
            #expect(batch.output.stdout == "['A', None] rate_limited\n")
            let uncaught = await repl.run("llm_query_batched(['bad', 'b'])")
            let message = "1 of 2 sub-calls failed; the first: rate_limited: slow down"
            #expect(uncaught.outcome == .raised(Failure(kind: "BatchError", message: message)))
            let limit = await repl.run("try:\n    llm_query('limit')\nexcept Exception:\n    print('caught')")
            #expect(limit.outcome == .limitReached("sub-calls used up"))
            #expect(limit.output.stdout == "")
        }
    }

    @Test func answersThreadsAtTheSameTime() async throws {
        let waiting = Mutex(0)
        let handler = ClosureHandler { prompt in
            waiting.withLock { $0 += 1 }
            // Nobody is answered before all eight have asked.
            let all = await until { waiting.withLock { $0 >= 8 } }
            return all ? .answer(prompt + "!") : .failure(Failure(kind: "alone", message: ""))
        }
        try await withREPL(handler: handler) { repl in
            let code = """
                from concurrent.futures import ThreadPoolExecutor
                with ThreadPoolExecutor(8) as pool:
                    print(list(pool.map(llm_query, 'abcdefgh')))
                """
            let result = await repl.run(code)
            #expect(result.output.stdout == "['a!', 'b!', 'c!', 'd!', 'e!', 'f!', 'g!', 'h!']\n")
            #expect(result.waitingSeconds <= result.seconds)
        }
    }

    @Test func carriesManyAnswersOverManyThreads() async throws {
        try await withREPL { repl in
            let code = """
                from concurrent.futures import ThreadPoolExecutor
                with ThreadPoolExecutor(16) as pool:
                    got = list(pool.map(llm_query, map(str, range(2000))))
                print(got == ['re: %d' % i for i in range(2000)])
                """
            #expect(await repl.run(code).output.stdout == "True\n")
        }
    }

    @Test func carriesABatchOfFiftyMegabytes() async throws {
        try await withREPL { repl in
            let code = "a = llm_query_batched(['%d ' % i + 'x' * 10_000 for i in range(5000)])\n"
            let result = await repl.run(
                code + "print(len(a), all(x.startswith('re: %d ' % i) for i, x in enumerate(a)))"
            )
            #expect(result.output.stdout == "5000 True\n")
        }
    }

    @Test func namesTheBlockThatAsksAlsoForAThreadThatOutlivesIt() async throws {
        let handler = ClosureHandler()
        try await withREPL(handler: handler) { repl in
            let start = """
                import threading, _thread
                go = [threading.Event(), threading.Event()]
                def ask(event, text):
                    event.wait()
                    llm_query(text)
                llm_query('first')
                t = threading.Thread(target=ask, args=(go[0], 'thread of the first'))
                t.start()
                """
            #expect(await repl.run(start).outcome == .clean)
            let second = """
                def nested():
                    inner = threading.Thread(target=ask, args=(go[1], 'nested in the second'))
                    inner.start()
                    inner.join()
                outer = threading.Thread(target=nested)
                outer.start()
                _thread.start_new_thread(ask, (go[1],), {'text': 'raw of the second'})
                llm_query('second')
                """
            #expect(await repl.run(second).outcome == .clean)
            #expect(await repl.run("go[0].set(); t.join(); llm_query('third')").outcome == .clean)
            let fourth = "go[1].set(); outer.join()\nfrom concurrent.futures import ThreadPoolExecutor\n"
            let pool = "with ThreadPoolExecutor(2) as p: list(p.map(llm_query, ['pool a', 'pool b']))"
            #expect(await repl.run(fourth + pool).outcome == .clean)
            #expect(await until { handler.requests.withLock { $0.count } == 8 })
        }
        let blocks = handler.requests.withLock { requests in
            Dictionary(uniqueKeysWithValues: requests.map { ($0.prompts[0][0].content, $0.block) })
        }
        #expect(
            blocks == [
                "first": 1, "thread of the first": 1, "second": 2, "nested in the second": 2, "raw of the second": 2,
                "third": 3, "pool a": 4, "pool b": 4,
            ]
        )
    }

    @Test func goesOnWhileOneWaitsInTheBackground() async throws {
        let isOpen = Mutex(false)
        let handler = ClosureHandler { prompt in
            if prompt == "slow" { _ = await until(20) { isOpen.withLock { $0 } } }
            return .answer(prompt)
        }
        try await withREPL(handler: handler) { repl in
            let start =
                "import threading\ngot = []\nt = threading.Thread(target=lambda: got.append(llm_query('slow')))\n"
            #expect(await repl.run(start + "t.start()\nprint(llm_query('fast'))").output.stdout == "fast\n")
            #expect(await repl.run("print(llm_query('again'), got)").output.stdout == "again []\n")
            isOpen.withLock { $0 = true }
            #expect(await repl.run("t.join()\nprint(got)").output.stdout == "['slow']\n")
        }
    }
}
