/// What somebody may have meant who mistyped a word.
enum Suggestion {
    /// `did you mean 'list'?` and what to do otherwise; that alone where nothing is near.
    static func sentence(for word: String, among known: [String], otherwise: String) -> String {
        nearest(to: word, among: known).map { "did you mean '\($0)'? " + otherwise } ?? otherwise
    }

    /// The known word that is nearest: at most a third of its letters changed, or the only one that begins so.
    static func nearest(to word: String, among known: [String]) -> String? {
        let wanted = Array(word.lowercased())
        guard !wanted.isEmpty, wanted.count <= 100 else { return nil }
        let near = known.map { (word: $0, distance: distance(wanted, Array($0.lowercased()))) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
        if let near, near.distance <= max(1, min(wanted.count, near.word.count) / 3) { return near.word }
        let begun = known.filter { $0.lowercased().hasPrefix(word.lowercased()) }
        return wanted.count >= 2 && begun.count == 1 ? begun[0] : nil
    }

    /// Letters that are missing, too many, wrong, or have changed places with the next one (optimal string alignment).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var before: [Int] = []
        var row = Array(0...b.count)
        for i in 1...a.count {
            var next = [i]
            for j in 1...b.count {
                var best = min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, before[j - 2] + 1) }
                next.append(best)
            }
            (before, row) = (row, next)
        }
        return row[b.count]
    }
}
