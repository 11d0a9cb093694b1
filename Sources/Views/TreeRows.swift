// Which row of the flattened tree is which node, by arithmetic alone: a branch knows how many children it has and which
// of them are open, so a million siblings cost nothing until they are looked at.

/// The open part of a call tree as rows, the root at row 0.
///
/// A node is named by its path from the root. Slots count from 0 in their own group and a run only ever appends to a
/// group, so a path means the same node for as long as the run is open.
package struct TreeRows: Hashable, Sendable {
    /// One step of a path. Blocks stand before the other children.
    package enum Slot: Hashable, Comparable, Sendable {
        case block(Int)
        /// An iteration of a call, or a sub-call of an iteration.
        case child(Int)
    }

    package typealias Path = [Slot]

    /// What stands on a row.
    package enum Row: Hashable, Sendable {
        case node(Path)
        /// Queued children at the end of a branch, drawn as one row.
        case queued(parent: Path, children: Range<Int>)
        /// Children that are over and went well, drawn as one row.
        case finished(parent: Path, children: Range<Int>)

        /// The node the row stands for: itself, or the one whose children it sums up.
        package var owner: Path {
            switch self {
            case .node(let path): path
            case .queued(let parent, _), .finished(let parent, _): parent
            }
        }
    }

    /// How many children a branch has. `blocks` counts those that are shown.
    package struct Counts: Hashable, Sendable {
        package var blocks: Int
        package var children: Int
        /// Of `children`, how many at the end share one row.
        package var queuedTail: Int
        /// Of the children before these, the ranges that share a row each: in order, apart, of two children or more.
        package private(set) var finished: [Range<Int>]

        package init(blocks: Int = 0, children: Int, queuedTail: Int = 0, finished: [Range<Int>] = []) {
            self.blocks = max(0, blocks)
            self.children = max(0, children)
            // One alone needs no summary.
            self.queuedTail = queuedTail > 1 ? min(queuedTail, max(0, children)) : 0
            self.finished = []
            for range in finished where range.lowerBound >= (self.finished.last?.upperBound ?? 0) {
                let range = range.clamped(to: 0..<single)
                if range.count > 1 { self.finished.append(range) }
            }
        }

        package var single: Int { children - queuedTail }
        var ownRows: Int {
            blocks + finished.reduce(single) { $0 - $1.count + 1 } + (queuedTail > 0 ? 1 : 0)
        }

        /// The summary a child is under.
        package func fold(of child: Int) -> Range<Int>? {
            child >= single ? queuedTail > 0 ? single..<children : nil : finished.first { $0.contains(child) }
        }

        /// The row of a child, or of the summary it is under, counted from the branch's first.
        func row(ofChild child: Int) -> Int {
            var row = min(child, single)
            for range in finished where range.lowerBound < child {
                row -= min(child, range.upperBound - 1) - range.lowerBound
            }
            return blocks + row
        }

        /// The child on a row, or the first one of the summary on it. Rows are counted from the first after the blocks.
        func child(onRow row: Int) -> Int {
            var child = row
            for range in finished where range.lowerBound < child { child += range.count - 1 }
            return min(child, single)
        }
    }

    private struct Branch: Hashable, Sendable {
        var counts: Counts
        var isOpen: Bool
        /// Sorted by slot; closed ones are kept, so that what was open below opens again with them.
        var branches: [Entry] = []
        /// Rows below the node, its own not counted; 0 when closed.
        var rows: Int = 0

        mutating func measure() {
            rows = isOpen ? branches.reduce(counts.ownRows) { $0 + ($1.isShown(in: counts) ? $1.branch.rows : 0) } : 0
        }

        func place(of slot: Slot) -> (index: Int, isThere: Bool) {
            var low = 0
            var high = branches.count
            while low < high {
                let middle = (low + high) / 2
                if branches[middle].slot < slot { low = middle + 1 } else { high = middle }
            }
            return (low, low < branches.count && branches[low].slot == slot)
        }
    }

    private struct Entry: Hashable, Sendable {
        var slot: Slot
        var branch: Branch

        func isShown(in counts: Counts) -> Bool {
            switch slot {
            case .block(let number): number < counts.blocks
            case .child(let number): number < counts.single && counts.fold(of: number) == nil
            }
        }
    }

    private var root: Branch

    /// A tree whose root is open and has no children yet.
    package init() { root = Branch(counts: Counts(children: 0), isOpen: true) }

    package var count: Int { 1 + root.rows }

    // MARK: Opening and closing

    /// Opens a node, or corrects the counts of one that is known already; leaves everything below as it was.
    package mutating func open(_ path: Path, _ counts: Counts) {
        change(path) { branch in
            branch = branch ?? Branch(counts: counts, isOpen: true)
            branch?.counts = counts
            branch?.isOpen = true
        }
    }

    /// Corrects the counts of a node that was opened before. Others are left alone.
    package mutating func recount(_ path: Path, _ counts: Counts) {
        change(path) { $0?.counts = counts }
    }

    package mutating func close(_ path: Path) {
        change(path) { $0?.isOpen = false }
    }

    package func isOpen(_ path: Path) -> Bool { branch(at: path)?.isOpen ?? false }

    package func counts(of path: Path) -> Counts? { branch(at: path)?.counts }

    /// Every node that is open and reachable, parents before their children.
    package var openPaths: [Path] {
        var paths: [Path] = []
        func walk(_ branch: Branch, _ path: Path) {
            guard branch.isOpen else { return }
            paths.append(path)
            for entry in branch.branches where entry.isShown(in: branch.counts) {
                walk(entry.branch, path + [entry.slot])
            }
        }
        walk(root, [])
        return paths
    }

    private func branch(at path: Path) -> Branch? {
        var branch = root
        for slot in path {
            let place = branch.place(of: slot)
            guard place.isThere else { return nil }
            branch = branch.branches[place.index].branch
        }
        return branch
    }

    private mutating func change(_ path: Path, _ body: (inout Branch?) -> Void) {
        func descend(_ branch: inout Branch, _ rest: Path.SubSequence) {
            guard let slot = rest.first else {
                var changed: Branch? = branch
                body(&changed)
                branch = changed ?? branch
                branch.measure()
                return
            }
            let place = branch.place(of: slot)
            if rest.count == 1, !place.isThere {
                var made: Branch?
                body(&made)
                guard var made else { return }
                made.measure()
                branch.branches.insert(Entry(slot: slot, branch: made), at: place.index)
            } else if place.isThere {
                descend(&branch.branches[place.index].branch, rest.dropFirst())
            } else {
                return
            }
            branch.measure()
        }
        descend(&root, path[...])
    }

    // MARK: Rows and paths

    /// What stands on a row; nil past the end.
    package func row(at index: Int) -> Row? {
        guard index >= 0, index < count else { return nil }
        var path: Path = []
        var branch = root
        var index = index
        while index > 0 {
            var below = index - 1
            // Rows of this branch's own children before `below`, open ones taken out one after the other.
            var passed = 0
            var inside: Entry?
            for entry in branch.branches where entry.branch.rows > 0 && entry.isShown(in: branch.counts) {
                let own = Self.ownRow(of: entry.slot, in: branch.counts) + passed
                if below <= own { break }
                if below <= own + entry.branch.rows {
                    inside = entry
                    below -= own
                    break
                }
                passed += entry.branch.rows
            }
            if let inside {
                path.append(inside.slot)
                branch = inside.branch
                index = below
                continue
            }
            let own = below - passed
            if own < branch.counts.blocks { return .node(path + [.block(own)]) }
            let child = branch.counts.child(onRow: own - branch.counts.blocks)
            guard let fold = branch.counts.fold(of: child) else { return .node(path + [.child(child)]) }
            return child < branch.counts.single
                ? .finished(parent: path, children: fold) : .queued(parent: path, children: fold)
        }
        return .node(path)
    }

    /// The row of a node. One that is summed up has the row of its summary; one below a closed node, and a path that
    /// leads nowhere, has none.
    package func index(of path: Path) -> Int? {
        var branch = root
        var index = 0
        for (step, slot) in path.enumerated() {
            guard branch.isOpen else { return nil }
            switch slot {
            case .block(let number): guard number >= 0, number < branch.counts.blocks else { return nil }
            case .child(let number): guard number >= 0, number < branch.counts.children else { return nil }
            }
            let place = branch.place(of: slot)
            index += 1 + Self.ownRow(of: slot, in: branch.counts)
            for entry in branch.branches[..<place.index] where entry.isShown(in: branch.counts) {
                index += entry.branch.rows
            }
            guard step + 1 < path.count else { return index }
            guard place.isThere, branch.branches[place.index].isShown(in: branch.counts) else { return nil }
            branch = branch.branches[place.index].branch
        }
        return index
    }

    /// The row of the node, or of the nearest one above it that has one.
    package func nearestIndex(of path: Path) -> Int {
        var path = path
        while !path.isEmpty {
            if let index = index(of: path) { return index }
            path.removeLast()
        }
        return 0
    }

    /// The row of the summary of queued children of a node.
    package func indexOfQueued(in parent: Path) -> Int? {
        guard let counts = counts(of: parent), counts.queuedTail > 0 else { return nil }
        return index(of: parent + [.child(counts.single)])
    }

    private static func ownRow(of slot: Slot, in counts: Counts) -> Int {
        switch slot {
        case .block(let number): number
        case .child(let number): counts.row(ofChild: number)
        }
    }
}
