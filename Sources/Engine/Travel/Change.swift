import Foundation
import Trajectory

/// What a person changes about a node before it runs again. Nothing set means: once more, as it was.
package struct Change: Hashable, Sendable, Codable {
    /// What a sub-call is asked, in place of its last user message; of the root, the question.
    package var prompt: String?
    /// What stands in for the model's answer: of an iteration its whole message, of a sub-call its answer.
    package var response: String?
    package var code: String?
    /// `PROVIDER/NAME`.
    package var model: String?
    /// In place of the run's own, key by key.
    package var sampling: [String: String]?
    /// Of the root: what its model is told it is to do.
    package var system: String?

    package init(
        prompt: String? = nil,
        response: String? = nil,
        code: String? = nil,
        model: String? = nil,
        sampling: [String: String]? = nil,
        system: String? = nil
    ) {
        self.prompt = prompt
        self.response = response
        self.code = code
        self.model = model
        self.sampling = sampling
        self.system = system
    }

    package var isEmpty: Bool { self == Change() }

    /// Whether something else is asked.
    var isOfRequest: Bool { prompt != nil || model != nil || sampling != nil }

    /// As it is kept with a fork or a hold, with sorted keys.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts always encode.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    package init?(json: String) {
        guard let change = try? JSONDecoder().decode(Change.self, from: Data(json.utf8)) else { return nil }
        self = change
    }

    /// A prompt with the change in it.
    func applied(to messages: [Message]) -> [Message] {
        guard let prompt else { return messages }
        guard let last = messages.lastIndex(where: { $0.role == .user }) else {
            return messages + [Message(role: .user, content: prompt)]
        }
        var changed = messages
        changed[last].content = prompt
        return changed
    }
}
