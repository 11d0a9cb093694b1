// The state of the explorer: what is known of the store, what is looked at, and what a person is in the middle of.

import ContextMap
package import Foundation
package import Terminal
package import Trajectory
package import Views

package struct ExplorerModel: Sendable {
    package enum Overlay: Hashable, Sendable {
        case help(Pane, first: Int)
        case commands(filter: InputLine, selected: Int)
        /// Which text of a node, and what for.
        case texts(ChoiceMenu, NodeTexts, TextUse)
        /// Which part of a node is to be changed.
        case parts(ChoiceMenu, RunID, EditableTexts)
        /// Whether the name or the note of a run is to be changed.
        case describing(ChoiceMenu, RunID)
        case map(MapCursor)
    }

    /// What a line at the bottom waits for.
    package enum Waiting: Hashable, Sendable {
        /// A pattern being typed, for that pane.
        case pattern(InputLine, Pane)
        /// A text being typed that is looked for in the context.
        case contextPattern(InputLine)
        /// Whether to stop the runs of this process and leave.
        case leaving
        /// Whether to stop a run of this process and stay.
        case cancelling(RunID)
        /// The rules that hold what comes, being typed; where they were refused, at which character and why.
        case holdRules(InputLine, RunID, at: Int?, reason: String)
        /// A part of a node, being typed.
        case editing(InputLine, RunID, Address, EditedPart)
        /// How many times a node is to be run again.
        case times(InputLine, NodeEdit)
        /// A name or note of a run.
        case describing(InputLine, RunID, isNote: Bool)
        /// Whether to drop what is held.
        case dropping(Hold)
    }

    package var size: Size
    package var focus: Pane
    /// The pane the explorer began with: going back from it leaves.
    package let base: Pane
    package var isZoomed = false
    package var overlay: Overlay?
    package var waiting: Waiting?
    package var notice: KeyLine?
    /// What this process's writer waits for; said at the bottom until it goes on.
    package var storeWaiting: String?
    /// What was searched for in the list of runs; in an open run its `search` knows.
    package var runsPattern: SearchPattern?
    /// Patterns that were entered before, oldest first.
    package var searched: [String] = []
    /// Commands that were chosen before, oldest first.
    package var commanded: [String] = []
    /// Seconds that the screen has shown of runs that go on, or went on when they were seen first.
    private(set) var shownElapsed: [RunID: Double] = [:]
    /// Seconds by which the clock was set back during a run.
    private var clockSetBack: [RunID: Double] = [:]

    package var runs = RunsList()
    package var open: OpenRun?
    /// What was changed in runs that were open before, and not run yet.
    var edits: [RunID: PendingEdits] = [:]
    /// Rows of what is held, and of the family of the open run.
    package var held = RowCursor()
    package var forks = ForksList()
    /// What has the whole body, where that is a text.
    package var comparison: ShownComparison?
    package var variables: WideText?
    package var forecast: ShownForecast?
    /// The pane from which one came to the one that has the whole body.
    package var focusBefore: Pane = .tree
    /// The list from which one came to a comparison.
    var comparisonFrom: Pane?

    package let keyMap: KeyMap
    package let glyphs: GlyphSet
    package let timeZone: TimeZone
    package var now: Date
    /// The runs whose engines live in this process.
    package var ownRuns: OwnRunStates
    package var isOwnRunGoing: Bool { !ownRuns.going.isEmpty }
    /// What the terminal can be asked to do.
    package let abilities: Abilities
    package var interrupts = 0
    package var outcome: ExplorerOutcome?
    /// What the store's path is, for the first line while there is no run.
    package let storePath: String

    package struct Abilities: Hashable, Sendable {
        package var canCopy = false
        package var canPage = false
        package var canEdit = false
        package var canSuspend = false
        /// Whether stored runs can be gone back to.
        package var canTravel = false

        package init(
            canCopy: Bool = false, canPage: Bool = false, canEdit: Bool = false, canSuspend: Bool = false,
            canTravel: Bool = false
        ) {
            self.canTravel = canTravel
            self.canCopy = canCopy
            self.canPage = canPage
            self.canEdit = canEdit
            self.canSuspend = canSuspend
        }
    }

    /// - Parameter run: the run to begin with; nil begins with the list.
    package init(
        size: Size,
        run: RunID?,
        isLive: Bool,
        ownRuns: OwnRunStates = OwnRunStates(),
        keyMap: KeyMap = .standard,
        glyphs: GlyphSet = .unicode,
        timeZone: TimeZone = .gmt,
        now: Date,
        abilities: Abilities = Abilities(),
        storePath: String = ""
    ) {
        self.size = size
        self.keyMap = keyMap
        self.glyphs = glyphs
        self.timeZone = timeZone
        self.now = now
        self.ownRuns = ownRuns
        self.abilities = abilities
        self.storePath = storePath
        base = run == nil ? .runs : .tree
        focus = base
        open = run.map { OpenRun(id: $0, isFollowing: isLive) }
    }

    package var layout: Layout {
        let hasBand = (focus == .tree || focus == .detail) && open?.map?.contexts.isEmpty == false
        return Layout(size: size, focus: focus, isZoomed: isZoomed, hasBand: hasBand)
    }
    package var pen: Pen { Pen(glyphs: glyphs, now: now, timeZone: timeZone) }

    package func header(_ run: Run) -> RunHeader {
        var header = RunHeader(run: run, isOwn: ownRuns.going.contains(run.id))
        header.isPaused = ownRuns.paused.contains(run.id)
        header.holdRules = ownRuns.holdRules[run.id]?.count ?? 0
        header.shownElapsed = shownElapsed[run.id]
        header.clockSetBack = clockSetBack[run.id] ?? 0
        if let open, open.id == run.id {
            header.rate = open.rate
            header.errorsInARow = open.errorsInARow
            header.holds = open.holds?.count
        }
        return header
    }

    // MARK: Time

    /// Takes the time it is now. A clock that was set back does not set back the runs.
    mutating func take(now: Date) {
        let back = self.now.timeIntervalSince(now)
        if back > 0 { for id in shownElapsed.keys { clockSetBack[id, default: 0] += back } }
        self.now = now
    }

    /// Remembers how long the runs that go on have been seen to go on.
    mutating func keepElapsed() {
        var seen = visibleRuns.compactMap { runs.run(at: $0) }
        if let run = open?.run { seen.append(run) }
        for run in seen {
            let header = header(run)
            guard header.isLive(at: now) || shownElapsed[run.id] != nil else { continue }
            if let elapsed = header.elapsed(at: now) { shownElapsed[run.id] = elapsed }
        }
    }

    package var isOpenRunLive: Bool { open?.run.map { header($0).isLive(at: now) } ?? false }

    // MARK: Room

    package var runsHeight: Int { max(1, (layout.runs?.height ?? 2) - RunsView.headingRows) }
    package var treeHeight: Int { max(1, (layout.tree?.height ?? 2) - TreeView.headingRows) }
    package var listHeight: Int { layout.wide.map { ListView.rowCount($0) } ?? 1 }
    package var wideTextSize: Size? { layout.wide.map { DetailView.textRect($0).size } }
    package var textSize: Size? { layout.detail.map { DetailView.textRect($0).size } }

    /// The rows of a list pane that are on the screen.
    package var visibleRuns: Range<Int> { runs.top..<max(runs.top, min(runs.top + runsHeight, runs.total)) }
    package var visibleTree: Range<Int> {
        guard let open else { return 0..<0 }
        return open.top..<max(open.top, min(open.top + treeHeight, open.rows.count))
    }
}
