// The nodes of an open run that have been read: pages of siblings around what is on the screen, and nothing else.

package import Trajectory
package import Views

/// Pages of children by the path of their parent.
package struct NodeCache: Sendable {
    /// Children a page.
    package static let pageSize = 64
    /// Pages kept at most; the ones not looked at for longest go first.
    package static let pageLimit = 96

    private struct PageKey: Hashable, Sendable {
        let parent: TreeRows.Path
        let page: Int
    }

    private struct Page: Sendable {
        var nodes: [Node]
        var generation: Int
        var lastUse: Int
    }

    private var pages: [PageKey: Page] = [:]
    private var readings: [TreeRows.Path: (reading: BranchReading, generation: Int)] = [:]
    private var uses = 0
    /// Goes up when the store has changed; what is older is read again when it is looked at.
    package private(set) var generation = 0

    package var pageCount: Int { pages.count }

    package mutating func expire() { generation += 1 }

    // MARK: Branches

    package func reading(of path: TreeRows.Path) -> BranchReading? { readings[path]?.reading }

    /// Whether an open branch must be read again: never read, or read before the last change while it was going on.
    package func needsReading(_ path: TreeRows.Path) -> Bool {
        guard let (reading, generation) = readings[path] else { return true }
        return generation < self.generation && !reading.node.status.isFinal
    }

    package mutating func keep(_ reading: BranchReading, at path: TreeRows.Path) {
        readings[path] = (reading, generation)
    }

    // MARK: Pages

    package func node(at path: TreeRows.Path) -> Node? {
        guard let slot = path.last else { return nil }
        let parent = Array(path.dropLast())
        switch slot {
        case .block(let number):
            guard let blocks = readings[parent]?.reading.blocks, number < blocks.count else { return nil }
            return blocks[number]
        case .child(let number):
            guard let page = pages[PageKey(parent: parent, page: number / Self.pageSize)] else { return nil }
            let inside = number % Self.pageSize
            return inside < page.nodes.count ? page.nodes[inside] : nil
        }
    }

    /// Whether a page must be read to show a child; marks it as looked at.
    package mutating func needsPage(of parent: TreeRows.Path, holding child: Int) -> Bool {
        let key = PageKey(parent: parent, page: child / Self.pageSize)
        guard let page = pages[key] else { return true }
        uses += 1
        pages[key]?.lastUse = uses
        return page.generation < generation
    }

    package mutating func keep(_ nodes: [Node], page: Int, of parent: TreeRows.Path) {
        uses += 1
        pages[PageKey(parent: parent, page: page)] = Page(nodes: nodes, generation: generation, lastUse: uses)
        guard pages.count > Self.pageLimit else { return }
        let oldest = pages.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(pages.count - Self.pageLimit * 3 / 4)
        for (key, _) in oldest { pages[key] = nil }
    }
}
