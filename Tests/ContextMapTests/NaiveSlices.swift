import ContextMap

/// The slices of a context in a text by their definition alone: every character of the text against every character of
/// the context, in a table of how far both agree from there.
struct NaiveSlices {
    private struct Character {
        var scalar: Unicode.Scalar
        var bytes: Range<Int>
    }

    /// Beginnings of items in the context's bytes; empty for one item.
    let items: [Int]
    private let context: [[Character]]

    init(context: String, items: [Int] = []) {
        self.items = items
        let bytes = Array(context.utf8)
        let bounds = (items.isEmpty ? [0] : items) + [bytes.count]
        self.context = zip(bounds, bounds.dropFirst()).map { begin, end in
            Self.characters(String(decoding: bytes[begin..<end], as: UTF8.self), at: begin)
        }
    }

    private static func characters(_ text: String, at offset: Int = 0) -> [Character] {
        let scalars = Array(text.unicodeScalars)
        var result: [Character] = []
        var (index, place) = (0, offset)
        while index < scalars.count {
            let begin = place
            if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" {
                index += 1
                place += 1
            }
            place += String(scalars[index]).utf8.count
            result.append(Character(scalar: scalars[index], bytes: begin..<place))
            index += 1
        }
        return result
    }

    func slices(in text: String) -> [Slice] {
        let text = Self.characters(text)
        // agreement[item][j][i]: characters that are the same from i of the item and j of the text on.
        let scalars = text.map(\.scalar.value)
        let agreement = context.map { item -> [[Int]] in
            let own = item.map(\.scalar.value)
            var rows = [[Int](repeating: 0, count: own.count + 1)]
            for scalar in scalars.reversed() {
                let below = rows[rows.count - 1]
                var row = below
                for i in 0..<own.count { row[i] = own[i] == scalar ? below[i + 1] + 1 : 0 }
                rows.append(row)
            }
            return rows.reversed()
        }
        var slices: [Slice] = []
        var furthest = 0
        for j in text.indices {
            let length = agreement.compactMap { $0[j].max() }.max() ?? 0
            guard j + length > furthest else { continue }
            furthest = j + length
            guard length >= SliceMatcher.leastCharacters else { continue }
            var places: [Range<Int>] = []
            for (item, table) in zip(context, agreement) {
                for i in item.indices where table[j][i] >= length {
                    places.append(item[i].bytes.lowerBound..<item[i + length - 1].bytes.upperBound)
                }
            }
            slices.append(
                Slice(text: text[j].bytes.lowerBound..<text[j + length - 1].bytes.upperBound, places: places))
        }
        return slices
    }

    /// The same with repeated stretches put where their neighbours are.
    func attributed(in text: String) -> [Slice] {
        var slices = slices(in: text)
        func narrow(
            _ index: Int, _ pairs: [(Range<Int>, Range<Int>)], _ side: KeyPath<(Range<Int>, Range<Int>), Range<Int>>
        ) {
            guard slices[index].places.count > 1 else { return }
            let fitting = slices[index].places.filter { place in pairs.contains { $0[keyPath: side] == place } }
            if !fitting.isEmpty { slices[index].places = fitting }
        }
        for index in slices.indices.dropFirst() { narrow(index, pairs(slices[index - 1], slices[index]), \.1) }
        for index in slices.indices.dropLast().reversed() {
            narrow(index, pairs(slices[index], slices[index + 1]), \.0)
        }
        return slices
    }

    private func pairs(_ one: Slice, _ other: Slice) -> [(Range<Int>, Range<Int>)] {
        let gap = other.text.lowerBound - one.text.upperBound
        return one.places.compactMap { before in
            let behind = other.places.filter { $0.lowerBound - before.upperBound >= min(gap, 0) }
                .min { $0.lowerBound < $1.lowerBound }
            guard let behind, behind.lowerBound - before.upperBound <= max(gap, 0) + 64 else { return nil }
            return (before, behind)
        }
    }
}
