import Foundation
import TestSupport
import Synchronization
import Testing

/// Models and servers as they are, seen from the command line: what is an answer, what is none, and what is said.
@Suite struct ModelAnswerTests {
    /// A server whose root says these turns as whole bodies; sub-calls get `subcall`.
    private func server(_ turns: [String], subcall: String = #"{"role":"assistant","content":"sub"}"#) throws
        -> ScriptedServer
    {
        try ScriptedServer { request in
            if request.method == "GET" { return .json(#"{"data":[{"id":"played"}]}"#) }
            guard PlayedModel.isRoot(request) else { return Self.body(subcall) }
            let turn = request.roles.filter { $0 == "assistant" }.count
            return Self.body(turns[min(turn, turns.count - 1)])
        }
    }

    /// A completion of a message, or of `message|finish_reason`.
    private static func body(_ message: String) -> ScriptedReply {
        let parts = message.components(separatedBy: "|FINISH:")
        return .json(
            #"{"choices":[{"index":0,"message":\#(parts[0]),"finish_reason":"\#(parts.count > 1 ? parts[1] : "stop")"}],"#
                + #""usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#)
    }

    private static func message(_ text: String, _ more: String = "") -> String {
        #"{"role":"assistant","content":\#(quoted(text))\#(more)}"#
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    private static func code(_ python: String) -> String { "```repl\n\(python)\n```" }

    private func run(_ server: ScriptedServer, _ more: String...) throws -> (Program, Program.Ended) {
        let program = try Program()
        return (program, try program.start(program.arguments(at: server.baseURL, more)).end())
    }

    @Test(arguments: [
        "<think>\(code("FINAL('drafted')"))</think>\n\(code("FINAL('meant')"))",
        "<thinking>I could\n\(code("FINAL('drafted')"))\n</thinking>\(code("FINAL('meant')"))",
        "<reasoning>\(code("FINAL('drafted')"))</reasoning>\n\n\(code("FINAL('meant')"))",
        "the template opened it \(code("FINAL('drafted')"))\n</think>\n\(code("FINAL('meant')"))",
    ])
    func codeInThoughtsIsNotRun(response: String) throws {
        let server = try server([Self.message(response)])
        defer { server.stop() }
        let (program, ended) = try run(server)
        #expect(ended.stdout == "meant\n", "\(ended.stdout)\(ended.stderr)")
        let node = try program.run("show", "latest", "i1", "--json", "--full").object()
        #expect((node["reasoning"] as? String)?.contains("drafted") == true)
        #expect((node["response"] as? String)?.contains("drafted") == false)
        #expect(try program.run("show", "latest", "i1", "--full").stdout.contains("reasoning"))
    }

    @Test func subcallsGiveTheAnswerWithoutTheThoughts() throws {
        let thought = #"{"role":"assistant","content":"the answer","reasoning_content":"a long thought"}"#
        let server = try server([Self.message(Self.code("FINAL(llm_query('x'))"))], subcall: thought)
        defer { server.stop() }
        let (program, ended) = try run(server)
        #expect(ended.stdout == "the answer\n", "\(ended.stderr)")
        let node = try program.run("show", "latest", "i1.c1", "--json", "--full").object()
        #expect(node["reasoning"] as? String == "a long thought")
        #expect(node["finish_reason"] as? String == "stop")
        let text = try program.run("show", "latest", "i1.c1").stdout
        #expect(text.contains("reasoning, no part of the answer"), "\(text)")
    }

    @Test func aTagThatIsTheSubjectStays() throws {
        let quoted = "Write `<think>` before it, and `</think>` after."
        let server = try server([Self.message(Self.code("FINAL(llm_query('x'))"))], subcall: Self.message(quoted))
        defer { server.stop() }
        #expect(try run(server).1.stdout == quoted + "\n")
    }

    @Test func cutAnswersAreMarkedAndCutBlocksNotRun() throws {
        let server = try server(
            [
                Self.message("```repl\nFINAL('half") + "|FINISH:length",
                Self.message(Self.code("FINAL(llm_query('x'))")),
            ], subcall: Self.message("half a sen") + "|FINISH:length")
        defer { server.stop() }
        let (program, ended) = try run(server)
        #expect(ended.status == 0 && ended.stdout == "half a sen\n", "\(ended.stderr)")
        let told = server.requests.filter(PlayedModel.isRoot).last?.lastMessage ?? ""
        #expect(told.contains("cut"), "\(told)")
        let tree = try program.run("show", "latest").stdout
        #expect(tree.components(separatedBy: "[cut by the token limit]").count == 3, "\(tree)")
        #expect(try program.run("show", "latest", "i2.c1").stdout.contains("cut by the token limit"))
        let nodes = try program.nodes(of: "latest")
        #expect(nodes.first { $0["address"] as? String == "i2.c1" }?["finish_reason"] as? String == "length")
        #expect(nodes.first { $0["address"] as? String == "i1" }?["finish_reason"] as? String == "length")
    }

    @Test(arguments: [
        (
            #"{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"python","arguments":"{}"}}]}|FINISH:tool_calls"#,
            "tool_call"
        ),
        (
            #"{"role":"assistant","content":"","reasoning_content":"thought it all away"}|FINISH:length"#,
            "reasoning_only"
        ),
        (#"{"role":"assistant","content":""}"#, "empty_answer"),
        (#"{"role":"assistant","content":null}|FINISH:content_filter"#, "content_filter"),
        (#"{"role":"assistant","content":null,"refusal":"I will not."}"#, "model_refused"),
    ])
    func turnsWithoutTextAreNoAnswers(message: String, kind: String) throws {
        let python = "try:\n    llm_query('x')\nexcept SubcallError as error:\n    FINAL(error.kind)"
        // The turn without text leaves no assistant message, so turns are counted by requests here.
        let count = Mutex(0)
        let counting = try ScriptedServer { request in
            guard PlayedModel.isRoot(request) else { return Self.body(message) }
            let turn = count.withLock { number in
                number += 1
                return number
            }
            return Self.body(turn == 1 ? message : Self.message(Self.code(python)))
        }
        defer { counting.stop() }
        let (program, ended) = try run(counting)
        #expect(ended.status == 0 && ended.stdout == kind + "\n", "\(ended.stdout)\(ended.stderr)")
        let nodes = try program.nodes(of: "latest")
        #expect(nodes.first { $0["address"] as? String == "i1" }?["status"] as? String == "failed")
        let roots = counting.requests.filter(PlayedModel.isRoot)
        #expect(roots.allSatisfy { !$0.text.contains(#""content":"""#) && !$0.text.contains(#""content":null"#) })
    }

    @Test(arguments: ["stream_options", "stream", "seed", "temperature"])
    func aParameterTheServerDoesNotKnowIsLeftOut(parameter: String) throws {
        let server = try ScriptedServer { request in
            if request.text.contains("\"\(parameter)\"") {
                return .error(400, "Unrecognized request argument supplied: \(parameter)")
            }
            return PlayedModel.answer(Self.code("FINAL('done')"), to: request)
        }
        defer { server.stop() }
        let (_, ended) = try run(server, "--seed", "5", "--sampling", "temperature=0.5")
        #expect(ended.status == 0 && ended.stdout == "done\n", "\(ended.stderr)")
        #expect(ended.stderr.contains(parameter), "it was not said: \(ended.stderr)")
    }

    @Test func aConversationThatIsTooLongIsSentShorter() throws {
        let server = try ScriptedServer { request in
            if request.body.count > 60_000 {
                return .error(
                    400,
                    "This model's maximum context length is 8192 tokens. However, your messages resulted in 15000 tokens."
                )
            }
            let turn = request.roles.filter { $0 == "assistant" }.count
            return PlayedModel.answer(Self.code(turn < 6 ? "print('x' * 19000)" : "FINAL('got there')"), to: request)
        }
        defer { server.stop() }
        let (program, ended) = try run(server)
        #expect(ended.status == 0 && ended.stdout == "got there\n", "\(ended.stderr)")
        let block = try program.run("show", "latest", "i1.b1", "--json", "--full").object()
        #expect((block["stdout"] as? String)?.count ?? 0 >= 19_000, "the store was shortened too")
    }
}

extension ScriptedRequest {
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
