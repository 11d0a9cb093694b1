// What of a run's contexts went where.
package import Trajectory

/// What one node was given or shown of one context.
package struct NodeReading: Hashable, Sendable {
    package enum Part: String, Sendable, Codable {
        /// What a sub-call was given, or the first message of an `rlm` call.
        case prompt
        /// What a block printed, as far as its model was shown it.
        case output
    }

    /// The root, or something it called.
    package enum Reader: Sendable {
        case root, subcall
    }

    package var address: Address
    /// Which of the run's contexts, from 0.
    package var context: Int
    package var part: Part
    package var reader: Reader
    /// Whether a model has read it: not while it waits, not where the request failed, and not the prompt of an `rlm` call,
    /// which becomes a context that its own nodes read or do not.
    package var isRead: Bool
    /// In bytes of the stored context.
    package var ranges: ByteRanges
    /// Those of them that are one of several places with the same text.
    package var ambiguous: ByteRanges
    /// Bytes of the text in which they were found.
    package var textByteCount: Int
    /// Tokens the request put in; nil where nobody said, and for output.
    package var inputTokens: Int?

    package init(
        address: Address, context: Int, part: Part, reader: Reader, isRead: Bool, ranges: ByteRanges,
        ambiguous: ByteRanges, textByteCount: Int, inputTokens: Int?
    ) {
        self.address = address
        self.context = context
        self.part = part
        self.reader = reader
        self.isRead = isRead
        self.ranges = ranges
        self.ambiguous = ambiguous
        self.textByteCount = textByteCount
        self.inputTokens = inputTokens
    }
}

/// The map of a run: its contexts, and in the order of the tree what its nodes were given and shown of them.
package struct RunMap: Hashable, Sendable {
    package var contexts: [Context]
    package var nodes: [NodeReading]

    package init(contexts: [Context], nodes: [NodeReading]) {
        self.contexts = contexts
        self.nodes = nodes
    }

    /// A context's name as people write it: `context` where there is one.
    package func name(of context: Int) -> String {
        contexts.count == 1 && contexts[context].name == "context_0" ? "context" : contexts[context].name
    }

    package func coverage(of context: Int) -> Coverage {
        Coverage(nodes.filter { $0.context == context && $0.isRead }, byteCount: contexts[context].byteCount)
    }

    /// The nodes that saw the whole of a stretch, in the order of the tree. An `rlm` call is one of them where it was given
    /// the stretch and something below it has read it.
    package func nodes(thatSaw range: Range<Int>, of context: Int) -> [Address] {
        let seen = nodes.filter { $0.context == context && $0.ranges.contains(range) }
        let readers = seen.filter(\.isRead).map(\.address)
        var addresses: [Address] = []
        for node in seen {
            let isSeen = node.isRead || readers.contains { $0.isBelow(node.address) }
            if isSeen, addresses.last != node.address { addresses.append(node.address) }
        }
        return addresses
    }
}

extension Address {
    /// Whether it is further down the tree, under another node.
    package func isBelow(_ other: Address) -> Bool {
        steps.count > other.steps.count && steps.starts(with: other.steps)
    }
}

/// How much of a context was read, by whom, and how often.
package struct Coverage: Hashable, Sendable {
    package let byteCount: Int
    package let root: ByteRanges
    package let subcalls: ByteRanges
    package let read: ByteRanges
    /// Bytes read, each as many times as it was.
    package let bytesWithRepeats: Int
    /// Tokens that went into requests for what had been read before, estimated by the share of each request's bytes; nil
    /// where no request said its tokens.
    package let repeatedTokens: Int?

    init(_ nodes: [NodeReading], byteCount: Int) {
        self.byteCount = byteCount
        root = ByteRanges(nodes.filter { $0.reader == .root }.flatMap(\.ranges.ranges))
        subcalls = ByteRanges(nodes.filter { $0.reader == .subcall }.flatMap(\.ranges.ranges))
        read = root.union(subcalls)
        bytesWithRepeats = nodes.reduce(0) { $0 + $1.ranges.byteCount }
        repeatedTokens = Self.repeatedTokens(nodes)
    }

    package var unread: ByteRanges { read.complement(in: byteCount) }
    /// From 0 to 1; of an empty context all is read.
    package var fraction: Double { byteCount == 0 ? 1 : Double(read.byteCount) / Double(byteCount) }
    /// How many times over what was read was read; 0 for nothing.
    package var timesRead: Double { read.isEmpty ? 0 : Double(bytesWithRepeats) / Double(read.byteCount) }

    /// The largest stretches that nobody read, largest first.
    package func largestUnread(_ count: Int) -> [Range<Int>] {
        Array(unread.ranges.sorted { ($1.count, $0.lowerBound) < ($0.count, $1.lowerBound) }.prefix(count))
    }

    private static func repeatedTokens(_ nodes: [NodeReading]) -> Int? {
        var known = false
        var tokens = 0.0
        var seen = SeenBytes()
        for node in nodes {
            let fresh = seen.add(node.ranges)
            guard let input = node.inputTokens, node.textByteCount > 0 else { continue }
            known = true
            let repeated = max(0, node.ranges.byteCount - fresh)
            tokens += Double(input) * min(1, Double(repeated) / Double(node.textByteCount))
        }
        return known ? Int(tokens.rounded()) : nil
    }
}

/// Bytes that grow by stretches; adding to many is as cheap as adding to few.
private struct SeenBytes {
    /// Stretches that neither overlap nor touch, ascending.
    private var ranges: [Range<Int>] = []

    /// Gives how many of the bytes were new.
    mutating func add(_ other: ByteRanges) -> Int {
        var fresh = 0
        for range in other.ranges {
            var low = index(endingAtOrBehind: range.lowerBound)
            let first = low
            var merged = range
            var known = 0
            while low < ranges.count, ranges[low].lowerBound <= range.upperBound {
                known += ranges[low].clamped(to: range).count
                merged = min(merged.lowerBound, ranges[low].lowerBound)..<max(merged.upperBound, ranges[low].upperBound)
                low += 1
            }
            ranges.replaceSubrange(first..<low, with: [merged])
            fresh += range.count - known
        }
        return fresh
    }

    private func index(endingAtOrBehind byte: Int) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < byte { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
