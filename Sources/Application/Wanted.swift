// What the screen needs that has not been read. Asked before every frame, so nothing is read that nobody looks at.

import Foundation
import Trajectory
import Views

extension ExplorerModel {
    /// Commands that read what the screen shows; none when all of it is there.
    package mutating func wanted() -> [Command] {
        var commands: [Command] = []
        let layout = layout
        if layout.runs != nil || open == nil {
            let rows = runs.top..<runs.top + max(1, runsHeight)
            if let pages = runs.wanted(rows: rows) { commands.append(.loadRuns(pages: pages)) }
        }
        guard var open, !layout.isTooSmall else { return commands }
        if open.runGeneration < open.cache.generation { commands.append(.loadRun(open.id)) }
        if open.root != nil {
            commands += open.wantedBranches()
            if layout.tree != nil || layout.detail != nil { commands += open.wantedPages(rows: visibleTree) }
            if layout.detail != nil, let command = open.wantedDetail() { commands.append(command) }
            if let command = open.wantedProblems() { commands.append(command) }
            if let command = open.wantedHolds() { commands.append(command) }
            if open.staleOf != open.edits {
                open.staleOf = open.edits
                commands.append(.findStale(open.id, open.edits))
            }
            if let command = open.wantedMap(isLookedAt: isMapShown, at: now) { commands.append(command) }
        }
        if focus == .forks, forks.run != open.id { commands.append(.loadFamily(open.id)) }
        self.open = open
        if let command = wantedPage() { commands.append(command) }
        return commands
    }

    private var isMapShown: Bool { if case .map? = overlay { true } else { false } }
}

extension OpenRun {
    fileprivate mutating func wantedBranches() -> [Command] {
        rows.openPaths.compactMap { path in
            guard cache.needsReading(path), let node = node(at: path) else { return nil }
            return .readBranch(path, node, opening: path.isEmpty && cache.reading(of: path) == nil)
        }
    }

    fileprivate mutating func wantedPages(rows visible: Range<Int>) -> [Command] {
        var commands: [Command] = []
        var asked: Set<[TreeRows.Slot]> = []
        // The cursor's own page as well: its detail or peek is shown wherever the window is.
        for row in Array(visible) + [selectedRow] {
            guard case .node(let path)? = rows.row(at: row), case .child(let child)? = path.last else { continue }
            let parent = Array(path.dropLast())
            let page = child / NodeCache.pageSize
            guard cache.needsPage(of: parent, holding: child), asked.insert(parent + [.child(page)]).inserted,
                let node = node(at: parent), let reading = cache.reading(of: parent)
            else { continue }
            commands.append(.loadPage(of: parent, node, blocks: reading.blocks.count, page: page))
        }
        return commands
    }

    /// The map is read again when the run has changed, once it is not being read. A very large run has none until
    /// somebody looks at it.
    fileprivate mutating func wantedMap(isLookedAt: Bool, at now: Date) -> Command? {
        guard let run, !isMapBeingRead, mapGeneration < cache.generation,
            isLookedAt || run.calls.total <= Self.largestMappedRun, run.status.isFinal || now >= mapDue
        else { return nil }
        mapGeneration = cache.generation
        isMapBeingRead = true
        return .readMap(id)
    }

    /// Where the counts of calls show that there is a problem, nothing has to be read to know it. Otherwise iterations
    /// and code may have failed, or something be stale: that is counted anew when the run has gone on.
    fileprivate mutating func wantedProblems() -> Command? {
        guard let run, !run.calls.hasProblems else { return nil }
        let key = ProblemsKey(
            iterations: run.iterations,
            done: run.calls.done,
            status: run.status,
            // A run that is over changes by edits alone, which are few.
            generation: run.status.isFinal ? cache.generation : 0
        )
        guard key != problemsKey else { return nil }
        problemsKey = key
        return .countProblems(id)
    }

    /// Holds are read again while there can be other ones.
    fileprivate mutating func wantedHolds() -> Command? {
        guard let run, holdsGeneration < cache.generation else { return nil }
        holdsGeneration = cache.generation
        return run.status.isFinal && holds == nil && run.calls.held == 0 ? nil : .loadHolds(id)
    }

    fileprivate func wantedDetail() -> Command? {
        guard let node = selectedNode else { return nil }
        if let detail, detail.path == cursor.path {
            let hasChanged = detail.node != node || (detail.generation < cache.generation && !node.status.isFinal)
            // The root's detail has the run's own row in it, which ends after the root does.
            let isRootOfChangedRun = cursor.path.isEmpty && detail.generation < runGeneration
            guard hasChanged || isRootOfChangedRun else { return nil }
        }
        return .loadDetail(cursor.path, node, id)
    }
}
