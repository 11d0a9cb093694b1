import Foundation
import Trajectory

/// Writes the JSON body of a chat completion. By hand, since a prompt may be megabytes and is written once.
struct RequestBody {
    private(set) var bytes: [UInt8] = []

    /// What the client itself decides; `--sampling` may not.
    static let reserved: Set<String> = ["model", "messages", "stream", "stream_options"]

    /// - Parameter asksForUsage: whether a stream is to end with what it used.
    init(_ request: CompletionRequest, asksForUsage: Bool = true) {
        bytes.reserveCapacity(request.messages.reduce(256) { $0 + $1.content.utf8.count + 64 })
        write(#"{"model":"#)
        write(string: request.model)
        write(#","messages":["#)
        for (index, message) in request.messages.enumerated() {
            write(index == 0 ? #"{"role":"# : #",{"role":"#)
            write(string: message.role.rawValue)
            write(#","content":"#)
            write(string: message.content)
            write("}")
        }
        write("]")
        if request.isStreaming { write(#","stream":true"#) }
        if request.isStreaming, asksForUsage { write(#","stream_options":{"include_usage":true}"#) }
        if let seed = request.seed, request.sampling["seed"] == nil { write(#","seed":\#(seed)"#) }
        for (key, value) in request.sampling.sorted(by: { $0.key < $1.key }) {
            write(",")
            write(string: key)
            write(":")
            if Self.isJSON(value) { write(value) } else { write(string: value) }
        }
        write("}")
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
                    let digits = String(byte, radix: 16)
                    write("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
                }
            }
            bytes.append(contentsOf: text[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
