import Foundation
import TestSupport
import Testing

/// `run --hold` and `resume --release/--answer/--drop`: what stops at a hold, and how another process goes on.
@Suite struct HoldTests {
    private static let batch = [
        PlayedModel.code(
            """
            try:
                answers = llm_query_batched([f"n {n}" for n in range(5)])
            except BatchError as error:
                answers = [answer or "none" for answer in error.answers]
            print(answers)
            """),
        PlayedModel.code("FINAL(' '.join(answers))"),
    ]

    private func held(
        _ responses: [String], _ rules: [String], _ more: [String] = [],
        subcall: @escaping @Sendable (ScriptedRequest) -> ScriptedReply = {
            PlayedModel.answer("<\($0.lastMessage)>", to: $0)
        }
    ) throws -> (story: Travelling, held: [String]) {
        let story = try Travelling(responses, rules.flatMap { ["--hold", $0] } + more, subcall: subcall)
        let shown = try story.program.run("show", story.run, "--json").object()
        #expect(shown["status"] as? String == "held")
        return (story, try story.held())
    }

    @Test func aRunStopsAtAHoldAndAnotherProcessDecides() throws {
        let program = try Program()
        let server = try PlayedModel.serve(Self.batch) { PlayedModel.answer("<\($0.lastMessage)>", to: $0) }
        defer { server.stop() }
        let ended = try program.start(program.arguments(at: server.baseURL, ["--json", "--hold", "depth>0"])).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        let object = try ended.object()
        #expect(object["status"] as? String == "held" && object["live_calls"] as? Int == 0, "\(object)")
        #expect(object["held"] as? [String] == ["i1.c1", "i1.c2", "i1.c3", "i1.c4", "i1.c5"])
        for place in 1...5 { #expect(ended.stderr.contains("i1.c\(place)")) }
        #expect(server.requestCount == 1)
        let run = try #require(object["run"] as? String)
        let file = try program.file("five\n", named: "five.txt")
        let more = try program.run(
            "resume", run, "--answer", "i1.c1=one", "--drop", "i1.c3", "--answer", "i1.c5=@\(file)", "--json")
        #expect(more.status == 0, "\(more.stderr)")
        #expect(try more.object()["held"] as? [String] == ["i1.c2", "i1.c4"])
        #expect(server.requestCount == 1)
        let end = try program.run("resume", run, "--release", "all", "--json")
        #expect(try end.object()["answer"] as? String == "one <n 1> none <n 3> five\n", "\(end.stderr)")
        #expect(
            server.requests.dropFirst().filter { !PlayedModel.isRoot($0) }.map(\.lastMessage).sorted() == [
                "n 1", "n 3",
            ])
        let nodes = try program.nodes(of: run, "--full")
        func node(_ address: String) -> [String: Any] { nodes.first { $0["address"] as? String == address } ?? [:] }
        #expect(node("i1.c1")["origin"] as? String == "edited" && node("i1.c2")["origin"] as? String == "live")
        #expect(node("i1.c3")["status"] as? String == "failed")
        #expect(try program.faults() == [])
    }

    @Test func wrongDecisionsEndWithTwoAndDecideNothing() throws {
        let (story, _) = try held(Self.batch, ["depth>0"])
        defer { story.server.stop() }
        let before = try story.rows()
        for wrong in [
            ["--release", "i1.c9"], ["--release", "nonsense"], ["--answer", "i1.c1"],
            ["--answer", "i1.c1=@/not/there"],
            ["--drop", "i1.b1"], ["--drop", "i1.c1", "--release", "i1.c1"], ["--answer", "=x"],
            ["--answer", "i1.c1=x", "--drop", "i1.c77"], ["--hold", "depth>"],
        ] {
            let ended = try story.program.start(["resume", story.run] + wrong).end()
            #expect(ended.status == 2 && !ended.complaints.isEmpty, "\(wrong) \(ended.stderr)")
        }
        #expect(try story.rows() == before)
        #expect(try story.held().count == 5)
        let ruled = try story.program.run("run", "Who?", "--context", "x", "--hold", "depth>1 & tokins>3")
        #expect(ruled.status == 2 && ruled.stderr.contains("column 11"), "\(ruled.stderr)")
    }

    /// Several processes want to go on with the same run: one does, and nothing is paid twice.
    @Test func onlyOneGoesOn() throws {
        let (story, _) = try held(Self.batch, ["depth>0"]) {
            PlayedModel.answer("<\($0.lastMessage)>", to: $0).after(milliseconds: 1_000)
        }
        defer { story.server.stop() }
        let going = try (0..<4).map { _ in
            try story.program.start(["resume", story.run, "--release", "all", "--json"])
        }
        let ended = try going.map { try $0.end() }
        #expect(ended.map(\.status).sorted() == [0, 2, 2, 2], "\(ended.map(\.stderr))")
        #expect(story.subcalls(since: 0).sorted() == (0..<5).map { "n \($0)" })
        #expect(try story.program.faults() == [])
    }

    @Test func whatIsNestedIsHeldToo() throws {
        let program = try Program()
        let server = try ForkTests.nested()
        defer { server.stop() }
        let arguments = try program.arguments(at: server.baseURL, ["--json", "--max-depth", "3", "--hold", "depth>2"])
        var object = try program.start(arguments).end().object()
        let run = try #require(object["run"] as? String, "\(object)")
        // The leaves are asked one after the other: each process comes as far as the next.
        var seen: [String] = []
        for _ in 0..<12 where object["status"] as? String == "held" {
            let addresses = try #require(object["held"] as? [String])
            seen += addresses
            #expect(addresses.count == 1)
            object = try program.run(
                "resume", run, "--answer", "\(addresses[0])=\(seen.count)", "--hold", "depth>2", "--json"
            ).object()
        }
        #expect(object["answer"] as? String == "12|34", "\(object)")
        #expect(
            seen == ["i1.c1.i1.c1.i1.c1", "i1.c1.i1.c1.i1.c2", "i1.c2.i1.c1.i1.c1", "i1.c2.i1.c1.i1.c2"])
        #expect(!server.requests.contains { $0.lastMessage.hasPrefix("leaf") })
        #expect(try program.faults() == [])
    }

    @Test func blocksAndAnswersAreHeldWithTheirStages() throws {
        let (story, first) = try held(
            [PlayedModel.code("x = llm_query('a')\nprint(x)"), PlayedModel.code("FINAL(x)")], ["before-run: all"])
        defer { story.server.stop() }
        #expect(first == ["i1.b1"])
        let answer = try story.program.run(
            "resume", story.run, "--release", "all", "--hold", "before-deliver: depth>0", "--json"
        ).object()
        #expect(answer["held"] as? [String] == ["i1.c1"], "\(answer)")
        let asked = story.server.requestCount
        let end = try story.program.run("resume", story.run, "--answer", "i1.c1=another", "--json").object()
        #expect(end["answer"] as? String == "another")
        // What was held before delivery had been paid, and was not asked again.
        #expect(story.subcalls(since: asked).isEmpty)
        let shown = try story.program.run("show", story.run, "i1.c1@1", "--full").stdout
        #expect(shown.contains("<a>"), "\(shown)")
        #expect(try story.program.faults() == [])
    }

    @Test func aDroppedBlockIsAFailureThatTheModelSees() throws {
        let (story, _) = try held(
            [PlayedModel.code("x = 1"), PlayedModel.code("FINAL('after that')")], ["before-run: /x = 1/"])
        defer { story.server.stop() }
        let end = try story.program.run("resume", story.run, "--drop", "i1.b1", "--json").object()
        #expect(end["answer"] as? String == "after that", "\(end)")
        #expect(story.server.requests.last?.lastMessage.contains("dropped") == true)
        #expect(try story.program.faults() == [])
    }

    @Test func onlyErrorsAreHeldByTheErrorRule() throws {
        let (story, addresses) = try held(
            [PlayedModel.code("FINAL(llm_query('good') + llm_query('bad'))")], ["error"]
        ) { $0.lastMessage == "bad" ? .error(400, "no such thing") : PlayedModel.answer("fine ", to: $0) }
        defer { story.server.stop() }
        #expect(addresses == ["i1.c2"])
        let end = try story.program.run("resume", story.run, "--answer", "i1.c2=mended", "--json").object()
        #expect(end["answer"] as? String == "fine mended", "\(end)")
        #expect(try story.program.faults() == [])
    }

    @Test func theRootIsHeldAndAnsweredByHand() throws {
        let (story, addresses) = try held([PlayedModel.code("FINAL('from the model')")], ["depth=0"])
        defer { story.server.stop() }
        #expect(addresses == ["i1"] && story.server.requestCount == 0)
        let byHand = try story.program.file("```repl\nFINAL('by hand')\n```\n", named: "turn.txt")
        let end = try story.program.run("resume", story.run, "--answer", "i1=@\(byHand)", "--json").object()
        #expect(end["answer"] as? String == "by hand" && story.server.requestCount == 0, "\(end)")
        #expect(try story.program.faults() == [])
    }

    @Test func aForkIsHeldAndGoesOn() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let asked = story.server.requestCount
        let fork = try story.rerun(
            "i1.c8", "--prompt", "with care", "--continue", "--hold", "/care/ & depth>0", "--json"
        ).object()
        #expect(fork["held"] as? [String] == ["i1.c8"] && story.server.requestCount == asked, "\(fork)")
        let end = try story.program.run("resume", try #require(fork["run"] as? String), "--release", "all", "--json")
        #expect(try end.object()["answer"] as? String == "100", "\(end.stdout) \(end.stderr)")
        #expect(story.subcalls(since: asked) == ["with care"])
        #expect(try end.object()["live_calls"] as? Int == 1)
        #expect(try story.program.faults() == [])
    }

    @Test func anEditTakenAtAHoldIsNotPaidAgainAfterACrash() async throws {
        let story = try Travelling(
            [
                PlayedModel.code("x = llm_query('one')\ny = llm_query('slow')\nFINAL(x + y)")
            ], ["--hold", "/one/ & depth>0"]
        ) {
            PlayedModel.answer("<\($0.lastMessage)>", to: $0).after(milliseconds: $0.lastMessage == "slow" ? 60_000 : 0)
        }
        defer { story.server.stop() }
        let going = try story.program.start(["resume", story.run, "--answer", "i1.c1=by hand", "--json"])
        #expect(await waitUntil(seconds: 30) { story.server.requests.contains { $0.lastMessage == "slow" } })
        going.send(SIGKILL)
        _ = try going.end()
        let held = try story.program.run("resume", story.run, "--hold", "/slow/ & depth>0", "--json").object()
        #expect(held["held"] as? [String] == ["i1.c2"], "\(held)")
        let end = try story.program.run("resume", story.run, "--answer", "i1.c2=!", "--json").object()
        #expect(end["answer"] as? String == "by hand!")
        #expect(!story.server.requests.contains { $0.lastMessage == "one" })
        #expect(try story.program.faults() == [])
    }
}

extension Travelling {
    /// What waits for a person, as another process is told.
    func held() throws -> [String] {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for call, block, iteration in db.execute('''SELECT c.ordinal, b.ordinal, i.ordinal FROM hold h
                JOIN run r ON r.row = h.run LEFT JOIN call c ON c.id = h.call LEFT JOIN block b ON b.id = h.block
                LEFT JOIN iteration i ON i.id = coalesce(c.iteration, b.iteration, h.iteration)
                WHERE r.id = ? AND h.released_at IS NULL ORDER BY h.id''', [sys.argv[2]]):
                print('i%d' % iteration + ('.c%d' % call if call else '') + ('.b%d' % block if block else ''))
            """
        let path = try program.file(script, named: "held.py")
        let ended = try program.start([path, program.storePath, run], executable: "/usr/bin/python3").end()
        return ended.stdout.split(separator: "\n").map(String.init)
    }
}
