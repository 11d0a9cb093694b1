import Foundation
import Trajectory
import TrajectoryStore

/// The user messages of an `rlm` call: the question at the beginning, what the blocks printed after each iteration, and
/// the request for a best answer at the end.
enum UserMessages {
    /// Characters of a block's output that a model is shown.
    static let outputLimit = 20_000
    /// Characters of a context's beginning that a model is shown.
    static let beginningLength = 300

    static func question(_ question: String, contexts: [OpenedContext]) -> String {
        let lines = contexts.map { opened in
            let context = opened.context
            return """
                - \(context.name): \(context.type.inWords), \(opened.length) from \(context.source.debugDescription). \
                It begins: \(opened.beginning.debugDescription)
                """
        }
        return """
            Question: \(question)

            Contexts:
            \(lines.isEmpty ? "none" : lines.joined(separator: "\n"))

            Begin by looking at the context with code.
            """
    }

    /// What the blocks of an iteration came to.
    ///
    /// - Parameter count: blocks there were; those after one that failed were not run, and the model is told.
    /// - Parameter isCut: whether the token limit ended the message, so that its last block was not run.
    static func outputs(_ blocks: [BlockRecord], of count: Int, isCut: Bool = false) -> String {
        guard !isCut else {
            let ran = blocks.isEmpty ? "" : outputs(blocks, of: count) + "\n\n"
            return ran + Self.cutOff
        }
        guard !blocks.isEmpty else {
            return """
                There was no code to run in your message. Write Python in a block that begins with ```repl; to finish, \
                set answer["content"] and answer["ready"] = True in it.
                """
        }
        var texts = blocks.enumerated().map { "Output of block \($0 + 1):\n\(output($1))" }
        if blocks.count < count { texts.append("(\(count - blocks.count) more of your blocks were not run)") }
        return texts.joined(separator: "\n\n")
    }

    static let cutOff = """
        Your message was cut off by the limit on its length; what was unfinished was not run. Go on with a shorter message: \
        write one small block at a time, and keep long texts in variables instead of writing them out.
        """

    /// What a block printed, and what ended it where that does not stand there already. From what the store keeps, so
    /// that it can be told again word for word.
    static func output(_ block: BlockRecord) -> String {
        var parts = [block.output.stdout, block.output.stderr].filter { !$0.isEmpty }
        switch (block.status, block.failure) {
        case (.limited, let failure): parts.append("[a limit of the run ended this block: \(failure?.message ?? "")]")
        case (.cancelled, _): parts.append("[the block was cancelled]")
        case (_, let failure?) where !failure.message.isEmpty && !block.output.stderr.contains(failure.message):
            parts.append("[\(failure.kind): \(failure.message)]")
        default: break
        }
        let text = parts.joined(separator: parts.first?.hasSuffix("\n") == true ? "" : "\n")
        guard !text.isEmpty else { return "(nothing was printed)" }
        return cut(text, to: outputLimit)
    }

    /// Keeps head and tail and says between them how much is missing.
    static func cut(_ text: String, to limit: Int) -> String {
        let count = text.count
        guard count > limit else { return text }
        let kept = limit - 80
        let missing = count - kept
        return text.prefix(kept / 2) + "\n… \(missing) characters are cut here …\n" + text.suffix(kept - kept / 2)
    }

    static let bestAnswer = """
        There are no more turns. From what you have seen, give your best answer to the question now, in plain words and \
        without code. If you could not find it out, say so and say what you know.
        """
}

extension ContextType {
    /// The type as the REPL has it.
    var inWords: String {
        switch self {
        case .text: "a str"
        case .lines: "a list of lines, each a str"
        case .json: "a value read from JSON"
        case .jsonl: "a list of values read from JSON lines"
        case .files: "a dict of path to text"
        }
    }
}
