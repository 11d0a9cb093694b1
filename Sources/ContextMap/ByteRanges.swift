// Sets of bytes, kept as stretches.

/// A set of bytes of a context as stretches that neither overlap nor touch, in order. Half-open.
package struct ByteRanges: Hashable, Sendable, Codable {
    package private(set) var ranges: [Range<Int>] = []

    package init() {}

    /// The union of stretches in any order; empty ones are left out.
    package init(_ ranges: some Sequence<Range<Int>>) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty { append(range) }
    }

    /// Adds a stretch that begins at or behind the beginning of the last one.
    private mutating func append(_ range: Range<Int>) {
        if let last = ranges.last, range.lowerBound <= last.upperBound {
            ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    package var isEmpty: Bool { ranges.isEmpty }
    package var byteCount: Int { ranges.reduce(0) { $0 + $1.count } }

    package func union(_ other: ByteRanges) -> ByteRanges { ByteRanges(ranges + other.ranges) }

    package func intersection(_ other: ByteRanges) -> ByteRanges {
        var result = ByteRanges()
        var (mine, theirs) = (0, 0)
        while mine < ranges.count, theirs < other.ranges.count {
            let (a, b) = (ranges[mine], other.ranges[theirs])
            let start = max(a.lowerBound, b.lowerBound)
            let end = min(a.upperBound, b.upperBound)
            if start < end { result.append(start..<end) }
            if a.upperBound < b.upperBound { mine += 1 } else { theirs += 1 }
        }
        return result
    }

    /// What of `0..<count` is not in the set.
    package func complement(in count: Int) -> ByteRanges {
        var result = ByteRanges()
        var place = 0
        for range in ranges {
            if place < min(range.lowerBound, count) { result.append(place..<min(range.lowerBound, count)) }
            place = max(place, range.upperBound)
        }
        if place < count { result.append(place..<count) }
        return result
    }

    package func subtracting(_ other: ByteRanges) -> ByteRanges {
        guard let end = ranges.last?.upperBound else { return self }
        return intersection(other.complement(in: end))
    }

    /// Whether every byte of a stretch is in the set.
    package func contains(_ range: Range<Int>) -> Bool {
        guard let found = first(endingAfter: range.lowerBound) else { return range.isEmpty }
        return found.lowerBound <= range.lowerBound && range.upperBound <= found.upperBound
    }

    package func contains(_ byte: Int) -> Bool { contains(byte..<byte + 1) }

    package func overlaps(_ range: Range<Int>) -> Bool {
        first(endingAfter: range.lowerBound).map { $0.lowerBound < range.upperBound } ?? false
    }

    /// The first stretch that ends behind a byte.
    private func first(endingAfter byte: Int) -> Range<Int>? {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= byte { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count ? ranges[low] : nil
    }

    // As JSON: pairs of beginning and end.
    package init(from decoder: any Decoder) throws {
        let pairs = try decoder.singleValueContainer().decode([[Int]].self)
        self.init(pairs.compactMap { $0.count == 2 && $0[0] <= $0[1] ? $0[0]..<$0[1] : nil })
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(ranges.map { [$0.lowerBound, $0.upperBound] })
    }
}
