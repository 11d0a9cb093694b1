import Foundation
import Trajectory

/// Writes the JSON body of a chat completion, without what the server does not know. By hand, since a prompt may be
/// megabytes and is written once.
struct RequestBody {
    private(set) var bytes: [UInt8] = []
    let isStreaming: Bool
    /// What is in it that may be left out: parameters by name, and the words of `Omissions`.
    private(set) var sent: Set<String> = []
    /// The output cap in it; nil where there is none.
    private(set) var outputCap: Int?

    /// What the client itself decides; `--sampling` may not.
    static let reserved: Set<String> = ["model", "messages", "stream", "stream_options"]

    /// The two names of the output cap.
    static let capNames = ["max_tokens", "max_completion_tokens"]

    /// - Parameters:
    ///   - omitted: what the server does not know.
    ///   - capName: which name of the output cap goes first where the person has not said one.
    init(_ request: CompletionRequest, without omitted: Set<String> = [], capName: String = "max_tokens") {
        isStreaming = request.isStreaming && !omitted.contains(Omissions.stream)
        bytes.reserveCapacity(request.messages.reduce(256) { $0 + $1.content.utf8.count + 64 })
        write(#"{"model":"#)
        write(string: request.model)
        write(messages: request.messages, without: omitted)
        if isStreaming {
            sent.insert(Omissions.stream)
            write(#","stream":true"#)
            if !omitted.contains(Omissions.streamOptions) {
                sent.insert(Omissions.streamOptions)
                write(#","stream_options":{"include_usage":true}"#)
            }
        }
        var parameters = request.sampling
        if let seed = request.seed, parameters["seed"] == nil { parameters["seed"] = String(seed) }
        setCap(request.maxOutputTokens, of: &parameters, without: omitted, first: capName)
        for (key, value) in parameters.sorted(by: { $0.key < $1.key }) where !omitted.contains(key) {
            sent.insert(key)
            write(",")
            write(string: key)
            write(":")
            if Self.isJSON(value) { write(value) } else { write(string: value) }
        }
        write("}")
    }

    /// Puts the output cap under a name that the server knows: the smaller one of the program's and the person's own.
    private mutating func setCap(
        _ cap: Int?, of parameters: inout [String: String], without omitted: Set<String>, first: String
    ) {
        let own = Self.capNames.filter { parameters[$0] != nil }
        let wanted = (own.compactMap { parameters[$0].flatMap { Int($0) } } + [cap].compactMap(\.self)).min()
        let isWordForWord = cap == nil && own.allSatisfy { !omitted.contains($0) }
        guard let wanted, !isWordForWord else { return }
        for name in own { parameters[name] = nil }
        let names = own + [first] + Self.capNames
        guard let name = names.first(where: { !omitted.contains($0) }) else { return }
        parameters[name] = String(wanted)
        if cap == wanted { outputCap = wanted }
    }

    private mutating func write(messages: [Message], without omitted: Set<String>) {
        var messages = messages
        if omitted.contains(Omissions.system) {
            messages = Self.withoutSystemRole(messages)
        } else if messages.contains(where: { $0.role == .system }) {
            sent.insert(Omissions.system)
        }
        if omitted.contains(Omissions.consecutiveRoles) {
            messages = Self.withoutConsecutiveRoles(messages)
        } else if zip(messages, messages.dropFirst()).contains(where: { $0.role == $1.role }) {
            sent.insert(Omissions.consecutiveRoles)
        }
        write(#","messages":["#)
        for (index, message) in messages.enumerated() {
            write(index == 0 ? #"{"role":"# : #",{"role":"#)
            write(string: message.role.rawValue)
            write(#","content":"#)
            write(string: message.content)
            write("}")
        }
        write("]")
    }

    private static func withoutSystemRole(_ messages: [Message]) -> [Message] {
        let text = messages.filter { $0.role == .system }.map(\.content).joined(separator: "\n\n")
        var rest = messages.filter { $0.role != .system }
        guard !text.isEmpty else { return rest }
        if let first = rest.firstIndex(where: { $0.role == .user }) {
            rest[first].content = text + "\n\n" + rest[first].content
        } else {
            rest.insert(Message(role: .user, content: text), at: 0)
        }
        return rest
    }

    private static func withoutConsecutiveRoles(_ messages: [Message]) -> [Message] {
        messages.reduce(into: []) { merged, message in
            if let last = merged.last, last.role == message.role {
                merged[merged.count - 1].content += "\n\n" + message.content
            } else {
                merged.append(message)
            }
        }
    }

    private static func isJSON(_ text: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])) != nil
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { text in
            var start = 0
            for index in text.indices {
                let byte = text[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: text[start..<index])
                start = index + 1
                switch byte {
                case UInt8(ascii: "\n"): write("\\n")
                case UInt8(ascii: "\t"): write("\\t")
                case UInt8(ascii: "\r"): write("\\r")
                case UInt8(ascii: "\""): write("\\\"")
                case UInt8(ascii: "\\"): write("\\\\")
                default:
                    write("\\u" + byte.hexadecimal(digits: 4))
                }
            }
            bytes.append(contentsOf: text[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
