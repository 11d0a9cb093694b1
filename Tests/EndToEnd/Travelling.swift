import Foundation
import TestSupport
import Testing

/// What the tests of time travel share: a run that was answered wrongly, its rows, and what a server was asked.
struct Travelling {
    let program: Program
    let server: ScriptedServer
    let run: String

    /// Plays a run to its end.
    init(
        _ responses: [String], _ more: [String] = [],
        subcall: @escaping @Sendable (ScriptedRequest) -> ScriptedReply = {
            PlayedModel.answer("read: \($0.lastMessage)", to: $0)
        }
    ) throws {
        program = try Program()
        server = try PlayedModel.serve(responses, subcall: subcall)
        let ended = try program.start(program.arguments(at: server.baseURL, ["--json"] + more)).end()
        run = try #require(try ended.object()["run"] as? String, "\(ended.stderr)")
    }

    /// A hundred slices are counted in a batch, 1 each, but the seventh, which is misread until somebody asks with care.
    static func counting() throws -> Travelling {
        try Travelling([
            PlayedModel.code(
                """
                answers = llm_query_batched([f"Count slice {n}" for n in range(100)])
                total = sum(int(answer) for answer in answers)
                print("total", total)
                """),
            PlayedModel.code("FINAL(str(total))"),
        ]) { PlayedModel.answer($0.lastMessage == "Count slice 7" ? "90" : "1", to: $0) }
    }

    /// The prompts of sub-calls that the server was asked since a number of requests.
    func subcalls(since count: Int) -> [String] {
        server.requests.dropFirst(count).filter { !PlayedModel.isRoot($0) }.map(\.lastMessage)
    }

    func roots(since count: Int) -> Int { server.requests.dropFirst(count).count(where: PlayedModel.isRoot) }

    @discardableResult
    func rerun(_ address: String, _ more: String..., stdin: String? = nil) throws -> Program.Ended {
        try program.start(["rerun", run, address] + more, stdin: stdin).end()
    }

    /// Every row that is in the store, as `table id hash`. Bookkeeping of attempts and totals is left out where a node was
    /// run alone, since that counts another attempt on its node.
    func rows(withTotals: Bool = true) throws -> Set<Substring> { try program.rows(withTotals: withTotals) }
}

extension Program {
    func rows(withTotals: Bool = true) throws -> Set<Substring> {
        let script = """
            import sqlite3, sys, hashlib
            db = sqlite3.connect(sys.argv[1])
            totals = {'attempts', 'requests', 'cost', 'completions', 'unknown_tokens', 'unknown_cost', 'deepest'}
            for table in ('run', 'call', 'iteration', 'block', 'completion', 'message', 'text', 'context', 'variable_set'):
                rows = db.execute('SELECT * FROM "%s"' % table)
                names = [column[0] for column in rows.description]
                for row in rows:
                    kept = [(name, value) for name, value in zip(names, row)
                        if sys.argv[2] == 'all' or not (name in totals or name.startswith('tokens_')) or table == 'completion']
                    print(table, row[0], hashlib.sha256(repr(kept).encode()).hexdigest())
            """
        let path = try file(script, named: "rows.py")
        let ended = try start([path, storePath, withTotals ? "all" : "few"], executable: "/usr/bin/python3").end()
        #expect(ended.status == 0, "\(ended.stderr)")
        return Set(ended.stdout.split(separator: "\n"))
    }

    /// What the database says of itself, and rows without an end in runs that have one.
    func faults() throws -> [Substring] {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for line, in db.execute('PRAGMA integrity_check'):
                if line != 'ok': print(line)
            for table in ('call', 'iteration', 'block', 'completion'):
                owner = {'call': 't.run', 'iteration': 't.run', 'block': 't.run', 'completion': '''coalesce(t.run,
                    (SELECT run FROM call c WHERE c.id = t.call), (SELECT run FROM iteration i WHERE i.id = t.iteration))'''}
                for status, ident in db.execute('''SELECT t.status, t.id FROM "%s" t JOIN run r ON r.row = %s
                        WHERE r.status NOT IN ('queued', 'held', 'running')''' % (table, owner[table])):
                    if status in ('queued', 'held', 'running'): print(table, ident, status)
            """
        let ended = try start([try file(script, named: "faults.py"), storePath], executable: "/usr/bin/python3").end()
        #expect(ended.status == 0, "\(ended.stderr)")
        return ended.stdout.split(separator: "\n")
    }

    /// The prompts of sub-calls of a run that a model answered, as far as that is in the store.
    func committed(in run: String) throws -> [Substring] {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for text, in db.execute('''SELECT t.content FROM completion k JOIN call c ON c.id = k.call
                JOIN run r ON r.row = c.run JOIN message m ON m.id = k.messages JOIN text t ON t.id = m.text
                WHERE r.id = ? AND k.status = 'succeeded' AND k.origin = 'live' ''', [sys.argv[2]]):
                print(text.decode() if isinstance(text, bytes) else text)
            """
        let path = try file(script, named: "committed.py")
        return try start([path, storePath, run], executable: "/usr/bin/python3").end().stdout.split(separator: "\n")
    }
}
