/// A plain prompt taken apart: what is asked, and the text that it is asked of.
struct ReadingPrompt {
    /// Everything but the text.
    let task: String
    let question: String
    let text: Substring

    private static let named = Pattern(#"(?:^|\n)[ \t]*(?:Question|Q|Query|Task)[ \t]*:[ \t]*"#)
    private static let marked = Pattern(
        #"(?:^|\n)[ \t]*(?:Text|Context|Document|Passage|Section|Excerpt|Content|Chunk|Data|Lines)[ \t]*:[ \t]*\n?"#
    )

    init(_ prompt: String) {
        // The task stands in the first lines or the last; a marker in the middle of a long text is the text's own.
        let start = String(prompt.prefix(4000))
        if let mark = Self.marked.first(in: start) {
            let head = String(start[..<mark.range.lowerBound])
            let text = prompt.dropFirst(start.distance(from: start.startIndex, to: mark.range.upperBound))
            if head.allSatisfy(\.isWhitespace), let (before, question) = Self.questionAtEnd(of: text) {
                self.init(task: question, question: question, text: before)
            } else {
                self.init(task: head, question: Self.question(in: head), text: text)
            }
        } else if let found = Self.named.first(in: start) {
            let rest = prompt.dropFirst(start.distance(from: start.startIndex, to: found.range.upperBound))
            let question = String(rest.prefix { !$0.isNewline })
            let after = rest.dropFirst(question.count)
            let before = prompt.prefix(start.distance(from: start.startIndex, to: found.range.lowerBound))
            self.init(task: question, question: question, text: after.allSatisfy(\.isWhitespace) ? before : after)
        } else if let (before, question) = Self.questionAtEnd(of: prompt[...]) {
            self.init(task: question, question: question, text: before)
        } else if let mark = prompt.prefix(600).prefix(while: { !$0.isNewline }).firstIndex(of: "?") {
            let next = prompt.index(after: mark)
            self.init(task: String(prompt[..<next]), question: String(prompt[..<next]), text: prompt[next...])
        } else if let last = prompt.split(whereSeparator: \.isNewline).last, last.contains("?") {
            self.init(task: String(last), question: String(last), text: prompt[..<last.startIndex])
        } else {
            let lineEnd = prompt.firstIndex(where: \.isNewline) ?? prompt.endIndex
            let head = String(prompt[..<lineEnd])
            self.init(task: head, question: head, text: prompt[lineEnd...])
        }
    }

    private init(task: String, question: String, text: Substring) {
        self.task = task
        self.question = question
        self.text = text
    }

    /// What stands after `Question:` up to the end of its line; the whole task where nothing is so named.
    private static func question(in task: String) -> String {
        guard let found = named.first(in: task) else { return task }
        return String(task[found.range.upperBound...].prefix { !$0.isNewline })
    }

    /// The question within the last lines, where one is put after a text, and the text before it.
    private static func questionAtEnd(of text: Substring) -> (before: Substring, question: String)? {
        let end = String(text.suffix(2000))
        guard let found = named.last(in: end) else { return nil }
        let length = end.distance(from: found.range.lowerBound, to: end.endIndex)
        return (text.dropLast(length), String(end[found.range.upperBound...]))
    }
}
