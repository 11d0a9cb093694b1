// The map of a large run that is over, kept beside its contexts.

import ContextMap
import Foundation
import Trajectory

/// What the nodes of a run read, as a file: numbers of 64 bits, the last of which is a sum of the others. It is found again
/// only under the same key, which changes with everything that could change the map; what is wrong with it in any way is
/// no file at all, and the map is made anew.
struct RunMapCache {
    private static let mark: Int64 = 0x70616d2d6d6c72

    let path: String
    /// What the store held when the map was made.
    let key: [Int64]

    func load() -> [NodeReading]? {
        guard let data = FileManager.default.contents(atPath: path), data.count.isMultiple(of: 8) else { return nil }
        let words = data.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self) }
        }
        guard words.count > key.count + 3, words.last == Self.sum(words.dropLast()) else { return nil }
        var reader = Reader(words: words.dropLast())
        guard reader.next() == Self.mark, reader.next() == Int64(key.count) else { return nil }
        for expected in key where reader.next() != expected { return nil }
        guard let count = reader.count() else { return nil }
        var nodes: [NodeReading] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count {
            guard let node = reader.node() else { return nil }
            nodes.append(node)
        }
        return nodes
    }

    /// Where it cannot be kept it is made again the next time.
    func save(_ nodes: [NodeReading]) {
        var words: [Int64] = [Self.mark, Int64(key.count)] + key + [Int64(nodes.count)]
        for node in nodes {
            words.append(Int64(node.address.steps.count))
            for step in node.address.steps {
                let kind: Int64 =
                    switch step {
                    case .iteration: 0
                    case .block: 1
                    case .call: 2
                    }
                words.append(kind << 40 | Int64(step.number))
            }
            words += [
                Int64(node.context), node.part == .prompt ? 0 : 1, node.reader == .root ? 0 : 1, node.isRead ? 1 : 0,
                Int64(node.textByteCount), Int64(node.inputTokens ?? -1),
            ]
            for ranges in [node.ranges.ranges, node.ambiguous.ranges] {
                words.append(Int64(ranges.count))
                for range in ranges { words += [Int64(range.lowerBound), Int64(range.upperBound)] }
            }
        }
        words.append(Self.sum(words[...]))
        let data = words.withUnsafeBytes { Data($0) }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func sum(_ words: ArraySlice<Int64>) -> Int64 {
        words.reduce(into: 17) { sum, word in sum = (sum &* 31) ^ word }
    }

    private struct Reader {
        let words: ArraySlice<Int64>
        var at = 0

        init(words: ArraySlice<Int64>) { self.words = words }

        mutating func next() -> Int64? {
            guard at < words.count else { return nil }
            defer { at += 1 }
            return words[words.startIndex + at]
        }

        /// A number of things that follow, of which each has a word at least.
        mutating func count() -> Int? { next().flatMap { (0...Int64(words.count)).contains($0) ? Int($0) : nil } }

        mutating func node() -> NodeReading? {
            guard let stepCount = count() else { return nil }
            var steps: [Address.Step] = []
            for _ in 0..<stepCount {
                guard let word = next() else { return nil }
                let number = Int(word & 0xFF_FFFF_FFFF)
                switch word >> 40 {
                case 0: steps.append(.iteration(number))
                case 1: steps.append(.block(number))
                case 2: steps.append(.call(number))
                default: return nil
                }
            }
            guard let context = next(), let part = next(), let reader = next(), let isRead = next(), let bytes = next(),
                let tokens = next(), let ranges = ranges(), let ambiguous = self.ranges()
            else { return nil }
            return NodeReading(
                address: Address(steps: steps), context: Int(context), part: part == 0 ? .prompt : .output,
                reader: reader == 0 ? .root : .subcall, isRead: isRead == 1, ranges: ranges, ambiguous: ambiguous,
                textByteCount: Int(bytes), inputTokens: tokens < 0 ? nil : Int(tokens))
        }

        mutating func ranges() -> ByteRanges? {
            guard let count = count() else { return nil }
            var ranges: [Range<Int>] = []
            for _ in 0..<count {
                guard let start = next(), let end = next(), 0 <= start, start <= end else { return nil }
                ranges.append(Int(start)..<Int(end))
            }
            return ByteRanges(ranges)
        }
    }
}
