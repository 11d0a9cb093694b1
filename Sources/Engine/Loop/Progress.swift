import Trajectory

/// How far the loop of an `rlm` call has come: everything that its next iteration depends on beside the REPL.
///
/// It is made of nothing but what the store keeps, so that somebody else can build it from stored rows: begin with
/// `init(system:question:)`, then add each iteration in its order.
struct Progress: Hashable, Sendable {
    /// The conversation, whole: system, question, then by turns what the model said and what it was told. Roles take
    /// turns, the last message is the user's, and none is empty.
    private(set) var messages: [Message]
    /// Iterations that have ended. The next one is this + 1.
    private(set) var iterations = 0
    private(set) var failuresInARow = 0
    /// Iterations that were broken off, and are in the store without being part of the conversation.
    var brokenOff = 0
    /// What stood in `answer["content"]` after the last block without being said to be ready.
    var unfinishedAnswer: String?
    /// What the model has been told and is not told a second time.
    private(set) var told: Set<Advice> = []
    /// The longest prompt to be sent, in UTF-8 bytes, once one was too long for the model; older outputs are shortened
    /// to fit in it.
    var promptLimit: Int?

    /// A conversation as it was sent once: the user's message last.
    init(messages: [Message]) { self.messages = messages }

    /// The number of the next iteration in its call.
    var nextOrdinal: Int { iterations + brokenOff + 1 }

    /// The same progress, with the conversation as it was really sent.
    func saying(_ messages: [Message]) -> Progress {
        guard messages.last?.role == .user else { return self }
        var next = self
        next.messages = messages
        return next
    }

    init(system: String, question: String) {
        messages = [Message(role: .system, content: system), Message(role: .user, content: question)]
    }

    /// Adds an iteration: what the model said, and what came of it as the model is to be told. Text that is blank is
    /// not sent back; what is told then goes on in the message before.
    mutating func add(response: String, told outcome: String, isClean: Bool) {
        if !response.isBlank {
            messages.append(Message(role: .assistant, content: response))
            messages.append(Message(role: .user, content: outcome))
        } else {
            say(outcome)
        }
        count(isClean: isClean)
    }

    /// Adds an iteration that gave no text, and what the model is told about it, unless it was told so before.
    mutating func addFailure(_ advice: Advice) {
        if told.insert(advice).inserted { say(advice.text) }
        count(isClean: false)
    }

    /// The conversation as it is sent: whole, or once it was too long for the model, with older outputs cut short.
    var messagesToSend: [Message] {
        guard let promptLimit else { return messages }
        var sent = messages
        var length = Self.length(of: sent)
        // The question stays; what was printed first is the least needed. The newest output goes last, and not as far.
        for (index, message) in messages.enumerated().dropFirst(2) where length > promptLimit {
            let isNewest = index == messages.count - 1
            let kept = max(isNewest ? 2_000 : 200, message.content.utf8.count - (length - promptLimit) - 100)
            guard message.role == .user, message.content.utf8.count > kept + 100 else { continue }
            sent[index].content = UserMessages.cut(message.content, to: kept)
            length -= message.content.utf8.count - sent[index].content.utf8.count
        }
        return sent
    }

    /// Makes what is sent shorter, after it was too long for the model. Says whether it could.
    ///
    /// - Parameters: what the server says of the model and of the prompt, in tokens; nil where it does not.
    mutating func shorten(limitTokens: Int?, promptTokens: Int?) -> Bool {
        let length = Self.length(of: messagesToSend)
        var share = 0.6
        if let limitTokens, let promptTokens, promptTokens > limitTokens, limitTokens > 0 {
            // Some room is left for the answer.
            share = min(0.9, 0.75 * Double(limitTokens) / Double(promptTokens))
        }
        promptLimit = Int(Double(length) * share)
        return Self.length(of: messagesToSend) < length
    }

    private static func length(of messages: [Message]) -> Int { messages.reduce(0) { $0 + $1.content.utf8.count } }

    /// Messages of the same conversation with something more at its end.
    func asking(_ request: String) -> Progress {
        var next = self
        next.say(request)
        return next
    }

    private mutating func count(isClean: Bool) {
        iterations += 1
        failuresInARow = isClean ? 0 : failuresInARow + 1
    }

    /// The last message is the user's, and roles take turns: what is said goes to its end.
    private mutating func say(_ text: String) {
        messages[messages.count - 1].content += "\n\n" + text
    }
}

extension StringProtocol {
    /// Whether there is nothing to read in it.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
