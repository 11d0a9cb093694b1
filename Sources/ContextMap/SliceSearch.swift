// The search for the slices of one text.

/// Looks up the samples of a text one after the other and keeps what is found.
struct SliceSearch {
    private let sampled: SampledText
    private let alignment: Alignment
    private(set) var found: [Slice] = []
    private var known: Set<Range<Int>> = []
    /// Of what was found, the slice that reaches furthest.
    private var furthest = Slice(text: 0..<0, places: [])
    /// Samples of grams that stand in many places, while a rarer one near them is looked for.
    private var waiting: [(place: Int, key: UInt32)] = []
    private var effort: Int
    private let ranks: UnsafeMutablePointer<UInt64>
    private let samples: UnsafeMutablePointer<UInt32>

    /// Bytes of a slice's beginning in which samples are looked at although it has been found.
    private static let margin = 2 * Gram.reach
    /// How far behind a sample a rarer one is waited for.
    private static let patience = 512
    /// Windows of a slice among which its rarest sample is looked for.
    private static let choice = 64

    static func slices(in sampled: SampledText, _ alignment: Alignment) -> [Slice] {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Gram.portion + Gram.window) { ranks in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Gram.portion + 1) { samples in
                guard let ranks = ranks.baseAddress, let samples = samples.baseAddress else { return [] }
                var search = SliceSearch(in: sampled, alignment, ranks, samples)
                search.run()
                return SliceMatcher.maximal(search.found)
            }
        }
    }

    private init(
        in sampled: SampledText, _ alignment: Alignment, _ ranks: UnsafeMutablePointer<UInt64>,
        _ samples: UnsafeMutablePointer<UInt32>
    ) {
        self.sampled = sampled
        self.alignment = alignment
        self.ranks = ranks
        self.samples = samples
        effort = alignment.textCount * SliceMatcher.effort + (16 << 20)
    }

    /// Samples that need not be looked at: what they could find is part of the slice that reaches furthest, or is found
    /// by others. A slice that goes further than it has a sample in the `Gram.reach` bytes before its end; one that
    /// begins before it has one near its beginning, and `margin` leaves room for other slices that begin there.
    private var zone: Range<Int> {
        // What costs too much is not looked at so closely.
        if effort < 0 { return 0..<max(0, furthest.text.upperBound - Gram.length) }
        let end = furthest.text.upperBound - Gram.reach + 1
        let begin = furthest.text.lowerBound + Self.margin
        return begin < end ? begin..<end : 0..<0
    }

    private mutating func run() {
        var from = 0
        // The last sample that was looked at; the next portion begins before it and meets it again.
        var last = -1
        // After a match the next one is near, or far.
        var windows = 32
        var hits: [(place: Int, key: UInt32)] = []
        while alignment.textCount - from >= Gram.reach {
            let count = min(windows, alignment.textCount - from - Gram.reach + 1)
            windows = min(windows * 2, Gram.portion)
            sample(from: from, windows: count, after: last, into: &hits)
            var next = from + count
            for (place, key) in hits where place > last {
                if zone.contains(place) {
                    guard zone.upperBound > next else { continue }
                    next = zone.upperBound
                    windows = 32
                    break
                }
                last = place
                look(at: place, key)
            }
            from = next
            if let first = waiting.first, from - first.place > Self.patience { lookAtWaiting() }
            if zone.contains(from) { from = zone.upperBound }
        }
        lookAtWaiting()
    }

    /// The samples of some windows which the context may have.
    private func sample(
        from: Int, windows: Int, after last: Int, into hits: inout [(place: Int, key: UInt32)]
    ) {
        hits.removeAll(keepingCapacity: true)
        let count = Gram.sample(alignment.text + from, windows: windows, ranks: ranks, into: samples)
        // Nothing here depends on what came before, so the processor can wait for many of them at once.
        for index in 0..<count {
            let place = from &+ Int(samples[index])
            let key = Gram.key(alignment.text + place)
            if sampled.index.mayHave(key) { hits.append((place, key)) }
        }
    }

    /// Follows a sample of the text to its places in the context, or has it wait.
    private mutating func look(at place: Int, _ key: UInt32) {
        let bucket = sampled.index.bucket(of: key)
        if bucket.count > SliceMatcher.many {
            if !isFound(place) { waiting.append((place, key)) }
        } else {
            follow(place, key, bucket)
        }
    }

    private mutating func lookAtWaiting() {
        let samples = waiting
        waiting.removeAll(keepingCapacity: true)
        for (place, key) in samples where !isFound(place) {
            follow(place, key, sampled.index.bucket(of: key))
        }
    }

    /// Whether a gram is part of what was found lately.
    private func isFound(_ place: Int) -> Bool {
        for slice in found.suffix(16)
        where slice.text.lowerBound <= place && place + Gram.length <= slice.text.upperBound {
            return true
        }
        return false
    }

    private mutating func follow(_ place: Int, _ key: UInt32, _ bucket: Range<Int>) {
        let isInside = furthest.text.contains(place)
        var matches: [Alignment.Match] = []
        var followed = 0
        for sample in bucket {
            guard let start = sampled.index.place(of: sample, key: key) else { continue }
            if effort < 0, followed >= SliceMatcher.few { break }
            followed += 1
            // The same slice, from a sample near its end.
            if isInside {
                let end = start + furthest.text.upperBound - place
                if furthest.places.prefix(SliceMatcher.few).contains(where: { $0.upperBound == end }) { continue }
            }
            let item = sampled.item(of: start)
            let end = alignment.end(start, place, limit: item.upperBound)
            effort -= end.text - place + 64
            guard end.text - place >= Gram.length else { continue }
            // Part of what is known, unless it goes further, or begins before it, which is tried near its beginning.
            if isInside, end.text <= furthest.text.upperBound, place >= furthest.text.lowerBound + Self.margin {
                continue
            }
            let begin = alignment.beginning(start, place, limit: item.lowerBound)
            effort -= place - begin.text
            guard let match = alignment.whole(begin, end), alignment.isLong(match.text) else { continue }
            matches.append(match)
        }
        var slices = SliceMatcher.maximal(matches.map { Slice(text: $0.text, places: [$0.context]) })
        while let slice = slices.popLast() {
            guard known.insert(slice.text).inserted else { continue }
            var larger: [Slice] = []
            let slice = completed(slice, &larger)
            // What holds all of it takes its place.
            if larger.isEmpty {
                found.append(slice)
                if slice.text.upperBound > furthest.text.upperBound { furthest = slice }
            } else {
                slices += SliceMatcher.maximal(larger)
            }
        }
    }

    /// A slice with all of its places. The sample that it was found by may owe its being one to what stands beside the
    /// slice in the text; one of a window inside the slice is one at each of its places.
    ///
    /// - Parameter larger: takes slices that hold this one.
    private mutating func completed(_ slice: Slice, _ larger: inout [Slice]) -> Slice {
        guard effort >= 0 else { return Slice(text: slice.text, places: slice.places, isPartial: true) }
        effort -= 1024
        let windows = min(Self.choice, slice.text.count - Gram.reach + 1)
        let count = Gram.sample(
            alignment.text + slice.text.lowerBound, windows: windows, ranks: ranks, into: samples)
        var rarest: (place: Int, key: UInt32, bucket: Range<Int>)?
        for index in 0..<count {
            let place = slice.text.lowerBound + Int(samples[index])
            let key = Gram.key(alignment.text + place)
            let bucket = sampled.index.bucket(of: key)
            if bucket.count < rarest?.bucket.count ?? .max { rarest = (place, key, bucket) }
        }
        guard let (place, key, bucket) = rarest else { return slice }
        var slice = slice
        let known = slice.places
        let knownAt = Dictionary(known.map { ($0.lowerBound, $0) }) { first, _ in first }
        var places: [Range<Int>] = []
        slice.isPartial = bucket.count >= ContextIndex.bucketLimit
        let offset = place - slice.text.lowerBound
        for sample in bucket {
            guard let start = sampled.index.place(of: sample, key: key) else { continue }
            if effort < 0, places.count >= SliceMatcher.few {
                slice.isPartial = true
                break
            }
            if let place = knownAt[start - offset], place.count == slice.text.count {
                places.append(place)
                continue
            }
            let item = sampled.item(of: start)
            let end = alignment.end(start, place, limit: item.upperBound)
            effort -= end.text - place + 64
            guard end.text >= slice.text.upperBound else { continue }
            let begin = alignment.beginning(start, place, limit: item.lowerBound)
            effort -= place - begin.text
            guard let match = alignment.whole(begin, end) else { continue }
            if match.text == slice.text {
                places.append(match.context)
            } else if match.text.lowerBound <= slice.text.lowerBound, match.text.upperBound >= slice.text.upperBound {
                larger.append(Slice(text: match.text, places: [match.context]))
            }
        }
        if slice.isPartial || places.isEmpty { places += known }
        slice.places = places.count > 1 ? Set(places).sorted { $0.lowerBound < $1.lowerBound } : places
        return slice
    }
}
