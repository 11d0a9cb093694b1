import Foundation
import TestSupport
import Testing

/// What the map says against the slices that the code took.
@Suite struct MapTests {
    /// 2,000 lines, none like another.
    static let text: String = {
        var state: UInt64 = 5
        let words = ["river", "market", "engine", "letter", "window", "garden", "signal", "copper"]
        return (1...2000).map { number in
            let line = (0..<6).map { _ -> String in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return words[Int(state >> 61)]
            }
            return "\(number) " + line.joined(separator: " ") + "\n"
        }.joined()
    }()

    struct Node: Decodable, Equatable {
        var address: String
        var context: String
        var part: String
        var ranges: [[Int]]
        var ambiguous: [[Int]]?
        var read: Bool?
    }

    struct Map: Decodable {
        struct Context: Decodable {
            var name: String
            var bytes: Int
            var covered_fraction: Double
            var unread: [[Int]]
        }
        var contexts: [Context]
        var nodes: [Node]

        /// The ranges of each node but the first request's, which holds the context's beginning.
        var slices: [String: [[Int]]] {
            Dictionary(nodes.filter { !$0.address.hasSuffix("i1") }.map { ("\($0.address) \($0.part)", $0.ranges) }) {
                $0 + $1
            }
        }
    }

    /// Runs blocks over contexts, a turn each, and gives the run's map. Slices stand between marks that no context has.
    private func map(
        _ program: Program, _ blocks: [String], contexts: [String], _ more: [String] = [],
        child: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Map {
        let server = try ScriptedServer { request in
            if request.method == "GET" { return .json(#"{"data":[{"id":"played"}]}"#) }
            guard PlayedModel.isRoot(request) else {
                return PlayedModel.answer("read: \(request.lastMessage)", to: request)
            }
            let isChild = request.messages.dropFirst().first?.contains("The request is in the context itself") == true
            let script = (isChild ? child : blocks).map(PlayedModel.code) + [PlayedModel.code("FINAL('done')")]
            let turn = request.roles.filter { $0 == "assistant" }.count
            return PlayedModel.answer(script[min(turn, script.count - 1)], to: request)
        }
        defer { server.stop() }
        let ended = try program.start(
            ["run", "Who?", "--model", "openai/played", "--base-url", server.baseURL, "--headless"]
                + contexts.flatMap { ["--context", $0] } + more
        ).end()
        #expect(ended.stdout == "done\n", "\(ended.stderr)", sourceLocation: sourceLocation)
        let mapped = try program.run("map", "latest", "--json")
        #expect(mapped.status == 0, "\(mapped.stderr)", sourceLocation: sourceLocation)
        return try JSONDecoder().decode(Map.self, from: Data(mapped.stdout.utf8))
    }

    @Test func loopWithOutput() throws {
        let program = try Program()
        let path = try program.file(Self.text, named: "text.txt")
        let map = try map(
            program,
            [
                "for i in range(4): llm_query('Read part %d: «%s»' % (i, context[i * 5000:i * 5000 + 5000]))\n"
                    + "print('«' + context[40000:40500] + '»')"
            ],
            contexts: [path])
        #expect(
            map.slices == [
                "i1.c1 prompt": [[0, 5000]], "i1.c2 prompt": [[5000, 10_000]], "i1.c3 prompt": [[10_000, 15_000]],
                "i1.c4 prompt": [[15_000, 20_000]], "i1.b1 output": [[40_000, 40_500]],
            ])
        let context = try #require(map.contexts.first)
        #expect(context.name == "context")
        #expect(context.bytes == Self.text.utf8.count)
        #expect(context.unread == [[20_000, 40_000], [40_500, context.bytes]])
        #expect(abs(context.covered_fraction - 20_500 / Double(context.bytes)) < 1e-9)
        #expect(map.nodes.first?.address == "i1")
        #expect(map.nodes.allSatisfy { $0.read == nil && $0.ambiguous == nil })
        // A run that is over has its map the same again.
        let show = try program.run("show", "latest").stdout
        #expect(show.contains("read by the root"))
        #expect(show.contains("read by nobody"))
        #expect(show.contains("largest unread: [40,500:"), "\(show)")
        let text = try program.run("map", "latest").stdout
        #expect(text.contains("▏▓"), "\(text)")
        #expect(text.contains("i1.c2        prompt  context[5,000:10,000] "), "\(text)")
    }

    /// A batch, whose output is longer than a model is shown: what was cut out nobody read.
    @Test func batchAndCutOutput() throws {
        let program = try Program()
        let path = try program.file(Self.text, named: "text.txt")
        let map = try map(
            program,
            [
                "answers = llm_query_batched(['«%s»' % context[i:i + 1000] for i in range(60000, 66000, 1000)])",
                "print('«' + context[:50000] + '»')", "print('«' + context[70000:70100] + '»')",
            ],
            contexts: [path])
        for call in 1...6 {
            #expect(map.slices["i1.c\(call) prompt"] == [[59_000 + call * 1000, 60_000 + call * 1000]])
        }
        let shown = try #require(map.slices["i2.b1 output"])
        #expect(shown.count == 2)
        #expect(shown.first?[0] == 0 && shown.last?[1] == 50_000)
        let length = shown.reduce(0) { $0 + $1[1] - $1[0] }
        #expect((19_900...20_000).contains(length), "\(shown)")
        #expect(map.slices["i3.b1 output"] == [[70_000, 70_100]])
        let unread = try #require(map.contexts.first?.unread)
        #expect(unread.contains { $0[0] == shown[0][1] && $0[1] == shown[1][0] })
    }

    /// Notes that are carried on hold what was read before; several blocks a turn have each their own output.
    @Test func carriedNotesAndSeveralBlocks() throws {
        let program = try Program()
        let path = try program.file(Self.text, named: "text.txt")
        let two =
            "print('«' + context[20000:20100] + '»')\n```\nAnd then:\n```repl\nprint('«' + context[30000:30200] + '»')"
        let map = try map(
            program,
            [
                "notes = ''\nfor i in range(3): notes = llm_query('%s «%s»' % (notes, context[i * 4000:i * 4000 + 300]))",
                two,
            ],
            contexts: [path])
        #expect(map.slices["i1.c1 prompt"] == [[0, 300]])
        #expect(map.slices["i1.c2 prompt"] == [[0, 300], [4000, 4300]])
        #expect(map.slices["i1.c3 prompt"] == [[0, 300], [4000, 4300], [8000, 8300]])
        #expect(map.slices["i2.b1 output"] == [[20_000, 20_100]])
        #expect(map.slices["i2.b2 output"] == [[30_000, 30_200]])
    }

    /// What a recursive call's own code takes is a slice of a slice.
    @Test func nestedCalls() throws {
        let program = try Program()
        // The second half repeats the first, but for its beginning: only what the call was given says which is meant.
        let half = String(Self.text.prefix(20_000))
        let path = try program.file(half + "§ and once more:\n" + half, named: "twice.txt")
        let begin = 20_000 + "§ and once more:\n".utf8.count
        let map = try map(
            program, ["rlm_query('«' + context[19000:26000] + '»')"], contexts: [path], ["--max-depth", "2"],
            child: ["llm_query('«' + context[2019:2519] + '»')", "print('«' + context[4019:4119] + '»')"])
        let unique = "i1.c1 prompt"
        // Characters and bytes differ by one from the mark on.
        #expect(map.slices[unique] == [[19_000, 26_001]])
        let start = begin + 2019 - 1 - (begin - 19_000 - 1)
        #expect(map.slices["i1.c1.i1.c1 prompt"] == [[start, start + 500]])
        #expect(map.slices["i1.c1.i2.b1 output"] == [[start + 2000, start + 2100]])
        // What a recursive call was given is a context; its own nodes read it or do not.
        #expect(map.nodes.first { $0.address == "i1.c1" }?.read == false)
        let needle = half.dropFirst(2019 - 1 - (begin - 19_000 - 1) + 100).prefix(60)
        let found = try program.run("map", "latest", "--json", "--find", String(needle))
        let places = try JSONSerialization.jsonObject(with: Data(found.stdout.utf8)) as? [[String: Any]]
        #expect(places?.count == 2)
        #expect(places?.last?["seen_by"] as? [String] == ["i1.c1", "i1.c1.i1.c1"], "\(found.stdout)")
        #expect(places?.first?["seen_by"] as? [String] == [])
        #expect(found.status == 1)
    }

    @Test func jsonAndFolders() throws {
        let program = try Program()
        let values = (0..<50).map {
            ["id": "\($0)", "text": "Entry \($0):\n\"\($0 * 7919) été\" was written by hand."]
        }
        let json = String(
            decoding: try JSONSerialization.data(withJSONObject: values, options: .sortedKeys), as: UTF8.self)
        let path = try program.file(json, named: "entries.json")
        var map = try map(program, ["llm_query('«' + context[7]['text'] + '»')"], contexts: [path])
        let stored = Array(json.utf8)
        let ranges = try #require(map.slices["i1.c1 prompt"])
        #expect(ranges.count == 1)
        let slice = String(decoding: stored[ranges[0][0]..<ranges[0][1]], as: UTF8.self)
        #expect(slice == #"Entry 7:\n\"55433 été\" was written by hand."#)

        try FileManager.default.createDirectory(
            at: program.folder.appendingPathComponent("notes"), withIntermediateDirectories: true)
        let first = String(Self.text.prefix(1000))
        let second = String(Self.text.dropFirst(50_000).prefix(800))
        _ = try program.file(first, named: "notes/a.txt")
        _ = try program.file(second, named: "notes/b.txt")
        map = try self.map(
            program, ["llm_query('«' + context['b.txt'][100:300] + '»')"],
            contexts: [program.folder.appendingPathComponent("notes").path])
        #expect(map.slices["i1.c1 prompt"] == [[1100, 1300]])
    }

    @Test func severalContextsAndLines() throws {
        let program = try Program()
        let one = try program.file(String(Self.text.prefix(3000)), named: "1.txt")
        let two = try program.file(String(Self.text.suffix(3000)), named: "2.txt")
        let map = try map(
            program, ["llm_query('«' + context_0[100:200] + '» and «' + context_1[500:600] + '»')"],
            contexts: [one, two])
        #expect(map.contexts.map(\.name) == ["context_0", "context_1"])
        #expect(map.nodes.filter { $0.address == "i1.c1" }.map(\.context) == ["context_0", "context_1"])
        #expect(map.nodes.filter { $0.address == "i1.c1" }.map(\.ranges) == [[[100, 200]], [[500, 600]]])
    }

    /// One line in a test of a strategy: who saw it, and an exit status.
    @Test func needles() throws {
        let program = try Program()
        let secret = "the code is 7316-KESTREL"
        let path = try program.file(Self.text + secret + "\n" + Self.text.suffix(500), named: "text.txt")
        _ = try map(program, ["heard = llm_query('«' + context[-600:] + '»')"], contexts: [path])
        let seen = try program.run("map", "latest", "--json", "--find", "7316-KESTREL")
        let places = try JSONSerialization.jsonObject(with: Data(seen.stdout.utf8)) as? [[String: Any]]
        let start = Self.text.utf8.count + "the code is ".utf8.count
        #expect(places?.count == 1)
        #expect(places?.first?["context"] as? String == "context")
        #expect(places?.first?["start"] as? Int == start)
        #expect(places?.first?["end"] as? Int == start + 12)
        #expect(places?.first?["seen_by"] as? [String] == ["i1.c1"])
        #expect(seen.status == 0)
        #expect(try program.run("map", "latest", "--find", "/code is [0-9]+-K[A-Z]*/").status == 0)

        let unseen = try program.run("map", "latest", "--find", "/^1000 .*$/")
        #expect(unseen.status == 1)
        #expect(unseen.stdout.contains("seen by nobody"))
        let nowhere = try program.run("map", "latest", "--json", "--find", "KESTREL-7316")
        #expect(nowhere.status == 1)
        #expect(nowhere.stdout.trimmingCharacters(in: .whitespacesAndNewlines).filter { !$0.isWhitespace } == "[]")
        #expect(nowhere.complaints.count == 1)
        let wrong = try program.run("map", "latest", "--find", "/[/")
        #expect(wrong.status == 2)
        #expect(wrong.stderr.contains("--find"))
        #expect(try program.run("map", "latest", "--find", "").status == 2)
    }

    /// Imported runs have a map where their context came with them, and say so where it did not.
    @Test func importedRuns() throws {
        let program = try Program()
        let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("sample-runs")
        let ended = try program.run("map", samples.appendingPathComponent("needle.jsonl").path, "--json")
        #expect(ended.status == 0, "\(ended.stderr)")
        let map = try JSONDecoder().decode(Map.self, from: Data(ended.stdout.utf8))
        #expect(map.contexts.isEmpty == ended.stderr.contains("no stored context"), "\(ended.stderr)")
        #expect(map.contexts.isEmpty || !map.nodes.isEmpty)
    }
}
