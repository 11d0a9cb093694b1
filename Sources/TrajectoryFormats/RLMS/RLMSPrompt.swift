// What the prompts of `rlms` tell beyond themselves.
internal import Foundation
internal import Trajectory

enum RLMSPrompt {
    /// The question, which `rlms` puts into a message of its own words; nil where it is not recognised.
    static func question(in prompt: [Message]) -> String? {
        // A question stands at the beginning; the rest may be a hundred megabytes.
        for message in prompt where message.role == .user {
            let content = String(message.content.prefix(bytes: 1 << 20))
            if let question = ownQuestion(content) { return question }
            if let question = text(in: content, after: "Answer the following: ", before: "\n\nYour context is") {
                return question
            }
            if let question = text(in: content, after: "answer the original prompt: \"", before: "\".") {
                return question
            }
        }
        return nil
    }

    /// The question of a run that this program made and wrote in this format.
    private static func ownQuestion(_ content: String) -> String? {
        let beginning = "Question: "
        guard content.hasPrefix(beginning),
            let end = content.range(of: "\n\nContexts:\n", options: .backwards)?.lowerBound
        else { return nil }
        let question = content[..<end].dropFirst(beginning.count)
        return question.isEmpty ? nil : String(question)
    }

    private static func text(in content: String, after beginning: String, before end: String) -> String? {
        guard let start = content.range(of: beginning) else { return nil }
        let rest = content[start.upperBound...]
        let stop = rest.range(of: end, options: .backwards)?.lowerBound ?? rest.endIndex
        let question = rest[..<stop].trimmingCharacters(in: .whitespacesAndNewlines)
        return question.isEmpty ? nil : question
    }

    /// The prompt of a child's iteration as it was sent. All iterations of a child share one list of messages, so each
    /// shows the history at the end, and the first has assistant turns in it too: what came with and after its own
    /// answer is cut off.
    /// - Parameter number: Of the iteration, from 1.
    static func unaliased(_ prompt: [Message], number: Int, response: String?) -> [Message] {
        let answers = prompt.indices.filter { prompt[$0].role == .assistant }
        if answers.count >= number, response == nil || prompt[answers[number - 1]].content == response {
            return Array(prompt[..<answers[number - 1]])
        }
        // After a compaction the answers are not where their numbers say.
        if let response, let own = answers.last(where: { prompt[$0].content == response }) {
            return Array(prompt[..<own])
        }
        return prompt
    }
}

extension String {
    /// The beginning, of about so many bytes of UTF-8.
    fileprivate func prefix(bytes limit: Int) -> Substring {
        guard utf8.count > limit else { return self[...] }
        var end = utf8.index(startIndex, offsetBy: limit)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end]
    }
}
