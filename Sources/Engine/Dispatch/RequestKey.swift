import Crypto
package import Foundation
package import LMClients
package import Trajectory

/// By what a recorded answer is found again: SHA-256 over model, parameters and messages.
package enum RequestKey {
    package static func key(of request: CompletionRequest, to model: Model) -> Data {
        key(of: [model.description, request.parametersJSON], request.messages)
    }

    /// The key of a request as it was recorded.
    static func key(of completion: Completion) -> Data {
        key(of: [completion.model, completion.parameters], completion.messages)
    }

    /// The key of a request of which nothing but the messages is known.
    static func key(of messages: [Message]) -> Data { key(of: [], messages) }

    private static func key(of head: [String], _ messages: [Message]) -> Data {
        var hash = SHA256()
        // Each field goes in with its length before it, so that no two requests run together into the same bytes.
        func add(_ field: String) {
            var field = field
            field.withUTF8 { bytes in
                withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
                hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            }
        }
        head.forEach(add)
        for message in messages {
            add(message.role.rawValue)
            add(message.content)
        }
        return Data(hash.finalize())
    }
}

extension CompletionRequest {
    /// Sampling parameters and seed as a JSON object with sorted keys, as they are recorded.
    package var parametersJSON: String {
        var values = sampling
        if let seed { values["seed"] = String(seed) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of strings always encodes.
        return (try? encoder.encode(values)).flatMap { String(data: $0, encoding: .utf8) } ?? "{}"
    }
}
