/// How lines carry their label, as far as a few of them show.
enum LineShape: Hashable {
    /// In a column, counted from 1.
    case column(Int, separator: String)
    /// After a key: `label: spam`, `"label": "spam"`.
    case key(String)

    private static let keys = [
        "label", "category", "class", "tag", "topic", "sentiment", "status", "severity", "level", "kind", "type",
    ]

    /// Nil where the lines show no label. The last line of the sample may be cut off.
    init?(sample: some Collection<Substring>) {
        let lines = sample.filter { !$0.allSatisfy(\.isWhitespace) }
        guard lines.count >= 3 else { return nil }
        let enough = lines.count - max(1, lines.count / 5)
        for key in Self.keys {
            let rule = CountRule.key(key)
            if lines.count(where: { !rule.count(String($0)).isEmpty }) >= enough {
                self = .key(key)
                return
            }
        }
        for separator in ["|", "\t", ";", ","] {
            let rows = lines.map { $0.split(separator: separator, omittingEmptySubsequences: false) }
            let width = rows.map(\.count).sorted()[rows.count / 5]
            guard width >= 2, rows.count(where: { $0.count >= width }) >= enough else { continue }
            if let column = Self.labelColumn(rows.filter { $0.count >= width }, width: width) {
                self = .column(column, separator: separator)
                return
            }
        }
        return nil
    }

    /// The column of few, short, repeating words; a header that names it decides.
    private static func labelColumn(_ rows: [[Substring]], width: Int) -> Int? {
        var best: (column: Int, distinct: Int)?
        for column in 0..<width {
            let values = rows.map { String($0[column].drop { $0.isWhitespace }).lowercased() }
                .map { String($0.reversed().drop { $0.isWhitespace }.reversed()) }
            if let header = values.first, keys.contains(header) { return column + 1 }
            let isWordy = values.allSatisfy { value in
                value.count <= 24 && value.contains(where: \.isLetter) && !value.contains(where: \.isNumber)
                    && value.split(separator: " ").count <= 2
            }
            let distinct = Set(values).count
            guard isWordy, distinct * 2 <= values.count || distinct <= 2 else { continue }
            // A column that never changes labels nothing, unless there is no better.
            if distinct > 1, best == nil || best?.distinct == 1 || distinct < (best?.distinct ?? 0) {
                best = (column, distinct)
            } else if best == nil {
                best = (column, distinct)
            }
        }
        return best.map { $0.column + 1 }
    }
}
