import Foundation
import Testing
import Trajectory

@testable import LMClients

/// A root call of the offline model played through, as the engine would: its blocks run in a real Python, its sub-calls
/// go to the offline model again.
final class PlannerSession {
    struct Block {
        var prose: String
        var code: String
        var output: String
        var subcalls: Int
        var seconds: Double
    }

    private(set) var blocks: [Block] = []
    private(set) var messages: [Message]
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    /// Answers sub-calls in place of the offline model.
    var answer: (String) -> String = { OfflineClient.answer([Message(role: .user, content: $0)]) }

    private static let worker = #"""
        import contextlib, io, json, sys, traceback

        out = sys.stdout
        def send(value):
            out.write(json.dumps(value) + "\n")
            out.flush()

        def receive():
            line = sys.stdin.readline()
            if not line:
                sys.exit()
            return json.loads(line)

        class BatchError(Exception):
            pass

        def llm_query_batched(prompts, model=None):
            prompts = list(prompts)
            assert prompts and all(isinstance(prompt, str) for prompt in prompts)
            send({"prompts": prompts})
            replies = receive()["replies"]
            if any(reply is None for reply in replies):
                raise BatchError("a sub-call failed")
            return replies

        def llm_query(prompt, model=None):
            return llm_query_batched([prompt])[0]

        names = {"__name__": "__main__", "llm_query": llm_query, "llm_query_batched": llm_query_batched,
                 "answer": {"content": "", "ready": False}}
        exec(receive()["code"], names)
        send({"output": ""})
        while True:
            code = receive()["code"]
            captured = io.StringIO()
            with contextlib.redirect_stdout(captured):
                try:
                    exec(code, names)
                except Exception:
                    print(traceback.format_exc())
            final = names["answer"]
            send({"output": captured.getvalue(), "ready": final["ready"], "content": str(final["content"])})
        """#

    /// The system's Python where there is one: it starts sooner than what a version manager puts before it.
    static let python =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
        ? ["/usr/bin/python3"] : ["/usr/bin/env", "python3"]

    private struct Reply: Decodable {
        var prompts: [String]?
        var output: String?
        var ready: Bool?
        var content: String?
    }

    /// `setup` is Python that defines `context`.
    init(question: String, setup: String) throws {
        messages = [
            Message(role: .system, content: OfflineClient.rootMarker + "\n\nMore words."),
            Message(role: .user, content: "Question: \(question)\nContexts:\ncontext_0: text, ? characters"),
        ]
        process.executableURL = URL(fileURLWithPath: Self.python[0])
        process.arguments = Self.python.dropFirst() + ["-c", Self.worker]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try send(["code": setup])
        _ = try receive()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    /// Plays until an answer is ready; nil when it is not within `turns`.
    func play(turns: Int = 8) async throws -> String? {
        for _ in 0..<turns {
            let response = try await OfflineClient().complete(
                CompletionRequest(model: "lexical", messages: messages),
                onText: nil
            )
            messages.append(Message(role: .assistant, content: response.text))
            let parts = response.text.components(separatedBy: "```repl\n")
            try #require(parts.count == 2 && parts[1].hasSuffix("\n```"))
            let (output, content, subcalls, seconds) = try run(String(parts[1].dropLast(4)))
            blocks.append(
                Block(
                    prose: parts[0],
                    code: String(parts[1].dropLast(4)),
                    output: output,
                    subcalls: subcalls,
                    seconds: seconds
                )
            )
            messages.append(Message(role: .user, content: "Output of block 1:\n\(output)"))
            if let content { return content }
        }
        return nil
    }

    private func run(
        _ code: String
    ) throws -> (output: String, content: String?, subcalls: Int, seconds: Double) {
        let start = ContinuousClock.now
        var subcalls = 0
        var waited = Duration.zero
        try send(["code": code])
        while true {
            let reply = try receive()
            if let prompts = reply.prompts {
                let asked = ContinuousClock.now
                subcalls += prompts.count
                let answers = prompts.map(answer).map { $0 == "FAIL" ? nil : $0 }
                waited += ContinuousClock.now - asked
                try send(["replies": answers])
                continue
            }
            let time = (ContinuousClock.now - start - waited) / .seconds(1)
            return (reply.output ?? "", reply.ready == true ? reply.content : nil, subcalls, time)
        }
    }

    private func send(_ value: some Encodable) throws {
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(value) + Data("\n".utf8))
    }

    private func receive() throws -> Reply {
        while true {
            if let end = unread.firstIndex(of: 0x0a) {
                defer { unread = Data(unread[(end + 1)...]) }
                return try JSONDecoder().decode(Reply.self, from: unread[..<end])
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
            unread += more
        }
    }
}
