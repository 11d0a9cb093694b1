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
    /// What stood in `answer["content"]` after the last block without being said to be ready.
    var unfinishedAnswer: String?
    /// What the model has been told and is not told a second time.
    private(set) var told: Set<Advice> = []
    /// The longest prompt to be sent, in UTF-8 bytes, once one was too long for the model; older outputs are shortened
    /// to fit in it.
    var promptLimit: Int?

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
