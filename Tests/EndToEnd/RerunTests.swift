import Foundation
import TestSupport
import Testing

/// `rerun` without `--continue`: another attempt, and nothing else moves.
@Suite struct RerunTests {
    @Test func anotherAnswerIsKeptBesideTheFirst() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let before = try story.rows(withTotals: false)
        let asked = story.server.requestCount
        let ended = try story.rerun("i1.c8", "--prompt", "Count slice 7 with care", "--json")
        #expect(ended.status == 0, "\(ended.stderr)")
        let object = try ended.object()
        #expect(object["address"] as? String == "i1.c8@2" && object["answer"] as? String == "1")
        #expect(object["live_calls"] as? Int == 1 && object["status"] as? String == "succeeded")
        #expect(story.server.requestCount == asked + 1)
        #expect(story.subcalls(since: asked) == ["Count slice 7 with care"])
        let file = try story.program.file("from a file\n", named: "prompt.txt")
        #expect(try story.rerun("i1.c8", "--prompt", "@\(file)").stdout == "1\n")
        #expect(try story.rerun("i1.c8", "--prompt", "@-", stdin: "from stdin").status == 0)
        #expect(story.subcalls(since: asked + 1) == ["from a file\n", "from stdin"])
        // By hand, nothing is sent; as it was, the same is asked again, and so is what another model is asked.
        let byHand = try story.rerun("i1.c8", "--response", "by hand", "--json").object()
        #expect(byHand["address"] as? String == "i1.c8@5" && byHand["live_calls"] as? Int == 0)
        #expect(story.server.requestCount == asked + 3)
        #expect(try story.rerun("i1.c8").stdout == "90\n")
        #expect(try story.rerun("i1.c8", "--model", "openai/other", "--sampling", "temperature=0.5").status == 0)
        let last = try #require(story.server.requests.last)
        #expect(last.model == "other" && last.lastMessage == "Count slice 7")
        #expect(last.json["temperature"] as? Double == 0.5)
        #expect(try story.rows(withTotals: false).isSuperset(of: before))
        #expect(try story.program.run("show", story.run, "--json").object()["answer"] as? String == "189")
        #expect(try story.program.run("show", story.run, "i1.c8", "--full").stdout.contains("90"))
        #expect(try story.program.run("show", story.run, "i1.c8@2", "--full").stdout.contains("with care"))
        #expect(try story.program.faults() == [])
    }

    @Test func aBlockRunsAloneInItsStateAndSendsNothing() throws {
        let story = try Travelling([
            PlayedModel.code("x = 2\ny = llm_query('one')"), PlayedModel.code("print(x)"),
            PlayedModel.code("FINAL('z')"),
        ])
        defer { story.server.stop() }
        let before = try story.rows(withTotals: false)
        let asked = story.server.requestCount
        let ended = try story.rerun("i2.b1", "--code", "print(x * 21, y)", "--json")
        #expect(try ended.object()["output"] as? String == "42 read: one\n", "\(ended.stdout) \(ended.stderr)")
        #expect(try ended.object()["recorded_calls"] as? Int == 1)
        // What it raises is a result.
        let raising = try story.rerun("i2.b1", "--code", "print('so far')\n1/0", "--json")
        #expect(raising.status == 1 && !raising.stderr.contains("Fatal"))
        #expect(try raising.object()["status"] as? String == "failed")
        #expect(try raising.object()["output"] as? String == "so far\n")
        let asking = try story.rerun("i2.b1", "--code", "print(llm_query('never asked'))", "--json")
        #expect(asking.status == 1 && asking.stdout.contains("not_recorded"), "\(asking.stdout)")
        #expect(story.server.requestCount == asked)
        #expect(try story.rows(withTotals: false).isSuperset(of: before))
        let iteration = try story.rerun("i3", "--json").object()
        #expect(iteration["address"] as? String == "i3@2" && iteration["live_calls"] as? Int == 1)
        #expect(story.server.requestCount == asked + 1)
        #expect(try story.program.faults() == [])
    }

    @Test func wrongUseEndsWithTwoAndChangesNothing() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let before = try story.rows()
        let asked = story.server.requestCount
        for arguments in Self.wrongUses {
            let ended = try story.program.start(["rerun", story.run] + arguments).end()
            #expect(ended.status == 2, "\(arguments): \(ended.status) \(ended.stderr)")
            #expect(!ended.complaints.isEmpty && ended.stdout.isEmpty, "\(arguments)")
        }
        #expect(story.server.requestCount == asked)
        #expect(try story.rows() == before)
    }

    private static let wrongUses = [
        ["i1.c8", "--code", "1"], ["i1", "--prompt", "x"], ["i1.b1", "--response", "x"], ["i9", "--response", "x"],
        ["i1.c999"], ["nonsense"], ["i1.c8", "--model", "nameless"], ["i1.c8", "--prompt", "@/not/there"],
        ["i1.c8", "--response", "a", "--prompt", "b"], ["i1.c8", "--name", "x"], ["i1.c8", "--hold", "all"],
        ["i1.b1", "--code", "def ("], ["i1.b1", "--code", " "], ["root"], ["i1.c8", "--hold", "depth>", "--continue"],
        ["i1.c8", "--sampling", "temperature"], ["i1.c8", "--prompt", "@-", "--response", "@-"], ["i0"], ["i1.c0"],
        ["i1.c8", "--base-url", "no url"], ["i1.c8", "--retry-failed"],
    ]

    @Test func aDryRunSendsNothing() throws {
        let story = try Travelling.counting()
        defer { story.server.stop() }
        let before = try story.rows()
        let asked = story.server.requestCount
        func forecast(_ more: String...) throws -> [String: Any] {
            let ended = try story.program.start(["rerun", story.run] + more + ["--dry-run", "--json"]).end()
            #expect(ended.status == 0, "\(ended.stderr)")
            let object = try ended.object()
            let keys: Set = ["live_calls", "recorded_calls", "iterations", "tokens", "cost_usd", "cannot_repeat"]
            #expect(Set(object.keys) == keys)
            return object
        }
        let asking = try forecast("i1.c8", "--prompt", "again", "--continue")
        #expect(asking["live_calls"] as? Int == 1 && asking["recorded_calls"] as? Int == 99)
        #expect(asking["iterations"] is NSNull && (asking["cannot_repeat"] as? [String])?.isEmpty == true)
        #expect((asking["tokens"] as? Int ?? 0) > 0 && asking["cost_usd"] is Double)
        let byHand = try forecast("i1.c8", "--response", "1", "--continue")
        #expect(byHand["live_calls"] as? Int == 0 && byHand["recorded_calls"] as? Int == 99)
        let coded = try forecast("i2.b1", "--code", "import time\nFINAL(str(time.time()))", "--continue")
        #expect(coded["live_calls"] is NSNull && coded["recorded_calls"] as? Int == 100)
        let alone = try forecast("i1.c8", "--prompt", "again")
        #expect(alone["live_calls"] as? Int == 1 && alone["iterations"] as? Int == 0)
        #expect(try forecast("root", "--prompt", "Something else?", "--continue")["live_calls"] is NSNull)
        #expect(story.server.requestCount == asked)
        #expect(try story.rows() == before)
        #expect(
            try story.rerun("i1.c8", "--prompt", "x", "--continue", "--dry-run").stdout.contains("99 from the store"))
    }

    @Test func aServerThatIsDownLeavesTheRunAsItWas() throws {
        let story = try Travelling.counting()
        story.server.stop()
        let before = try story.rows(withTotals: false)
        let alone = try story.rerun("i1.c8", "--prompt", "again", "--json")
        #expect(alone.status == 5, "\(alone.stderr)")
        #expect(try alone.object()["status"] as? String == "failed")
        let fork = try story.rerun("i1.c8", "--prompt", "again", "--continue", "--json")
        #expect(fork.status == 5 || fork.status == 1, "\(fork.stderr)")
        #expect(try fork.object()["status"] as? String == "failed")
        #expect(try fork.object()["live_calls"] as? Int == 1)
        #expect(try story.rows(withTotals: false).isSuperset(of: before))
        #expect(try story.program.run("show", story.run, "--json").object()["answer"] as? String == "189")
        #expect(try story.program.faults() == [])
    }
}
