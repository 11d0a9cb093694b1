/// The sentences of a text that stand best for the whole: those of the words that come most.
struct Digest {
    private let all: [String]
    private let order: [Int]

    /// Reads the first 60,000 characters, which show what a section is about.
    init(_ text: Substring) {
        all = Sentences.all(in: text.prefix(60_000)).map { String($0.prefix(300)) }
        let words = all.map { Words.telling(in: $0) }
        var counts: [String: Int] = [:]
        for list in words { for word in list { counts[word, default: 0] += 1 } }
        let scores = words.indices.map { index in
            // Very short lines are headings or noise, very long ones hold every word.
            guard words[index].count >= 3 else { return 0.0 }
            let sum = words[index].reduce(0) { $0 + Double(counts[$1] ?? 0) }
            return sum / (Double(words[index].count) + 8)
        }
        order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    }

    /// That many sentences, in the text's order.
    func sentences(_ count: Int) -> [String] {
        var seen: Set<String> = []
        return order.filter { seen.insert(all[$0]).inserted }.prefix(count).sorted().map { all[$0] }
    }
}
