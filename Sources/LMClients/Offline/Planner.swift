import Foundation

/// Plans as a root model: reads what its earlier blocks printed and writes the next.
///
/// It keeps nothing between turns. Each time it goes through the conversation from the start, so that an edited output
/// leads to another plan.
struct Planner {
    enum Step: Hashable {
        case look, find, findWider, check, answer
        case count(CountRule), checkCount(CountRule), answerCount(CountRule)
        case summarise, merge, answerSummary
        /// After an exception: without sub-calls, with less to go wrong.
        case plainly, countPlainly(CountRule), answerPlainly
        case giveUp(String)
    }

    private let question: Question
    private let outputs: [String]
    /// Out of iterations: prose is wanted, no code.
    private let isLastCall: Bool

    /// Nil unless these are the messages of a root call.
    init?(_ messages: [(isUser: Bool, content: String)]) {
        let users = messages.filter(\.isUser).map(\.content)
        guard let start = users.lastIndex(where: { Self.question(in: $0) != nil && !Self.isOutput($0) }),
            let text = Self.question(in: users[start])
        else { return nil }
        question = Question(text)
        let later = users[(start + 1)...]
        outputs = later.filter(Self.isOutput)
        isLastCall = later.last.map { Self.asksForBest($0) } ?? false
    }

    /// The next turn, prose and a fenced block.
    func turn() -> String {
        if isLastCall { return bestSoFar }
        var step = Step.look
        var look: ContextLook?
        for output in outputs {
            if step == .look { look = ContextLook(output: output) }
            step = next(after: step, output: output, look: look)
        }
        return PlannerCode(question: question, contexts: look).turn(step)
    }

    // MARK: From one step to the next

    private func next(after step: Step, output: String, look: ContextLook?) -> Step {
        if Self.hasRaised(output, in: step) {
            switch step {
            case .plainly, .countPlainly, .answerPlainly:
                return .giveUp("my code raised an exception each time I tried")
            case .count(let rule), .checkCount(let rule), .answerCount(let rule): return .countPlainly(rule)
            case .giveUp: return step
            default: return .plainly
            }
        }
        switch step {
        case .look: return afterLook(look)
        case .find: return Self.number("answers", in: output) == 0 ? .findWider : .check
        case .findWider:
            return Self.number("answers", in: output) == 0
                ? .giveUp("nothing in the context answers this") : .check
        case .check, .answer: return .answer
        case .count(.field(let label)) where Self.number("total", in: output) == 0: return .count(.word(label))
        case .count(let rule): return .checkCount(rule)
        case .checkCount(let rule), .answerCount(let rule), .countPlainly(let rule): return .answerCount(rule)
        case .summarise: return .merge
        case .merge, .answerSummary: return .answerSummary
        case .plainly:
            let shared = Self.number("shared words", in: output) ?? 0
            return shared * 2 > question.words.count ? .answerPlainly : .giveUp("nothing in the context answers this")
        case .answerPlainly, .giveUp: return step
        }
    }

    private func afterLook(_ look: ContextLook?) -> Step {
        if look?.isEmpty ?? false { return .giveUp("the context is empty") }
        switch question.kind {
        case .finding: return question.words.isEmpty ? .giveUp("the question has no words to look for") : .find
        case .summarising: return .summarise
        case .counting:
            guard let rule = CountRule(question.target, shape: look?.shape) else { return .find }
            return .count(rule)
        }
    }

    // MARK: Reading messages

    /// What stands between `Question:` and the line `Contexts:`.
    private static func question(in message: String) -> String? {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("Question:") }) else { return nil }
        let end = lines[first...].firstIndex { $0.hasPrefix("Contexts:") } ?? lines.endIndex
        return lines[first..<end].joined(separator: "\n").dropFirst("Question:".count)
            .drop { $0.isWhitespace }.description
    }

    private static func isOutput(_ message: String) -> Bool {
        message.drop { $0.isWhitespace }.hasPrefix("Output of block")
    }

    /// Whether a message asks for the best answer there is so far.
    private static func asksForBest(_ message: String) -> Bool {
        !isOutput(message) || (message.split(separator: "\n").last?.lowercased().contains("best answer") ?? false)
    }

    private static let reply = Pattern(#"^\[\d+\] "#)

    /// Whether a step's block did not come to its end: what it prints last is missing. A traceback alone says
    /// nothing, since a context may hold one.
    private static func hasRaised(_ output: String, in step: Step) -> Bool {
        switch step {
        case .look: ContextLook(output: output) == nil
        case .find, .findWider: number("answers", in: output) == nil
        case .count, .checkCount, .countPlainly: number("total", in: output) == nil
        case .check, .merge: !output.contains("best: ")
        case .summarise: !output.contains("sections: ")
        case .plainly: number("shared words", in: output) == nil
        case .answer, .answerCount, .answerSummary, .answerPlainly, .giveUp:
            output.contains("Traceback (most recent call last)")
        }
    }

    /// The number after a word and a colon, the last time it stands at the beginning of a line.
    private static func number(_ word: String, in output: String) -> Int? {
        output.split(separator: "\n").last { $0.hasPrefix("\(word): ") }
            .flatMap { Int($0.dropFirst(word.count + 2).prefix { $0.isNumber }) }
    }

    /// The best answer that the outputs show, in prose.
    private var bestSoFar: String {
        for output in outputs.reversed() {
            let lines = output.split(separator: "\n")
            if let best = lines.last(where: { $0.hasPrefix("best: ") }) { return String(best.dropFirst(6)) }
            if let total = Self.number("total", in: output) { return "\(total)" }
            if let reply = lines.first(where: { Self.reply.matches(String($0)) }), let end = reply.firstIndex(of: "]") {
                return String(reply[reply.index(end, offsetBy: 2)...])
            }
        }
        return Reader.unknown
    }
}
