import Foundation
import TestSupport

/// A model behind HTTP that plays a root from a list of responses and answers sub-calls by a closure.
enum PlayedModel {
    /// 10 tokens in, of which 4 cached; 5 out, of which 2 reasoning; a cost of its own.
    static let usage = """
        {"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cost":0.25,\
        "prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}
        """

    /// - Parameters:
    ///   - responses: the root's, iteration by iteration; the last one again when there are no more.
    ///   - usage: sent with every completion; none for nil.
    ///   - subcall: answers everything that is not the root; by default `read: ` and the prompt.
    static func serve(
        _ responses: [String],
        usage: String? = usage,
        subcall: @escaping @Sendable (ScriptedRequest) -> ScriptedReply = { answer("read: \($0.lastMessage)", to: $0) }
    ) throws -> ScriptedServer {
        try ScriptedServer { request in
            if request.method == "GET" { return .json(#"{"data":[{"id":"played"}]}"#) }
            guard isRoot(request) else { return subcall(request) }
            let turn = request.roles.filter { $0 == "assistant" }.count
            return answer(responses[min(turn, responses.count - 1)], to: request, usage: usage)
        }
    }

    static func isRoot(_ request: ScriptedRequest) -> Bool { request.roles.first == "system" }

    /// As the request wants it: a stream, or in one piece.
    static func answer(
        _ text: String,
        to request: ScriptedRequest,
        usage: String? = usage
    ) -> ScriptedReply {
        request.isStreaming ? .stream([text], usage: usage) : .completion(text, usage: usage)
    }

    static func code(_ python: String) -> String { "I look.\n```repl\n\(python)\n```\n" }
}

extension Program {
    /// The arguments of a headless run of a played model over a small context.
    func arguments(_ server: ScriptedServer, _ more: String...) throws -> [String] {
        try arguments(at: server.baseURL, more)
    }

    func arguments(at address: String, _ more: [String]) throws -> [String] {
        let context = try file("one line\nanother line\n", named: "context.txt")
        return ["run", "Who?", "--context", context, "--model", "openai/played", "--base-url", address, "--headless"]
            + more
    }
}
