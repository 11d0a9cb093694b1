/// A plain prompt taken apart: what is asked, and the text that it is asked of.
struct ReadingPrompt {
    /// Everything but the text.
    let task: String
    let question: String
    let text: Substring

    init(_ prompt: String) {
        let named = /(?:^|\n)[ \t]*(?:Question|Q|Query|Task)[ \t]*:[ \t]*/.ignoresCase()
        let marked =
            /(?:^|\n)[ \t]*(?:Text|Context|Document|Passage|Section|Excerpt|Content|Chunk|Data|Lines)[ \t]*:[ \t]*\n?/
            .ignoresCase()
        // The task stands in the first lines or the last; a marker in the middle of a long text is the text's own.
        let start = prompt.prefix(4000)
        if let mark = start.firstMatch(of: marked) {
            let head = prompt[..<mark.range.lowerBound]
            var text = prompt[mark.range.upperBound...]
            var task = String(head)
            if head.allSatisfy(\.isWhitespace), let late = Self.lastMatch(of: named, in: text) {
                task = String(text[late.upperBound...])
                text = text[..<late.lowerBound]
            }
            self.init(task: task, question: Self.question(in: task, named: named), text: text)
        } else if let found = start.firstMatch(of: named) {
            let rest = prompt[found.range.upperBound...]
            let lineEnd = rest.firstIndex(where: \.isNewline) ?? rest.endIndex
            let after = rest[lineEnd...]
            let before = prompt[..<found.range.lowerBound]
            self.init(
                task: String(rest[..<lineEnd]),
                question: String(rest[..<lineEnd]),
                text: after.allSatisfy(\.isWhitespace) ? before : after
            )
        } else if let late = Self.lastMatch(of: named, in: prompt[...]) {
            let task = String(prompt[late.upperBound...])
            self.init(task: task, question: task, text: prompt[..<late.lowerBound])
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
    private static func question(in task: String, named: some RegexComponent) -> String {
        guard let found = task.firstMatch(of: named) else { return task }
        return String(task[found.range.upperBound...].prefix { !$0.isNewline })
    }

    /// The last match within the last lines, where a question is put after a text.
    private static func lastMatch(of named: some RegexComponent, in text: Substring) -> Range<Substring.Index>? {
        text.suffix(2000).matches(of: named).last?.range
    }
}
