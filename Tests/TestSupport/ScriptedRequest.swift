import Foundation

/// A request as the scripted server read it. Its JSON is read when asked for, not before.
package struct ScriptedRequest: Sendable {
    package let method: String
    package let path: String
    /// By lower-case name.
    package let headers: [String: String]
    package let body: [UInt8]

    private struct Prompt: Decodable {
        struct Entry: Decodable {
            var role: String
            var content: String
        }
        var model: String?
        var messages: [Entry]?
        var stream: Bool?
    }

    private var prompt: Prompt? { try? JSONDecoder().decode(Prompt.self, from: Data(body)) }

    package var model: String { prompt?.model ?? "" }
    package var isStreaming: Bool { prompt?.stream ?? false }
    /// The content of each message.
    package var messages: [String] { prompt?.messages?.map(\.content) ?? [] }
    package var roles: [String] { prompt?.messages?.map(\.role) ?? [] }
    /// The last message's content: the whole prompt of a plain call.
    package var lastMessage: String { messages.last ?? "" }
    /// The body as a dictionary, for fields that have no name here.
    package var json: [String: any Sendable] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: any Sendable] ?? [:]
    }
}
