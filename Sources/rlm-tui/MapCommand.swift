import Application
import ArgumentParser
import ContextMap
import Trajectory
import TrajectoryStore

/// `rlm-tui map`: which parts of a run's contexts were read, and by whom.
struct MapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "Which parts of a run's contexts were read, by whom, and what nobody looked at.",
        discussion: """
            A stretch of 24 characters or more that a model was given or shown counts as read: the prompt of a sub-call, \
            and what a block printed as far as the next request had it. Places are bytes of the context, the end not \
            included.

            EXAMPLES
              rlm-tui map latest
              rlm-tui map latest --json
              rlm-tui map latest --find 'vault code'      who saw it?
              rlm-tui map latest --find '/code: [0-9]+/'  a regular expression

            With --find the exit status is 1 when a place was seen by nobody, or there is none.
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run"))
    var target: String

    @Option(
        help: ArgumentHelp("Says of each place in the contexts with this text who saw it.", valueName: "text|/regex/"))
    var find: String?

    @Flag(help: "One JSON value.")
    var json = false

    @OptionGroup var store: StoreOption

    func run() async throws {
        let needle = try find.map { text in
            do { return try Needle(text) } catch let error as NeedleError { throw UsageError("--find: \(error)") }
        }
        let store = try store.openForReading()
        let run = try await RunArgument(target).resolve(in: store)
        let reading = RunMapReading(store: store, run: run.id)
        let map = try reading.map()
        if map.contexts.isEmpty {
            ErrorReport.say("run \(run.id.short) has no stored context, so there is nothing to map")
        }
        if let needle { return try show(needle, map, try reading.contexts()) }
        if json { return try JSONOutput.print(MapJSON(map: map)) }
        MapText(map: map, contexts: try reading.contexts()).print()
    }

    /// Places of a text that are printed; more say nothing that these do not.
    private static let placeLimit = 100_000

    private func show(_ needle: Needle, _ map: RunMap, _ contexts: [MappedContext]) throws {
        var found: [FoundPlace] = []
        for (index, context) in contexts.enumerated() {
            for place in needle.places(in: context, limit: Self.placeLimit - found.count) {
                let nodes = map.nodes(thatSaw: place, of: index)
                found.append(FoundPlace(context: map.name(of: index), range: place, seenBy: nodes))
            }
        }
        if found.count >= Self.placeLimit {
            ErrorReport.say("there are \(Self.placeLimit.grouped) places or more; the first are shown")
        }
        if json {
            try JSONOutput.print(found)
        } else {
            for place in found { StandardOutput.say(place.line) }
        }
        guard !found.isEmpty else {
            ErrorReport.say("\(find ?? "") stands nowhere in the run's contexts")
            throw SilentExit(status: .runFailed)
        }
        let unseen = found.count { $0.seenBy.isEmpty }
        guard unseen == 0 else {
            if !json { ErrorReport.say("\(unseen.counted("place")) of \(found.count.grouped) was seen by nobody") }
            throw SilentExit(status: .runFailed)
        }
    }
}

/// A place in a context where something was found, and who saw it.
struct FoundPlace: Encodable {
    let context: String
    let range: Range<Int>
    let seenBy: [Address]

    var line: String {
        let nodes = seenBy.isEmpty ? "seen by nobody" : "seen by \(seenBy.map(\.description).joined(separator: " "))"
        return "\(context)[\(range.lowerBound.grouped):\(range.upperBound.grouped)]  \(nodes)"
    }

    private enum CodingKeys: String, CodingKey { case context, start, end, seen_by }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(context, forKey: .context)
        try container.encode(range.lowerBound, forKey: .start)
        try container.encode(range.upperBound, forKey: .end)
        try container.encode(seenBy.map(\.description), forKey: .seen_by)
    }
}
