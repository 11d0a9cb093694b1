import Engine
import Foundation
import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// A store of its own, a scripted model, and runs of the real loop with a real Python between them.
final class EngineFixture: ClientSource {
    let folder: URL
    let store: TrajectoryStore
    let client: ScriptedClient

    /// A model that answers by `script`, which is given the request and its number from 0.
    init(_ script: @escaping ScriptedClient.Script) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("engine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try TrajectoryStore(path: folder.appendingPathComponent("store.sqlite").path)
        client = ScriptedClient(script: script)
    }

    /// A root model that says these one after the other, and a sub-model (`scripted/sub`) that echoes its prompt.
    convenience init(_ turns: [String]) throws {
        try self.init { request, _ in
            if request.model == "sub" { return EngineFixture.answer("<\(request.messages.last?.content ?? "")>") }
            let turn = request.messages.filter { $0.role == .assistant }.count
            guard turn < turns.count else { return EngineFixture.answer("nothing more to say") }
            return EngineFixture.answer(turns[turn])
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func client(for model: Model) throws(CompletionError) -> any LMClient { client }

    static func answer(_ text: String, cost: Double? = 0.001) -> CompletionResponse {
        CompletionResponse(
            text: text,
            usage: Usage(inputTokens: 100, outputTokens: 10, cost: cost),
            finishReason: "stop"
        )
    }

    func file(_ text: String, named name: String = "context.txt") throws -> String {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    func request(context: String = "alpha\nbeta\ngamma\n", limits: Limits = Limits()) throws -> RunRequest {
        RunRequest(
            question: "What comes after alpha?",
            contexts: [try file(context)],
            model: Model(provider: "scripted", name: "root"),
            subModel: Model(provider: "scripted", name: "sub"),
            limits: limits,
            environment: .local
        )
    }

    /// Starts a run, waits for its end, and reads it back from the store.
    func run(_ request: RunRequest) async throws -> (result: RunResult, run: Run) {
        let live = try await LiveRun.start(request, in: store, clients: self)
        let result = await live.result()
        if result.failure?.kind == "store" { throw result.failure ?? Failure(kind: "", message: "") }
        return (result, try store.run(live.id))
    }

    func run(context: String = "alpha\nbeta\ngamma\n", limits: Limits = Limits()) async throws -> (
        result: RunResult, run: Run
    ) {
        try await run(try request(context: context, limits: limits))
    }

    /// Every node of a run, by address.
    func nodes(of run: Run) throws -> [String: Node] {
        var nodes: [String: Node] = [:]
        try store.walk(run: run.id) { nodes[$0.address.description] = $0 }
        return nodes
    }

    /// Rows of the database whose status is none of an end, as `table status`. Asked for past the store's queries, which
    /// show what an ended run left open as cancelled.
    ///
    /// - Parameter isEnded: whether only runs that have ended are meant.
    func unfinishedRows(isEnded: Bool = false) throws -> [String] {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            open = "('queued', 'held', 'running')"
            runs = 'SELECT row FROM run' + (' WHERE status NOT IN ' + open if sys.argv[2] == 'ended' else '')
            above = 'coalesce(t.run, (SELECT run FROM call c WHERE c.id = t.call), '
            above += '(SELECT run FROM iteration i WHERE i.id = t.iteration))'
            for table in ('run', 'call', 'completion', 'iteration', 'block'):
                owner = {'run': 't.row', 'completion': above}.get(table, 't.run')
                for row in db.execute('SELECT status FROM "%s" t WHERE status IN %s AND %s IN (%s)'
                        % (table, open, owner, runs)):
                    print(table, row[0])
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, store.path, isEnded ? "ended" : "all"]
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        let rows = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return ["the database cannot be read"] }
        return rows.split(separator: "\n").map(String.init)
    }

    /// Leaves the store as a kill at the very end would: the run open, and its root call where that is said.
    func killAtTheEnd(rootToo: Bool) throws {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.execute("UPDATE run SET status = 'running', stop_reason = NULL, answer = NULL, ended_at = NULL, pid = 999999999")
            if sys.argv[2] == 'root':
                db.execute("UPDATE call SET status = 'running', answer = NULL, ended_at = NULL WHERE iteration IS NULL")
            db.commit()
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, store.path, rootToo ? "root" : "run"]
        try process.run()
        process.waitUntilExit()
    }

    /// What the root model was shown after its n-th turn, from 1.
    func shown(afterTurn turn: Int) -> String {
        let request = client.requests.first { request in
            request.model == "root" && request.messages.filter { $0.role == .assistant }.count == turn
        }
        return request?.messages.last?.content ?? "(no such turn)"
    }
}

/// A fenced block around code.
func repl(_ code: String) -> String { "Thinking.\n```repl\n\(code)\n```\n" }
