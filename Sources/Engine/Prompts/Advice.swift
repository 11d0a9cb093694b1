import LMClients

/// What a model is told when its turn gave nothing that could be run. Each is told once in a conversation: the same
/// words again would help no more than they did.
enum Advice: String, Hashable, Sendable {
    case noText

    var text: String {
        switch self {
        case .noText:
            """
            Your last turn held no text. \(Self.whatIsWanted)
            """
        }
    }

    static let whatIsWanted = """
        Answer with text: a few words, and Python in a block that begins with ```repl. To finish, set answer["content"] \
        and answer["ready"] = True in it.
        """
}
