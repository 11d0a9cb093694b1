// What the explorer reads of contexts.

import ContextMap
import Foundation
import Synchronization
import Trajectory
import TrajectoryStore
import Views

/// The map of the run that is open, kept so that a run that grows is not looked at from the beginning.
final class MapReadings: Sendable {
    private struct State {
        var run: RunID?
        var reading: RunMapReading?
        var lines: [ContextLines] = []
    }

    private let state = Mutex(State())

    private func reading(of run: RunID, in store: any TrajectorySource) -> RunMapReading? {
        state.withLock { state in
            if state.run == run { return state.reading }
            state = State(run: run, reading: store.mapReading(of: run))
            return state.reading
        }
    }

    /// Throws `StoreError` and `MapError`.
    func map(of run: RunID, in store: any TrajectorySource) throws -> ExplorerMessage {
        guard let reading = reading(of: run, in: store) else {
            return .mapRead(run, ReadMap())
        }
        let start = ContinuousClock.now
        let map = try reading.map()
        let contexts = try reading.contexts()
        let lines = state.withLock { state -> [ContextLines] in
            if state.run == run, state.lines.isEmpty { state.lines = contexts.map(ContextLines.init) }
            return state.lines
        }
        let previews = lines.isEmpty ? [:] : SlicePreview.all(of: map, contexts)
        let took = (ContinuousClock.now - start).components
        let coverages = map.contexts.indices.map { map.coverage(of: $0) }
        return .mapRead(
            run,
            ReadMap(
                map: map, coverages: coverages, previews: previews,
                seconds: Double(took.seconds) + Double(took.attoseconds) / 1e18))
    }

    /// What in a prompt's messages is out of the run's contexts, once these have been mapped.
    func slices(in messages: [Message], at address: Address, of run: RunID) -> [[PromptSlice]] {
        let reading = state.withLock { $0.run == run && !$0.lines.isEmpty ? $0.reading : nil }
        guard let reading else { return [] }
        return messages.map { reading.promptSlices(in: $0.content, at: address) }
    }

    func page(of run: RunID, context: Int, byte: Int, rows: Int) -> ExplorerMessage? {
        let lines = state.withLock { $0.run == run && $0.lines.indices.contains(context) ? $0.lines[context] : nil }
        guard let lines else { return nil }
        let (found, current) = lines.lines(around: byte, before: rows / 3, behind: rows)
        let page = ContextPage(
            context: context, byte: byte, rows: rows, lines: found, current: current, number: lines.number(of: byte))
        return .contextRead(run, page)
    }

    /// The next place of a text behind a byte (before it, backwards), going round at the end.
    func find(_ text: String, of run: RunID, context: Int, byte: Int, backwards: Bool) throws -> ExplorerMessage? {
        let reading = state.withLock { $0.run == run ? $0.reading : nil }
        guard let contexts = try reading?.contexts(), contexts.indices.contains(context) else { return nil }
        let needle = try Needle(text)
        let places = needle.places(in: contexts[context], limit: Self.placeLimit)
        let next = backwards ? places.last { $0.lowerBound < byte } : places.first { $0.lowerBound > byte }
        let place = next ?? (backwards ? places.last : places.first)
        return .contextFound(
            run,
            FoundInContext(
                text: text, place: place, number: place.flatMap(places.firstIndex).map { $0 + 1 } ?? 0,
                total: places.count))
    }

    private static let placeLimit = 10_000
}

/// The map of a run as the explorer has it; without contexts where there is nothing to map.
package struct ReadMap: Sendable {
    var map = RunMap(contexts: [], nodes: [])
    /// Of each context.
    var coverages: [Coverage] = []
    /// What rows say of sub-calls.
    var previews: [Address: String] = [:]
    /// How long it took to find out.
    var seconds = 0.0
}

/// A place that a search in a context led to.
package struct FoundInContext: Hashable, Sendable {
    let text: String
    /// Nil where it is nowhere.
    let place: Range<Int>?
    /// From 1, of all places.
    let number: Int
    let total: Int
}

/// Lines of a context around a byte.
package struct ContextPage: Hashable, Sendable {
    let context: Int
    let byte: Int
    let rows: Int
    let lines: [ContextLine]
    /// Which of the lines holds the byte.
    let current: Int
    /// The number of that line, from 1.
    let number: Int
}

/// What a row of the tree says of a sub-call: the slice it was given, and how it begins and ends.
enum SlicePreview {
    /// Characters of either end that are shown.
    private static let end = 28

    static func all(of map: RunMap, _ contexts: [MappedContext]) -> [Address: String] {
        var previews: [Address: String] = [:]
        for node in map.nodes where node.part == .prompt {
            guard case .call? = node.address.steps.last, previews[node.address] == nil else { continue }
            previews[node.address] = text(of: node, map, contexts[node.context])
        }
        return previews
    }

    private static func text(of node: NodeReading, _ map: RunMap, _ context: MappedContext) -> String? {
        guard let largest = node.ranges.ranges.max(by: { $0.count < $1.count }) else { return nil }
        // A prompt that was put together from many small pieces is better told by its own words.
        guard largest.count * 2 >= node.textByteCount else { return nil }
        let others = node.ranges.ranges.count - 1
        let more = others > 0 ? " and \(others) more" : ""
        let share = ContextSlice.percent(Double(node.ranges.byteCount) / Double(max(1, context.context.byteCount)))
        let place = "\(map.name(of: node.context))[\(largest.lowerBound.grouped):\(largest.upperBound.grouped)]"
        return "\(place)\(more) \(share) \"\(ends(of: largest, context))\""
    }

    /// Beginning and end of a stretch on one line.
    private static func ends(of range: Range<Int>, _ context: MappedContext) -> String {
        func line(_ part: Range<Int>) -> String {
            context.file.text(part).split(whereSeparator: \.isWhitespace).joined(separator: " ")
                .replacing("\u{FFFD}", with: "")
        }
        guard range.count > end * 8 else {
            let whole = line(range)
            return whole.count <= 2 * end ? whole : "\(whole.prefix(end)) … \(whole.suffix(end))"
        }
        let first = line(range.lowerBound..<range.lowerBound + end * 4)
        let last = line(range.upperBound - end * 4..<range.upperBound)
        return "\(first.prefix(end)) … \(last.suffix(end))"
    }
}
