import Foundation
import TestSupport
import Testing

/// The commands that read, as programs and people use them.
@Suite struct CommandTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("TrajectoryFormatsTests/Fixtures")

    private func array(_ ended: Program.Ended) throws -> [[String: Any]] {
        #expect(ended.status == 0, "\(ended.stderr)")
        return try #require(try JSONSerialization.jsonObject(with: Data(ended.stdout.utf8)) as? [[String: Any]])
    }

    private func ran() throws -> Program {
        let server = try PlayedModel.serve([
            PlayedModel.code("print('looking')\nllm_query_batched(['a', 'b'])\nllm_query('c')"),
            PlayedModel.code("1/0"),
            PlayedModel.code("FINAL('done')"),
        ])
        defer { server.stop() }
        let program = try Program()
        let ended = try program.start(program.arguments(server)).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        return program
    }

    @Test func list() throws {
        let program = try Program()
        let none = try program.run("list")
        #expect(none.status == 0 && none.stdout.isEmpty)
        #expect(none.stderr.contains("demo"))
        #expect(try array(try program.run("list", "--json")).isEmpty)
        let ran = try ran()
        let run = try #require(try array(try ran.run("list", "--json")).first)
        for name in ["run", "question", "status", "stop_reason", "answer", "model", "iterations", "calls", "usage"] {
            #expect(run[name] != nil, "\(name)")
        }
        #expect(try ran.run("list").stdout.contains("Who?"))
        #expect(try array(try ran.run("list", "--json", "--limit", "1")).count == 1)
        #expect(try ran.run("list", "--limit", "0").status == 2)
    }

    @Test func showOfATree() throws {
        let program = try ran()
        let object = try program.run("show", "latest", "--json").object()
        #expect(object["question"] as? String == "Who?")
        let nodes = try program.nodes(of: "latest")
        let fields = [
            "address", "kind", "depth", "status", "origin", "freshness", "model", "usage", "seconds", "children",
        ]
        for node in nodes {
            for field in fields { #expect(node[field] != nil, "\(field) of \(node["address"] ?? "?")") }
            #expect(Set((node["usage"] as? [String: Any] ?? [:]).keys) == Program.usageFields)
            #expect(node["origin"] as? String == "live")
            #expect(node["freshness"] as? String == "fresh")
            #expect(node["answer"] == nil && node["code"] == nil, "texts without --full")
        }
        let addresses = nodes.compactMap { $0["address"] as? String }
        #expect(Set(addresses).count == addresses.count)
        for address in ["i1", "i1.b1", "i1.c1", "i1.c2", "i1.c3", "i2", "i2.b1", "i3", "i3.b1"] {
            #expect(addresses.contains(address), "\(address) of \(addresses)")
        }
        let byAddress = Dictionary(uniqueKeysWithValues: zip(addresses, nodes))
        #expect(byAddress["i1.c3"]?["kind"] as? String == "llm")
        #expect(byAddress["i1.c3"]?["depth"] as? Int == 1)
        #expect(byAddress["i1.c3"]?["model"] as? String == "openai/played")
        #expect(byAddress["i2.b1"]?["status"] as? String == "failed")
        #expect(byAddress["i1.c3"]?["seconds"] is NSNumber)
        // Own usage of an iteration, everything below for the root.
        #expect((byAddress["i1"]?["usage"] as? [String: Any])?["input_tokens"] as? Int == 10)
        #expect((nodes[0]["usage"] as? [String: Any])?["input_tokens"] as? Int == 60)
    }

    @Test func showOfTexts() throws {
        let program = try ran()
        let nodes = try program.nodes(of: "latest", "--full")
        let byAddress = Dictionary(uniqueKeysWithValues: nodes.map { ($0["address"] as? String ?? "", $0) })
        #expect(byAddress["i1.c3"]?["answer"] as? String == "read: c")
        let messages = byAddress["i1.c3"]?["messages"] as? [[String: Any]]
        #expect(messages?.map { $0["content"] as? String } == ["c"])
        #expect((byAddress["i1"]?["response"] as? String)?.contains("```repl") == true)
        #expect((byAddress["i1.b1"]?["code"] as? String)?.hasPrefix("print('looking')") == true)
        #expect(byAddress["i1.b1"]?["stdout"] as? String == "looking\n'read: c'\n")
        #expect((byAddress["i2.b1"]?["stderr"] as? String)?.contains("ZeroDivisionError") == true)

        let one = try program.run("show", "latest", "i1.c3", "--json", "--full").object()
        #expect(one["answer"] as? String == "read: c")
        #expect(one["address"] as? String == "i1.c3")
        #expect(try program.run("show", "latest", "i2.b1").stdout.contains("ZeroDivisionError"))
        #expect(try program.run("show", "latest", "i1").stdout.contains("looking"))
        for wrong in ["i9", "i1.c9", "nonsense", "i0", "i1.b7"] {
            let ended = try program.run("show", "latest", wrong)
            #expect(ended.status == 2, "\(wrong): \(ended.stderr)")
            #expect(ended.complaints.count == 1, "\(wrong): \(ended.stderr)")
            #expect(ended.stdout.isEmpty)
        }
        let id = try #require(try program.list().first?["run"] as? String)
        #expect(try program.run("show", String(id.prefix(5)), "--json").object()["run"] as? String == id)
    }

    /// As people read it: what failed and of which kind, once; numbers that agree with their words; no time of 0.
    @Test func showAsText() throws {
        let program = try ran()
        let tree = try program.run("show", "latest").stdout
        #expect(tree.contains("✗ i2  ZeroDivisionError: division by zero"), "\(tree)")
        #expect(tree.contains("calls     4; 3 iterations"), "\(tree)")
        #expect(!tree.contains(" 0ms") && !tree.contains(" 0.0s"), "\(tree)")
        let cost = try program.run("show", "latest", "--json").object()["usage"] as? [String: Any]
        #expect(cost?["cost_usd"] as? Double == 1.5 && tree.contains("cost $1.50"), "\(tree)")
        for address in ["i2", "i2.b1"] {
            let failed = try program.run("show", "latest", address).stdout
            #expect(failed.components(separatedBy: "ZeroDivisionError").count == 2, "\(failed)")
        }
        let one = try Program()
        _ = try one.run("demo", "--headless")
        let file = Self.fixtures.appendingPathComponent("rlms-simple.jsonl").path
        let imported = try one.run("import", file).stdout
        #expect(!imported.contains(" 1 calls") && !imported.contains(" 1 iterations"), "\(imported)")
        #expect(!(try one.run("list").stdout.contains(" 1 calls")))
    }

    @Test func imports() throws {
        let program = try Program()
        let file = Self.fixtures.appendingPathComponent("rlms-batch.jsonl").path
        let first = try array(try program.run("import", file, "--json"))
        #expect(first.count == 1)
        let report = try #require(first.first)
        #expect(Set(report.keys) == ["file", "run", "format", "iterations", "calls", "warnings"])
        #expect(report["file"] as? String == file)
        #expect(report["format"] as? String == "rlms")
        #expect((report["iterations"] as? Int ?? 0) > 0)
        // The root and the four of five that the log has; as many as the run has afterwards.
        #expect(report["calls"] as? Int == 5)
        #expect(try program.list().first?["calls"] as? Int == 5)
        #expect(report["warnings"] is [String])
        #expect(try program.nodes(of: "latest").allSatisfy { $0["origin"] as? String == "imported" })

        // Again it is the same run, not another.
        let second = try array(try program.run("import", file, "--json"))
        #expect(second.first?["run"] as? String == report["run"] as? String)
        #expect(try program.list().count == 1)

        let all = try array(try program.run("import", Self.fixtures.path, "--json"))
        #expect(all.count == 4)
        #expect(try program.list().count == 4)
        let other = try program.file("{\"neither\": \"this\"}\n", named: "other.jsonl")
        let ended = try program.run("import", other)
        #expect(ended.status == 2)
        #expect(ended.stderr.contains("other.jsonl"))
        #expect(try program.run("show", file, "--json").object()["run"] as? String == report["run"] as? String)
    }

    @Test func openOfAFile() throws {
        let program = try Program()
        let file = Self.fixtures.appendingPathComponent("rlms-nested.jsonl").path
        let terminal = try TmuxSession(
            program,
            columns: 120,
            rows: 40,
            command: "\"$P\" open \(file); echo left with $?"
        )
        try terminal.wait { $0.contains("vault code") && $0.contains("i1") }
        terminal.type("Q")
        try terminal.wait { $0.contains("left with 0") }
        #expect(try program.list().count == 1)
    }

    @Test func paths() throws {
        let program = try Program()
        let paths = try program.run("paths", "--json").object()
        #expect(paths["store"] as? String == program.storePath)
        #expect(Set(paths.keys).isSuperset(of: ["store", "contexts", "config", "themes"]))
        #expect(try program.run("paths", "--store", "/x/y.sqlite").stdout.contains("/x/y.sqlite"))
        #expect(!FileManager.default.fileExists(atPath: program.storePath), "looking made a store")
    }

    @Test func models() throws {
        let server = try ScriptedServer { _ in .json(#"{"data":[{"id":"one"},{"id":"two"}]}"#) }
        defer { server.stop() }
        let program = try Program()
        let all = try array(try program.run("models", "--json"))
        let offline = try #require(all.first { $0["provider"] as? String == "offline" })
        #expect(offline["models"] as? [String] == ["lexical"])
        #expect((offline["about"] as? String)?.contains("neural") == true)
        let openai = try #require(all.first { $0["provider"] as? String == "openai" })
        #expect(openai["has_key"] as? Bool == false)
        #expect((openai["problem"] as? String)?.contains("OPENAI_API_KEY") == true)
        let served = try array(try program.run("models", "--json", "--base-url", server.baseURL))
        #expect(served.first?["models"] as? [String] == ["one", "two"])
        #expect(try program.run("models").stdout.contains("offline/lexical"))
        #expect(try program.run("models", "--base-url", "nonsense").status == 2)
    }

    @Test func doctor() throws {
        let program = try Program()
        let ended = try program.run("doctor", "--json")
        let checks = try array(ended)
        let names = checks.compactMap { $0["name"] as? String }
        for name in ["python", "sandbox", "terminal", "locale", "store"] { #expect(names.contains(name), "\(name)") }
        for check in checks {
            #expect(Set(check.keys) == ["name", "state", "found", "remedy"])
            if check["state"] as? String == "missing" { #expect(check["remedy"] is String) }
        }
        program.set("TERM", to: "dumb")
        program.set("LANG", to: "C")
        let plain = try program.run("doctor")
        #expect(plain.stdout.contains("TERM=dumb") && plain.stdout.contains("export LANG"), "\(plain.stdout)")
    }

    @Test func snapshot() throws {
        let program = try ran()
        let ended = try program.run("snapshot", "latest", "--size", "80x24")
        let lines = ended.stdout.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 25, "24 rows and the end of the last")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(!ended.stdout.contains("\u{1B}"))
        #expect(try program.run("snapshot", "latest", "--ansi").stdout.contains("\u{1B}["))
        let moved = try program.run("snapshot", "latest", "--size", "80x24", "--keys", "jj<enter>")
        #expect(moved.stdout != ended.stdout)
        #expect(try program.run("snapshot", "latest", "--keys", "<nosuch>").status == 2)
    }

    @Test func help() throws {
        let program = try Program()
        let commands = [
            "run", "demo", "open", "list", "show", "import", "snapshot", "doctor", "models", "paths",
        ]
        let all = try program.run("--help")
        #expect(all.status == 0 && all.stderr.isEmpty)
        for command in commands {
            #expect(all.stdout.contains("\n  \(command) "), "\(command) is not listed")
            let ended = try program.run(command, "--help")
            #expect(ended.status == 0 && ended.stderr.isEmpty, "\(command)")
            #expect(ended.stdout.contains("--store"), "\(command)")
            #expect(ended.stdout.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(command)")
        }
        for command in ["run", "open", "list", "show", "import", "snapshot", "models"] {
            #expect(try program.run(command, "--help").stdout.contains("EXAMPLES"), "\(command)")
        }
        for command in ["list", "show", "import", "paths", "models", "doctor", "run", "demo"] {
            #expect(try program.run(command, "--help").stdout.contains("--json"), "\(command)")
        }
        let version = try program.run("--version")
        #expect(version.status == 0 && !version.stdout.isEmpty)
    }

    @Test func wrongUse() throws {
        let program = try Program()
        for arguments in [
            ["show"], ["show", "a", "b", "c"], ["list", "--nosuch"], ["import"], ["run", " ", "--context", "x"],
            ["run", "Who?", "--context", "x", "--environment", "nosuch"],
            ["run", "Who?", "--context", "x", "--context-type", "nosuch"],
            ["run", "Who?", "--context", "x", "--max-timeout", "nan"],
            ["run", "Who?", "--context", "x", "--max-tokens", "0"], ["snapshot", "latest", "--size", "0x5"],
            ["open", "/no/such.jsonl"], ["show", "/no/such.jsonl"],
        ] {
            let ended = try program.start(arguments).end()
            #expect(ended.status == 2, "\(arguments): \(ended.stderr)")
            #expect(ended.stdout.isEmpty, "\(arguments)")
            #expect(!ended.stderr.isEmpty, "\(arguments)")
        }
    }

    @Test func demo() throws {
        let program = try Program()
        let ended = try program.run("demo", "--headless")
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stdout.contains("7316-KESTREL"))
        #expect(ended.stdout.split(separator: "\n").count == 1)
        // Without a terminal it is headless by itself.
        let object = try program.run("demo", "--json").object()
        #expect(object["status"] as? String == "succeeded")
        #expect(object["calls"] as? Int ?? 0 > 1)
        #expect(try program.run("demo").stdout == ended.stdout)
        #expect(try program.list().count == 3)
    }
}
