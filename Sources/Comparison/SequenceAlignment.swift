// Which elements of two sequences are the same: the ground of every comparison here, of lines, words and nodes.

/// The longest run of equal elements that two sequences share, found as people would: what both have exactly once is matched
/// first, in the longest order both agree on (patience diff), then what lies between is aligned in the same way.
///
/// Between unique elements, stretches small enough are aligned exactly, by the standard library's difference (Myers 1986);
/// larger ones count as different, so that two texts that share nothing cost no more than reading them.
///
/// For example:
///
///     SequenceAlignment.pairs(["a", "b", "c"], ["a", "c", "d"])   // (0, 0), (2, 1)
package enum SequenceAlignment {
    /// Elements of two stretches multiplied, up to which they are aligned exactly.
    private static let exactWork = 400_000

    /// Equal elements, by their places, rising in both.
    package static func pairs<Element: Hashable>(_ a: [Element], _ b: [Element]) -> [(a: Int, b: Int)] {
        var found: [(a: Int, b: Int)] = []
        var waiting = [(a.startIndex..<a.endIndex, b.startIndex..<b.endIndex)]
        while let (left, right) = waiting.popLast() {
            var left = left
            var right = right
            while !left.isEmpty, !right.isEmpty, a[left.lowerBound] == b[right.lowerBound] {
                found.append((left.lowerBound, right.lowerBound))
                left = left.lowerBound + 1..<left.upperBound
                right = right.lowerBound + 1..<right.upperBound
            }
            while !left.isEmpty, !right.isEmpty, a[left.upperBound - 1] == b[right.upperBound - 1] {
                found.append((left.upperBound - 1, right.upperBound - 1))
                left = left.lowerBound..<left.upperBound - 1
                right = right.lowerBound..<right.upperBound - 1
            }
            guard !left.isEmpty, !right.isEmpty else { continue }
            let anchors = uniquePairs(a, left, b, right)
            if anchors.isEmpty {
                if left.count * right.count <= exactWork { found += exactPairs(a, left, b, right) }
                continue
            }
            var start = (left.lowerBound, right.lowerBound)
            for anchor in anchors {
                found.append(anchor)
                waiting.append((start.0..<anchor.a, start.1..<anchor.b))
                start = (anchor.a + 1, anchor.b + 1)
            }
            waiting.append((start.0..<left.upperBound, start.1..<right.upperBound))
        }
        return found.sorted { $0.a < $1.a }
    }

    /// Both sequences as one list of steps: what stands in both, in `a` alone, in `b` alone. Before each pair comes what
    /// only `a` has, then what only `b` has.
    package static func steps<Element: Hashable>(_ a: [Element], _ b: [Element]) -> [(a: Int?, b: Int?)] {
        var steps: [(a: Int?, b: Int?)] = []
        var start = (a: 0, b: 0)
        for pair in pairs(a, b) + [(a.count, b.count)] {
            steps += (start.a..<pair.a).map { ($0, nil) }
            steps += (start.b..<pair.b).map { (nil, $0) }
            if pair.a < a.count { steps.append((pair.a, pair.b)) }
            start = (pair.a + 1, pair.b + 1)
        }
        return steps
    }

    /// What both stretches have exactly once, in the longest order that both agree on.
    private static func uniquePairs<Element: Hashable>(
        _ a: [Element], _ left: Range<Int>, _ b: [Element], _ right: Range<Int>
    ) -> [(a: Int, b: Int)] {
        func places(_ elements: [Element], _ range: Range<Int>) -> [Element: Int] {
            var places: [Element: Int] = [:]
            for index in range { places[elements[index]] = places[elements[index]] == nil ? index : -1 }
            return places
        }
        let inB = places(b, right)
        let inA = places(a, left)
        var candidates: [(a: Int, b: Int)] = []
        for index in left where inA[a[index]] == index {
            if let other = inB[a[index]], other >= 0 { candidates.append((index, other)) }
        }
        return longestRising(candidates)
    }

    /// The longest part of the candidates, already rising in `a`, that rises in `b` too (patience sorting).
    private static func longestRising(_ candidates: [(a: Int, b: Int)]) -> [(a: Int, b: Int)] {
        var tops: [Int] = []
        var before = [Int?](repeating: nil, count: candidates.count)
        for (index, candidate) in candidates.enumerated() {
            var low = 0
            var high = tops.count
            while low < high {
                let middle = (low + high) / 2
                if candidates[tops[middle]].b < candidate.b { low = middle + 1 } else { high = middle }
            }
            before[index] = low > 0 ? tops[low - 1] : nil
            if low == tops.count { tops.append(index) } else { tops[low] = index }
        }
        var rising: [(a: Int, b: Int)] = []
        var next = tops.last
        while let index = next {
            rising.append(candidates[index])
            next = before[index]
        }
        return rising.reversed()
    }

    private static func exactPairs<Element: Hashable>(
        _ a: [Element], _ left: Range<Int>, _ b: [Element], _ right: Range<Int>
    ) -> [(a: Int, b: Int)] {
        let difference = Array(b[right]).difference(from: Array(a[left]))
        let removed = Set(difference.removals.map(\.offset))
        let inserted = Set(difference.insertions.map(\.offset))
        let kept = (0..<left.count).filter { !removed.contains($0) }
        let there = (0..<right.count).filter { !inserted.contains($0) }
        return zip(kept, there).map { (left.lowerBound + $0, right.lowerBound + $1) }
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
