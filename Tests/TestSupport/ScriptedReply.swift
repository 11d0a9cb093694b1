import Foundation

/// What the scripted server does about a request: bytes to send, waits between them, and whether to hang up.
package struct ScriptedReply: Sendable {
    package enum Step: Sendable {
        case send([UInt8])
        /// Milliseconds.
        case wait(Int)
        /// Goes on when the closure returns.
        case run(@Sendable () -> Void)
        /// Nothing more comes, and the connection stays open.
        case hang
        case close
    }

    package var steps: [Step]

    package init(_ steps: [Step]) { self.steps = steps }

    /// The same after so many milliseconds.
    package func after(milliseconds: Int) -> ScriptedReply { ScriptedReply([.wait(milliseconds)] + steps) }

    /// The standard usage of scripted completions: 10 tokens in, 5 out.
    package static let usage = #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#

    /// A whole completion as JSON. `usage` is JSON itself; none is sent for nil.
    package static func completion(_ text: String, usage: String? = usage) -> ScriptedReply {
        .json(
            #"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"#
                + quoted(text) + #"},"finish_reason":"stop"}]"# + (usage.map { #","usage":"# + $0 } ?? "") + "}"
        )
    }

    package static func json(_ body: String, status: Int = 200, headers: [String] = []) -> ScriptedReply {
        .body(Array(body.utf8), type: "application/json", status: status, headers: headers)
    }

    package static func body(
        _ body: [UInt8],
        type: String,
        status: Int = 200,
        headers: [String] = []
    ) -> ScriptedReply {
        let head = ["HTTP/1.1 \(status) S", "Content-Type: \(type)", "Content-Length: \(body.count)"] + headers
        return ScriptedReply([.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)])
    }

    /// A completion as a stream: a chunk for each piece, `milliseconds` between them, then usage and `[DONE]`.
    package static func stream(
        _ pieces: [String],
        milliseconds: Int = 0,
        usage: String? = usage,
        isDone: Bool = true
    ) -> ScriptedReply {
        var events = pieces.map { chunk($0) } + [finish]
        if let usage { events.append(#"data: {"choices":[],"usage":\#(usage)}"# + "\n\n") }
        if isDone { events.append("data: [DONE]\n\n") }
        return .events(events, milliseconds: milliseconds)
    }

    /// One chunk of a stream as an event.
    package static func chunk(_ text: String) -> String {
        #"data: {"choices":[{"index":0,"delta":{"content":\#(quoted(text))},"finish_reason":null}]}"# + "\n\n"
    }

    /// The chunk that says the model stopped.
    package static let finish = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"

    /// Pieces of an event stream, each sent by itself, and the proper end of the answer.
    package static func events(_ pieces: [String], milliseconds: Int = 0) -> ScriptedReply {
        .chunked(pieces.map { Array($0.utf8) }, milliseconds: milliseconds, end: [.send(Array("0\r\n\r\n".utf8))])
    }

    /// Pieces of an event stream, then whatever `end` is: hanging up or falling silent in the middle.
    package static func chunked(
        _ pieces: [[UInt8]],
        milliseconds: Int = 0,
        type: String = "text/event-stream",
        end: [Step]
    ) -> ScriptedReply {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
        var steps: [Step] = [.send(Array(head.utf8))]
        for (index, piece) in pieces.enumerated() where !piece.isEmpty {
            if index > 0, milliseconds > 0 { steps.append(.wait(milliseconds)) }
            steps.append(.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)))
        }
        return ScriptedReply(steps + end)
    }

    package static func raw(_ text: String, end: [Step] = [.close]) -> ScriptedReply {
        ScriptedReply([.send(Array(text.utf8))] + end)
    }

    package static let never = ScriptedReply([.hang])
    package static let hangUp = ScriptedReply([.close])

    /// An error in the shape that OpenAI gives it.
    package static func error(_ status: Int, _ message: String, headers: [String] = []) -> ScriptedReply {
        .json(#"{"error":{"message":\#(quoted(message)),"type":"t","code":null}}"#, status: status, headers: headers)
    }

    /// A text as a JSON string.
    package static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }
}
