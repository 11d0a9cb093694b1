import Foundation

/// Answers a plain prompt from the text in it, by the words that question and text share.
struct Reader {
    static let unknown = "I do not know."

    private let prompt: ReadingPrompt
    private let question: Question
    private let asksForNumber: Bool
    private let asksForName: Bool

    init(_ prompt: String) {
        self.prompt = ReadingPrompt(prompt)
        question = Question(self.prompt.question)
        asksForNumber = question.asksForNumber
        asksForName = question.asksForName
    }

    func answer() -> String {
        if let rule = CountRule(task: prompt.task) { return Self.json(rule.count(String(prompt.text))) }
        guard !prompt.text.allSatisfy(\.isWhitespace) else { return Self.unknown }
        switch Question(prompt.task).kind {
        case .counting: return count()
        case .summarising: return Digest(prompt.text).sentences(2).joined(separator: " ")
        case .finding: return find()
        }
    }

    // MARK: Counting

    private func count() -> String {
        let target = Question(prompt.task).target
        let shape = LineShape(sample: prompt.text.split(separator: "\n").prefix(40))
        guard let rule = CountRule(target, shape: shape) else { return Self.unknown }
        var counts = rule.count(String(prompt.text))
        if case .field(let word) = rule, counts.values.reduce(0, +) == 0 {
            counts = CountRule.word(word).count(String(prompt.text))
        }
        if prompt.task.lowercased().contains("json") { return Self.json(counts) }
        if target != nil { return "\(counts.values.reduce(0, +))" }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key): \($0.value)" }.joined(separator: "\n")
    }

    private static func json(_ counts: [String: Int]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(counts)) ?? Data("{}".utf8), as: UTF8.self)
    }

    // MARK: Finding

    private struct Candidate {
        var text: String
        var score: Double
    }

    /// The sentence that holds more than half of the question's words and looks most like an answer. Two sentences
    /// in a row are read together where neither does alone.
    private func find() -> String {
        let stems = question.words
        guard !stems.isEmpty else { return Self.unknown }
        let sentences = Sentences.all(in: prompt.text)
        let words = sentences.map { Words.all(in: $0) }
        let present = words.map { list in
            stems.indices.filter { index in list.contains { Words.matches($0, stem: stems[index]) } }
        }
        var counts = Array(repeating: 0, count: stems.count)
        for list in present { for index in list { counts[index] += 1 } }
        let weights = counts.map { 1 + log(Double(sentences.count + 1) / Double($0 + 1)) }
        var best: Candidate?
        func consider(_ text: String, _ list: [String], _ found: [Int], factor: Double) {
            guard found.count * 2 > stems.count, !text.hasSuffix("?") else { return }
            let shared = found.reduce(0) { $0 + weights[$1] }
            let score = factor * (shared + likeness(text, list, unit: (weights.max() ?? 1)))
            if score > (best?.score ?? 0) { best = Candidate(text: text, score: score) }
        }
        for index in sentences.indices {
            consider(String(sentences[index]), words[index], present[index], factor: 1)
        }
        if best == nil, stems.count > 2 {
            for index in sentences.indices.dropLast() where !present[index].isEmpty && !present[index + 1].isEmpty {
                consider(
                    "\(sentences[index]) \(sentences[index + 1])",
                    words[index] + words[index + 1],
                    Array(Set(present[index] + present[index + 1])).sorted(),
                    factor: 0.8
                )
            }
        }
        return best.map { shortened($0.text) } ?? Self.unknown
    }

    /// How much a sentence looks like an answer to the question, beside the words they share.
    private func likeness(_ text: String, _ words: [String], unit: Double) -> Double {
        var likeness = 0.0
        let stems = question.words
        // The question's words in a row, as the answer would repeat them.
        for (one, other) in zip(stems, stems.dropFirst()) {
            let isPair = zip(words, words.dropFirst()).contains {
                Words.matches($0, stem: one) && Words.matches($1, stem: other)
            }
            if isPair { likeness += unit / 2 }
        }
        if let last = stems.last, let place = words.firstIndex(where: { Words.matches($0, stem: last) }) {
            let verbs: Set<String> = ["is", "are", "was", "were", "equals", "reads"]
            if words[(place + 1)...].prefix(2).contains(where: verbs.contains) { likeness += unit / 4 }
        }
        if Self.hasValue(text) { likeness += unit / 8 }
        let tokens = text.split { !$0.isLetter && !$0.isNumber && $0 != "-" }
            .filter { word in !stems.contains { Words.matches(word.lowercased(), stem: $0) } }
        if asksForNumber, tokens.contains(where: { $0.contains(where: \.isNumber) }) { likeness += unit / 2 }
        if asksForName, tokens.dropFirst().contains(where: { $0.first?.isUppercase == true }) { likeness += unit / 3 }
        return likeness
    }

    /// Whether something is followed by `:` or `=` and a value.
    private static func hasValue(_ text: String) -> Bool {
        guard let mark = text.firstIndex(where: { $0 == ":" || $0 == "=" }), mark > text.startIndex else {
            return false
        }
        return text[text.index(after: mark)...].contains { !$0.isWhitespace }
    }

    /// A long line cut to what stands around the question's words.
    private func shortened(_ text: String) -> String {
        guard text.count > 400 else { return text }
        let lower = text.lowercased()
        let places = question.words.compactMap { lower.range(of: $0)?.lowerBound.utf16Offset(in: lower) }
        let first = max(0, (places.min() ?? 0) - 60)
        let start = text.index(text.startIndex, offsetBy: first, limitedBy: text.endIndex) ?? text.startIndex
        return String(text[start...].prefix(400))
    }
}
