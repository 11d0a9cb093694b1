// The run that is open: its tree as rows, what of it has been read, the cursor, and the detail beside it.

import Terminal
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
        }
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
        case nil: break
        }
    }

    package mutating func select(_ path: TreeRows.Path) {
        if let index = rows.index(of: path) { select(row: index) } else { cursor = .node(path) }
    }

    /// Moves the window so that the cursor is inside.
    package mutating func scroll(height: Int) {
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
        if case .node(let path) = cursor, let row = rows.index(of: path),
            case .queued(let parent, _)? = rows.row(at: row)
        {
            cursor = .queued(parent)
        }
        top += selectedRow - before
    }

    // MARK: What was read

    package mutating func take(run: Run, root: Node) {
        self.run = run
        self.root = root
        runGeneration = cache.generation
    }

    package mutating func take(_ reading: BranchReading, at path: TreeRows.Path, opening: Bool) {
        cache.keep(reading, at: path)
        if path.isEmpty { root = reading.node }
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
            queuedTail: unfoldedQueues.contains(path) ? 0 : reading.queuedTail
        )
    }

    // MARK: Opening and closing

    package mutating func close(_ path: TreeRows.Path) {
        openedByItself.insert(path)
        rows.close(path)
        if cursor.path.starts(with: path), cursor.path.count > path.count || cursor == .queued(path) {
            cursor = .node(path)
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

    /// Puts the cursor on the newest iteration of the root, with as much of what is below it as fits. Gives the node
    /// when it ought to be opened.
    package mutating func follow(height: Int) -> (TreeRows.Path, Node)? {
        guard isFollowing, let children = cache.reading(of: [])?.children, children > 0 else { return nil }
        let path: TreeRows.Path = [.child(children - 1)]
        cursor = .node(path)
        let row = selectedRow
        let below = rows.isOpen(path) ? rows.count - 1 - row : 0
        top = max(0, min(row, max(top, row + below - height + 1)))
        guard let node = node(at: path), canOpen(node), !rows.isOpen(path), openedByItself.insert(path).inserted
        else { return nil }
        return (path, node)
    }
}
