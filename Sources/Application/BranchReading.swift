// An open node as it was read.

package import Trajectory

/// A sub-call that is not simply done.
package struct FrontierCall: Hashable, Sendable {
    /// Its place among its iteration's sub-calls, from 0.
    package let place: Int
    package let status: Status

    package init(place: Int, status: Status) {
        self.place = place
        self.status = status
    }
}

/// What was read about an open node: how many children it has, and which of them are special.
package struct BranchReading: Sendable {
    /// As it was when it was read.
    package var node: Node
    /// All of an iteration's code blocks.
    package var blocks: [Node]
    /// Children that are not blocks.
    package var children: Int
    /// Of these, how many at the end wait for their turn, as far as can be told without reading all.
    package var queuedTail: Int
    /// Of an iteration that goes on, the sub-calls before the tail that have not succeeded; nil where there are too many
    /// to be told.
    package var frontier: [FrontierCall]?

    package init(
        node: Node,
        blocks: [Node],
        children: Int,
        queuedTail: Int,
        frontier: [FrontierCall]? = nil
    ) {
        self.node = node
        self.blocks = blocks
        self.children = children
        self.queuedTail = queuedTail
        self.frontier = frontier
    }

    /// Ranges of children that are over and went well, which may share a row each. `kept` is shown by itself.
    func finished(keeping kept: Int?) -> [Range<Int>] {
        guard let frontier else { return [] }
        let single = children - queuedTail
        var ranges: [Range<Int>] = []
        var start = 0
        for place in Set(frontier.map(\.place) + (kept.map { [$0] } ?? [])).sorted() + [single] where place >= start {
            if place - start > 2 { ranges.append(start..<min(place, single)) }
            start = place + 1
        }
        return ranges
    }
}
