// The run that is open: its tree as rows, what of it has been read, the cursor, and the detail beside it.

import Foundation
import Terminal
package import ContextMap
package import Trajectory
package import Views

package struct OpenRun: Sendable {
    /// A run with at most this many calls shows all of its tree at once.
    package static let smallRun = 60

    package let id: RunID
    package var run: Run?
    package var root: Node?
    package var rows = TreeRows()
    package var cache = NodeCache()
    package var cursor: TreeCursor = .node([])
    package var top = 0
    package var isFollowing = false
    package var showsBlocks = false
    package var detail: Detail?
    package var wraps = true
    /// What was searched for, and where it is.
    package var search: RunSearch?
    /// How many nodes failed, were cancelled, met a limit, are held or stale; nil where they were not counted.
    package var problemCounts: [Problem: Int]?
    /// What the run looked like when its problems were counted.
    var problemsKey: ProblemsKey?
    /// What waits for a person, and when it was read; nil until it was.
    package var holds: [Hold]?
    var holdsGeneration = -1
    /// What a person has changed and not run yet.
    package var edits = PendingEdits()
    /// Nodes that follow from these, which `]` walks through, and for which edits they were found.
    package var stale: [Address] = []
    var staleOf = PendingEdits()
    /// An edit that Python would not take, to be gone on with.
    var rejected: NodeEdit?
    /// What was tried alone, by node.
    package var tried: [Address: NodeTry] = [:]
    /// Nodes that a person has marked, the latest last.
    package var marked: [Address] = []
    /// How fast the run spends; nil until there is a rate.
    package var rate: SpendingRate?
    /// Which parts of the contexts were read; nil until that is known.
    package private(set) var map: RunMap?
    /// Of each of its contexts.
    package private(set) var coverages: [Coverage] = []
    /// What rows say of sub-calls: the slice they were given.
    package private(set) var previews: [Address: String] = [:]
    /// Generation of the cache in which the map was asked for.
    var mapGeneration = -1
    var isMapBeingRead = false
    /// When it may be read again.
    var mapDue = Date.distantPast
    /// Calls of a run whose map is made without being asked for.
    static let largestMappedRun = 20_000
    /// Rows of the pane.
    private var height = 0
    /// Finished sub-calls that share rows, by their iteration. They are folded while the run is followed; once a
    /// person moves the cursor, no row disappears under it.
    private var finishedFolds: [TreeRows.Path: [Range<Int>]] = [:]
    /// Iterations whose finished sub-calls a person wanted to see.
    private var unfoldedFinished: Set<TreeRows.Path> = []
    /// Generation of the cache in which the run's own row was read.
    var runGeneration = -1
    /// Nodes that were opened without being asked; each only once, so that what a person closes stays closed.
    private var openedByItself: Set<TreeRows.Path> = []
    /// Branches whose queued children are shown one by one.
    private var unfoldedQueues: Set<TreeRows.Path> = []

    package init(id: RunID, isFollowing: Bool = false) {
        self.id = id
        self.isFollowing = isFollowing
    }

    /// A node that was read. Those of open branches are known even when the page they stand on has been let go.
    package func node(at path: TreeRows.Path) -> Node? {
        path.isEmpty ? root : cache.node(at: path) ?? cache.reading(of: path)?.node
    }

    /// The node under the cursor, or the one whose queue it is on.
    package var selectedNode: Node? { node(at: cursor.path) }

    package var selectedRow: Int {
        switch cursor {
        case .node(let path): rows.nearestIndex(of: path)
        case .queued(let parent): rows.indexOfQueued(in: parent) ?? rows.nearestIndex(of: parent)
        case .finished(let parent, let child): rows.nearestIndex(of: parent + [.child(child)])
        }
    }

    /// Whether there is a problem to go to.
    var hasProblems: Bool {
        run?.calls.hasProblems == true || problemCounts?.isEmpty == false || !stale.isEmpty || holds?.isEmpty == false
    }

    /// A node as the screen shows it: with what is changed and not run, and what follows from that.
    package func marked(_ node: Node) -> Node {
        guard !edits.isEmpty else { return node }
        var node = node
        if edits[node.address] != nil {
            node.origin = .edited
        } else if node.freshness == .fresh, edits.isStale(node.address, place: callPlace) {
            node.freshness = .stale
        }
        return node
    }

    private func callPlace(_ address: Address) -> CallPlace? {
        node(at: address.path).map { CallPlace(block: $0.block, batch: $0.batch) }
    }

    /// The hold of a node; the latest where there are several.
    package func hold(of address: Address) -> Hold? { holds?.last { $0.address.steps == address.steps } }

    /// Iterations of the root that failed one after the other up to now; nil where they were not read.
    package var errorsInARow: Int? {
        guard let count = cache.reading(of: [])?.children else { return nil }
        var errors = 0
        for number in (0..<count).reversed() {
            guard let node = cache.node(at: [.child(number)]) else { return number == count - 1 ? nil : errors }
            if !node.status.isFinal { continue }
            guard node.status == .failed || node.failure != nil else { return errors }
            errors += 1
        }
        return errors
    }

    package func canOpen(_ node: Node) -> Bool {
        switch node.kind {
        case .rlm: node.childCount > 0
        case .iteration: node.calls.total > 0 || node.childCount > 1 || (showsBlocks && node.childCount > 0)
        case .llm, .block: false
        }
    }

    // MARK: The cursor

    package mutating func select(row: Int) {
        switch rows.row(at: min(max(0, row), rows.count - 1)) {
        case .node(let path): cursor = .node(path)
        case .queued(let parent, _): cursor = .queued(parent)
        case .finished(let parent, let children): cursor = .finished(parent, child: children.lowerBound)
        case nil: break
        }
    }

    package mutating func select(_ path: TreeRows.Path) {
        if let index = rows.index(of: path) { select(row: index) } else { cursor = .node(path) }
    }

    /// Moves the window so that the cursor is inside.
    package mutating func scroll(height: Int) {
        self.height = height
        let selected = selectedRow
        top = min(max(0, top), max(0, rows.count - height))
        if selected < top { top = selected }
        if selected >= top + height { top = max(0, selected - height + 1) }
    }

    /// Does something to the rows and leaves the cursor on its node and on its line of the screen.
    private mutating func keepingPlace(_ body: (inout OpenRun) -> Void) {
        let before = selectedRow
        body(&self)
        if case .queued(let parent) = cursor, rows.indexOfQueued(in: parent) == nil {
            // The last of the queue has started: the cursor stays on it.
            let last = (rows.counts(of: parent)?.children ?? 0) - 1
            cursor = last >= 0 ? .node(parent + [.child(last)]) : .node(parent)
        }
        if case .finished(let parent, let child) = cursor, rows.counts(of: parent)?.fold(of: child) == nil {
            cursor = .node(parent + [.child(child)])
        }
        if case .node(let path) = cursor, let row = rows.index(of: path) {
            switch rows.row(at: row) {
            case .queued(let parent, _)?: cursor = .queued(parent)
            case .finished(let parent, let children)?: cursor = .finished(parent, child: children.lowerBound)
            case .node?, nil: break
            }
        }
        top += selectedRow - before
    }

    // MARK: What was read

    mutating func take(_ read: ReadMap, at now: Date) {
        isMapBeingRead = false
        // A large run that goes on is not read again and again: nine tenths of the time nothing is done about its map.
        mapDue = now.addingTimeInterval(read.seconds * 9)
        map = read.map
        coverages = read.coverages
        previews = read.previews
    }

    package mutating func take(run: Run, root: Node) {
        self.run = run
        self.root = root
        runGeneration = cache.generation
        if run.status.isFinal { finishedFolds = [:] }
    }

    package mutating func take(_ reading: BranchReading, at path: TreeRows.Path, opening: Bool) {
        cache.keep(reading, at: path)
        if path.isEmpty { root = reading.node }
        foldFinished(reading, at: path)
        let counts = counts(of: reading, at: path)
        keepingPlace { open in
            if opening { open.rows.open(path, counts) } else { open.rows.recount(path, counts) }
        }
    }

    /// Takes a page of children. Gives the nodes that open by themselves.
    package mutating func take(_ nodes: [Node], page: Int, of parent: TreeRows.Path) -> [(TreeRows.Path, Node)] {
        cache.keep(nodes, page: page, of: parent)
        guard let run, run.calls.total <= Self.smallRun else { return [] }
        var opening: [(TreeRows.Path, Node)] = []
        for (offset, node) in nodes.enumerated() where canOpen(node) {
            let path = parent + [.child(page * NodeCache.pageSize + offset)]
            if openedByItself.insert(path).inserted, !rows.isOpen(path) { opening.append((path, node)) }
        }
        return opening
    }

    private func counts(of reading: BranchReading, at path: TreeRows.Path) -> TreeRows.Counts {
        TreeRows.Counts(
            blocks: showsBlocks || reading.blocks.count > 1 ? reading.blocks.count : 0,
            children: reading.children,
            queuedTail: unfoldedQueues.contains(path) ? 0 : reading.queuedTail,
            finished: finishedFolds[path] ?? []
        )
    }

    /// While the run is followed, finished sub-calls give way to those that run, wait or failed, where not all have room.
    private mutating func foldFinished(_ reading: BranchReading, at path: TreeRows.Path) {
        if reading.node.status.isFinal { finishedFolds[path] = nil }
        guard isFollowing, !unfoldedFinished.contains(path), reading.frontier != nil else { return }
        let rows = reading.blocks.count + reading.children - reading.queuedTail
        guard rows + 4 > height, height > 0 else {
            finishedFolds[path] = nil
            return
        }
        var kept: Int?
        if case .node(let selected) = cursor, selected.count > path.count, selected.starts(with: path),
            case .child(let child) = selected[path.count]
        {
            kept = child
        }
        finishedFolds[path] = reading.finished(keeping: kept)
    }

    // MARK: Opening and closing

    package mutating func close(_ path: TreeRows.Path) {
        openedByItself.insert(path)
        rows.close(path)
        if cursor.path.starts(with: path), cursor.path.count > path.count || cursor.isOnFold {
            cursor = .node(path)
        }
    }

    /// Shows finished sub-calls one by one.
    package mutating func unfoldFinished(of parent: TreeRows.Path) {
        guard let reading = cache.reading(of: parent) else { return }
        if case .finished(parent, let child) = cursor { cursor = .node(parent + [.child(child)]) }
        unfoldedFinished.insert(parent)
        finishedFolds[parent] = nil
        keepingPlace { $0.rows.recount(parent, $0.counts(of: reading, at: parent)) }
    }

    /// Shows the rows of a node's siblings, whatever is folded among them, and puts the cursor on it; a block that has no
    /// row of its own stands with its iteration.
    package mutating func reveal(_ path: TreeRows.Path) {
        isFollowing = false
        for length in 0..<path.count {
            let parent = Array(path.prefix(length))
            guard case .child(let child) = path[length], let counts = rows.counts(of: parent),
                counts.fold(of: child) != nil
            else { continue }
            if child >= counts.single { unfoldQueue(of: parent) } else { unfoldFinished(of: parent) }
        }
        if rows.index(of: path) == nil, case .block? = path.last { return select(Array(path.dropLast())) }
        select(path)
    }

    /// Follows again, with everything folded that was unfolded by hand.
    package mutating func startFollowing() {
        isFollowing = true
        unfoldedFinished = []
        for path in rows.openPaths {
            guard let reading = cache.reading(of: path) else { continue }
            foldFinished(reading, at: path)
            rows.recount(path, counts(of: reading, at: path))
        }
    }

    package mutating func unfoldQueue(of parent: TreeRows.Path) {
        guard let counts = rows.counts(of: parent), let reading = cache.reading(of: parent) else { return }
        unfoldedQueues.insert(parent)
        cursor = .node(parent + [.child(counts.single)])
        rows.recount(parent, self.counts(of: reading, at: parent))
    }

    package mutating func toggleBlocks() {
        showsBlocks.toggle()
        keepingPlace { open in
            for path in open.rows.openPaths {
                guard let reading = open.cache.reading(of: path) else { continue }
                open.rows.recount(path, open.counts(of: reading, at: path))
            }
        }
        if case .node(let path) = cursor, rows.index(of: path) == nil { select(row: rows.nearestIndex(of: path)) }
    }

    // MARK: Following

    /// Puts the cursor where the run goes on, with what runs, waits and failed there in view. Gives the nodes that ought to
    /// be opened for that.
    package mutating func follow(height: Int) -> [(TreeRows.Path, Node)] {
        guard isFollowing, let children = cache.reading(of: [])?.children, children > 0 else { return [] }
        var opening: [(TreeRows.Path, Node)] = []
        let path = frontier(from: [.child(children - 1)], &opening)
        cursor = .node(path)
        var row = selectedRow
        let below = rows.isOpen(path) ? rows.count - 1 - row : 0
        if below >= height, let running = lastRunning(below: path) {
            // Not all of it has room: what runs and what waits behind it is nearer to the point than how it began.
            cursor = .node(path + [.child(running)])
            row = selectedRow
            top = max(0, min(row, rows.count - height))
        } else {
            top = max(0, min(row, max(top, row + below - height + 1)))
        }
        return opening
    }

    /// From an iteration down through recursive calls that run, to the newest iteration of the deepest.
    private mutating func frontier(
        from start: TreeRows.Path,
        _ opening: inout [(TreeRows.Path, Node)]
    ) -> TreeRows.Path {
        var path = start
        for _ in 0..<Self.deepestFollowed {
            guard let node = node(at: path), canOpen(node) else { return path }
            guard rows.isOpen(path) else {
                if openedByItself.insert(path).inserted { opening.append((path, node)) }
                return path
            }
            guard let reading = cache.reading(of: path) else { return path }
            if node.kind == .iteration {
                let running = reading.frontier?.last { call in
                    call.status == .running && cache.node(at: path + [.child(call.place)])?.kind == .rlm
                }
                guard let running else { return path }
                path.append(.child(running.place))
            } else {
                guard reading.children > 0 else { return path }
                path.append(.child(reading.children - 1))
            }
        }
        return path
    }

    private func lastRunning(below path: TreeRows.Path) -> Int? {
        cache.reading(of: path)?.frontier?.last { $0.status == .running }?.place
    }

    /// Levels of recursive calls that are followed down, two rows each.
    private static let deepestFollowed = 16
}

/// What tells that the problems of a run may be others than those that were read.
struct ProblemsKey: Hashable, Sendable {
    let iterations: Int
    let done: Int
    let status: Status
    let generation: Int
}

extension CallCounts {
    /// Whether these counts alone say that something went wrong or waits for a person.
    var hasProblems: Bool { failed + cancelled + limited + held > 0 }
}
