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

    /// What a block printed, and what ended it where that is not shown there already. Made from what the store keeps, so
    /// that it can be told again word for word.
    static func output(_ block: BlockRecord) -> String {
        let streams = [block.output.stdout, block.output.stderr].filter { !$0.isEmpty }
        let text = streams.count > 1 ? joined(streams[0], streams[1]) : streams.first ?? ""
        let shown = cut(text, to: outputLimit)
        guard let note = note(on: block, shown: shown) else { return shown.isEmpty ? "(nothing was printed)" : shown }
        guard !shown.isEmpty else { return cut(note, to: outputLimit) }
        let room = outputLimit - length(note) - 1
        return joined(cut(text, to: max(outputLimit / 2, room)), note)
    }

    /// How a block ended, where what is shown of its output does not say so.
    private static func note(on block: BlockRecord, shown: String) -> String? {
        switch (block.status, block.failure) {
        case (.limited, let failure): "[a limit of the run ended this block: \(failure?.message ?? "")]"
        case (.cancelled, _): "[the block was cancelled]"
        case (_, let failure?) where !failure.message.isEmpty && !shown.contains(failure.message):
            "[\(failure.kind): \(failure.message)]"
        default: nil
        }
    }

    private static func joined(_ first: String, _ second: String) -> String {
        first + (first.hasSuffix("\n") ? "" : "\n") + second
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
