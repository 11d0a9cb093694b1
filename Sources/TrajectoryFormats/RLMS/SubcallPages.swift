internal import Trajectory
internal import TrajectoryStore

/// The sub-calls of an iteration, block by block, a page of them in memory.
final class SubcallPages {
    private let node: Node
    private let store: TrajectoryStore
    private let limit: Int
    private var offset: Int
    private var waiting: ArraySlice<Node> = []

    /// - Parameter blockCount: Of the iteration, whose children begin with its blocks.
    init(of node: Node, after blockCount: Int, in store: TrajectoryStore, limit: Int) {
        self.node = node
        self.store = store
        self.limit = limit
        offset = blockCount
    }

    /// The next sub-call that a block made; of any block that is left, with nil.
    func next(ofBlock ordinal: Int?) throws -> Node? {
        if waiting.isEmpty, offset < node.childCount {
            waiting = try store.children(of: node, offset: offset, limit: limit)[...]
            offset += waiting.count
        }
        guard let call = waiting.first else { return nil }
        if let ordinal, let block = call.block, block > ordinal { return nil }
        return waiting.popFirst()
    }
}
