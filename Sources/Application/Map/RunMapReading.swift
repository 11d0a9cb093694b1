// The map of a run, from what the store has.

package import ContextMap
import Foundation
package import Trajectory
package import TrajectoryStore
import Views

/// Makes the map of a run, and again as the run grows: each text is looked at once for each context.
///
/// The contexts mapped are those of the run. What calls at any depth were given and shown is looked for in them directly;
/// a stretch that they repeat is taken to be from what the call itself was given (`SliceMatcher.slices(in:preferred:)`), as
/// it would be had its own context been mapped first and then its parent's.
///
/// For example:
///
///     let map = try RunMapReading(store: store, run: run.id).map()
///     print(map.coverage(of: 0).fraction)
package final class RunMapReading: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private struct Key: Hashable {
        let text: Int64
        let context: Int
        /// The recursive call whose context the text is from; nil at the root.
        let scope: Address?
    }

    private let store: TrajectoryStore
    private let run: RunID
    private let lock = NSLock()
    private var mapped: [MappedContext]?
    private var slices: [Key: [Slice]] = [:]
    private var byteCounts: [Int64: Int] = [:]
    /// What recursive calls were given, by context, as the last map had it.
    private var given: [Address: [ByteRanges]] = [:]

    package init(store: TrajectoryStore, run: RunID) {
        self.store = store
        self.run = run
    }

    /// The run's contexts, mapped. Throws `StoreError` and `MapError`.
    package func contexts() throws -> [MappedContext] { try lock.withLock { try mappedContexts() } }

    private func mappedContexts() throws -> [MappedContext] {
        if let mapped { return mapped }
        let opened = try store.contexts(of: run).map { try MappedContext($0, path: store.contextPath($0.hash)) }
        mapped = opened
        return opened
    }

    /// The map as the run is now. Throws `StoreError` and `MapError`.
    package func map() throws -> RunMap {
        try lock.withLock {
            let contexts = try mappedContexts()
            var nodes: [NodeReading] = []
            guard !contexts.isEmpty else { return RunMap(contexts: [], nodes: []) }
            let cache = try cache()
            if let kept = cache?.load(), kept.allSatisfy({ contexts.indices.contains($0.context) }) {
                return RunMap(contexts: contexts.map(\.context), nodes: kept)
            }
            // What recursive calls were given, by context: what is below them is from there.
            var given: [Address: [ByteRanges]] = [:]
            for shown in try store.shownTexts(in: run) {
                for context in contexts.indices {
                    let scope = shown.address.enclosingCall
                    let preferred = scope.flatMap { given[$0]?[context] }
                    let found = try readings(shown, context, scope, preferred, contexts[context].matcher)
                    if shown.kind == .context {
                        let all = ByteRanges(found.flatMap(\.ranges.ranges))
                        given[shown.address, default: contexts.map { _ in ByteRanges() }][context] = all
                    }
                    nodes += found
                }
            }
            self.given = given
            cache?.save(nodes)
            return RunMap(contexts: contexts.map(\.context), nodes: nodes)
        }
    }

    /// Calls from which on the map of a run that is over is kept.
    private static let leastKept = 100

    /// Where the map is kept; nil where making it again costs nothing, and while the run goes on.
    private func cache() throws -> RunMapCache? {
        let run = try store.run(run)
        guard run.status.isFinal, run.calls.total >= Self.leastKept else { return nil }
        let state = [Int64(run.iterations), Int64(run.calls.total), Int64(run.usage.completions)]
        return RunMapCache(
            path: store.contextFolder + "\(run.id.rawValue).readings", key: state + (try store.newestRows()))
    }

    /// What in a message of a node is out of the run's contexts, one stretch behind the other.
    func promptSlices(in text: String, at address: Address) -> [PromptSlice] {
        guard let (contexts, given) = lock.withLock({ mapped.map { ($0, self.given) } }) else { return [] }
        let map = RunMap(contexts: contexts.map(\.context), nodes: [])
        var found: [(slice: Slice, context: Int)] = []
        for (index, context) in contexts.enumerated() {
            let preferred = address.enclosingCall.flatMap { given[$0]?[index] }
            found += context.matcher.slices(in: text, preferred: preferred).map { ($0, index) }
        }
        var result: [PromptSlice] = []
        for (slice, context) in found.sorted(by: { $0.slice.text.lowerBound < $1.slice.text.lowerBound }) {
            guard let place = slice.places.first, slice.text.lowerBound >= result.last?.range.upperBound ?? 0 else {
                continue
            }
            let share = Double(place.count) / Double(max(1, contexts[context].context.byteCount))
            let others = slice.places.count > 1 ? ", or one of \(slice.places.count - 1) other places" : ""
            result.append(
                PromptSlice(
                    range: slice.text,
                    label: "\(map.name(of: context))[\(place.lowerBound.grouped):\(place.upperBound.grouped)] "
                        + ContextSlice.percent(share) + others))
        }
        return result
    }

    private func readings(
        _ shown: ShownText, _ context: Int, _ scope: Address?, _ preferred: ByteRanges?, _ matcher: SliceMatcher
    ) throws -> [NodeReading] {
        var byBlock: [Int: [Slice]] = [:]
        var byteCount = 0
        for text in shown.texts {
            let key = Key(text: text, context: context, scope: scope)
            var content: String?
            if slices[key] == nil {
                let read = try store.text(text)
                content = read
                byteCounts[text] = read.utf8.count
                slices[key] = matcher.slices(in: read, preferred: preferred)
            }
            byteCount += byteCounts[text] ?? 0
            guard let found = slices[key], !found.isEmpty else { continue }
            guard shown.kind == .output, shown.blocks.count > 1 else {
                byBlock[shown.blocks.first?.ordinal ?? 0, default: []] += found
                continue
            }
            let sections = try sections(of: content ?? store.text(text), shown.blocks)
            for slice in found {
                let block = sections.last { $0.start <= slice.text.lowerBound }?.block ?? shown.blocks[0].ordinal
                byBlock[block, default: []].append(slice)
            }
        }
        return byBlock.sorted { $0.key < $1.key }.map { block, slices in
            NodeReading(
                address: shown.kind == .output ? shown.address.appending(.block(block)) : shown.address,
                context: context,
                part: shown.kind == .output ? .output : .prompt,
                reader: scope == nil && (shown.kind == .output || shown.kind == .beginning) ? .root : .subcall,
                isRead: shown.isRead,
                ranges: ByteRanges(slices.flatMap(\.places)),
                ambiguous: ByteRanges(slices.filter(\.isAmbiguous).flatMap(\.places)),
                textByteCount: byteCount,
                // A prompt's tokens are those of its whole history; what is new in it has no number of its own.
                inputTokens: shown.kind == .prompt ? shown.inputTokens : nil
            )
        }
    }

    /// Where in a message the output of each block begins: at its head where there is one, else where what it printed is.
    private func sections(
        of message: String, _ blocks: [(ordinal: Int, stdout: Int64?)]
    ) throws -> [(start: Int, block: Int)] {
        let bytes = Array(message.utf8)
        var from = 0
        var sections: [(start: Int, block: Int)] = []
        for block in blocks {
            let printed = try block.stdout.map { try store.text($0) } ?? ""
            let beginning = printed.utf8.prefix(64)
            let heads = [
                Array("Output of block \(block.ordinal):\n".utf8) + beginning, Array(beginning),
                Array("Output of block \(block.ordinal):\n".utf8),
            ]
            for head in heads where !head.isEmpty {
                let place = bytes.withUnsafeBytes { ByteSearch(head).first(in: $0, from: from) }
                guard let start = place else { continue }
                sections.append((start, block.ordinal))
                from = start + 1
                break
            }
        }
        return sections
    }
}

extension Address {
    /// The recursive call that a node belongs to; nil for what belongs to the root. A call itself belongs to the one that
    /// made it.
    var enclosingCall: Address? {
        var steps = steps[...]
        if case .call? = steps.last { steps = steps.dropLast() }
        while let last = steps.last {
            if case .call = last { return Address(steps: Array(steps)) }
            steps = steps.dropLast()
        }
        return nil
    }
}
