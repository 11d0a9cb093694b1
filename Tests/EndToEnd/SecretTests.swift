import Foundation
import TestSupport
import Testing

/// A key is in the environment and nowhere else: not in the store, in what is printed, or in what the REPL sees.
@Suite struct SecretTests {
    private static let key = "sk-planted-8f3a9b27c6d1e450"

    /// Prints whatever a block can find out about its environment and its processes.
    private static let looksAround = """
        import os, glob
        print(dict(os.environ))
        for path in glob.glob('/proc/[0-9]*/environ') if SANDBOXED else ['/proc/self/environ']:
            try:
                print(path, open(path, 'rb').read())
            except OSError as error:
                print(path, error)
        os.system('env; set')
        """

    private func program() throws -> Program {
        let program = try Program()
        program.set("OPENAI_API_KEY", to: Self.key)
        return program
    }

    /// Each file below the program's folder that holds the key, or a part of it that would be as good.
    private func leaks(in program: Program) throws -> [String] {
        let secret = Data(Self.key.dropFirst(3).utf8)
        let walk = FileManager.default.enumerator(at: program.folder, includingPropertiesForKeys: [.isRegularFileKey])
        return try (walk?.allObjects as? [URL] ?? []).filter { file in
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return false }
            return try Data(contentsOf: file).range(of: secret) != nil
        }.map(\.path)
    }

    private func expectNoKey(
        in program: Program,
        _ ended: [Program.Ended],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try leaks(in: program) == [], sourceLocation: sourceLocation)
        let looks = [
            try program.run("show", "latest", "--json", "--full"), try program.run("show", "latest"),
            try program.run("list", "--json"), try program.run("doctor"), try program.run("doctor", "--json"),
            try program.run("models"), try program.run("paths"),
            try program.run("snapshot", "latest", "--keys", "jj<enter>"),
        ]
        for ended in ended + looks {
            #expect(!(ended.stdout + ended.stderr).contains("planted-8f3a"), sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: ["sandbox", "local"])
    func isNotSeenByTheREPL(environment: String) throws {
        let isSandbox = environment == "sandbox"
        let server = try PlayedModel.serve([
            PlayedModel.code("SANDBOXED = \(isSandbox ? "True" : "False")\n\(Self.looksAround)"),
            PlayedModel.code("FINAL(llm_query('x'))"),
        ])
        defer { server.stop() }
        let program = try program()
        let ended = try program.start(program.arguments(server, "--environment", environment)).end()
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(server.requests.count == 3)
        #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer \(Self.key)" })
        // The block did look around, and what it saw is recorded.
        let full = try program.run("show", "latest", "--json", "--full")
        #expect(full.stdout.contains("/environ"))
        #expect(full.stdout.contains(isSandbox ? "PATH" : "HOME="))
        try expectNoKey(in: program, [ended])
    }

    /// Servers like to repeat the key that they do not know.
    @Test func isNotRepeatedFromAServersAnswer() throws {
        let server = try ScriptedServer { request in
            .error(401, "Incorrect API key provided: \(request.headers["authorization"] ?? "none").")
        }
        defer { server.stop() }
        let program = try program()
        let ended = try program.start(program.arguments(server, "--json")).end()
        #expect(ended.status == 5)
        #expect(server.requests.first?.headers["authorization"] == "Bearer \(Self.key)")
        try expectNoKey(in: program, [ended])
    }

    @Test func isNotKeptWithAnAddress() throws {
        let server = try PlayedModel.serve([PlayedModel.code("FINAL('done')")])
        let pages = try ScriptedServer { _ in .body(Array("a page\n".utf8), type: "text/plain") }
        defer {
            server.stop()
            pages.stop()
        }
        let program = try Program()
        let secret = Self.key.dropFirst(3)
        let ended = try program.run(
            "run", "Who?", "--context", "http://me:\(secret)@127.0.0.1:\(pages.port)/page", "--model", "openai/played",
            "--base-url", "http://me:\(secret)@127.0.0.1:\(server.port)/v1", "--headless"
        )
        #expect(ended.status == 0, "\(ended.stderr)")
        try expectNoKey(in: program, [ended])
        pages.stop()
        let failed = try program.run(
            "run", "Who?", "--context", "http://me:\(secret)@127.0.0.1:\(pages.port)/page", "--headless"
        )
        #expect(failed.status != 0)
        try expectNoKey(in: program, [failed])
    }

    /// A query, a fragment and what a redirect points to: any of them can be the key.
    @Test func isNotKeptWithAContextsAddress() throws {
        let server = try PlayedModel.serve([PlayedModel.code("print(context)\nFINAL('done')")])
        let pages = try ScriptedServer { request in
            request.path.hasPrefix("/page")
                ? .body(Array("a page\n".utf8), type: "text/plain")
                : .body(
                    [], type: "text/plain", status: 302,
                    headers: ["Location: http://me:\(Self.key)@elsewhere.test/x?token=\(Self.key)#\(Self.key)"])
        }
        defer {
            server.stop()
            pages.stop()
        }
        let program = try Program()
        let good = "http://127.0.0.1:\(pages.port)/page?api_key=\(Self.key)&n=1#\(Self.key)"
        let ended = try program.run(
            "run", "Who?", "--context", good, "--model", "openai/played", "--base-url",
            "\(server.baseURL)?api_key=\(Self.key)", "--headless")
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(pages.requests.first?.path.contains(Self.key) == true, "the server was not given the query")
        #expect(!server.requests.contains { $0.lastMessage.contains("planted") })
        let contexts = try program.run("show", "latest", "--json").object()["contexts"] as? [[String: Any]]
        #expect(contexts?.first?["source"] as? String == "http://127.0.0.1:\(pages.port)/page")
        try expectNoKey(in: program, [ended])

        for wrong in [
            "http://127.0.0.1:\(pages.port)/moved?api_key=\(Self.key)", "http://127.0.0.1:9/x?api_key=\(Self.key)",
            "HTTP://127.0.0.1/x?api_key=\(Self.key)", "ftp://me:\(Self.key)@127.0.0.1/x", "http://[oops/x?\(Self.key)",
            "http:/127.0.0.1/x?api_key=\(Self.key)", "127.0.0.1/x?api_key=\(Self.key)",
        ] {
            let failed = try program.run("run", "Who?", "--context", wrong, "--headless")
            #expect(failed.status == 2, "\(failed.stderr)")
            #expect(failed.complaints.count == 1, "\(failed.stderr)")
            // Somebody forgot --context: the address is what the command line complains of.
            let forgotten = try program.run("run", "Who?", wrong, "--headless")
            #expect(forgotten.status == 2)
            try expectNoKey(in: program, [failed, forgotten])
        }
    }
}
