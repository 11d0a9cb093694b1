// Queries that give nodes of the tree.
internal import Foundation
package import Trajectory

extension TrajectoryStore {
    /// The root call of a run. Throws `noSuchRun`.
    package func root(of run: RunID) throws -> Node {
        try readers.read { connection in
            let rows = NodeRows(connection: connection, path: path)
            return try rows.call(try rootRow(of: run, connection), address: .root)
        }
    }

    /// What is directly below a node. Of a call: its iterations; of an iteration: its blocks (current attempts), then its
    /// sub-calls, each by ordinal; of a block: nothing. Any page is as fast as the first.
    package func children(of node: Node, offset: Int = 0, limit: Int = .max) throws -> [Node] {
        guard limit > 0 else { return [] }
        let offset = max(0, offset)
        return try readers.read { connection in
            let rows = NodeRows(connection: connection, path: path)
            switch node.id {
            case .block: return []
            case .call(let call):
                return try rows.iterations(
                    of: call.rawValue,
                    from: offset + 1,
                    through: Self.end(offset, limit),
                    below: node.address
                )
            case .iteration(let iteration):
                let blocks = try rows.blockCount(of: iteration.rawValue)
                let end = Self.end(offset, limit)
                var nodes: [Node] = []
                if offset < blocks {
                    nodes = try rows.blocks(
                        of: iteration.rawValue,
                        from: offset + 1,
                        through: min(end, blocks),
                        below: node.address
                    )
                }
                if end > blocks {
                    nodes += try rows.calls(
                        of: iteration.rawValue,
                        from: max(offset - blocks, 0) + 1,
                        through: end - blocks,
                        below: node.address
                    )
                }
                return nodes
            }
        }
    }

    /// The last ordinal of a page.
    private static func end(_ offset: Int, _ limit: Int) -> Int {
        let (end, overflows) = offset.addingReportingOverflow(limit)
        return overflows ? Int.max : end
    }

    /// The node at an address; with `@n`, as its n-th attempt. Throws `noSuchRun`, and `noSuchNode` that says which part
    /// exists.
    package func node(at address: Address, in run: RunID) throws -> Node {
        try readers.read { connection in
            let rows = NodeRows(connection: connection, path: path)
            var id = NodeID.call(CallID(rawValue: try rootRow(of: run, connection)))
            var reached = Address.root
            for step in address.steps {
                guard let next = try rows.child(of: id, step) else {
                    throw StoreError(
                        code: .noSuchNode,
                        path: path,
                        message:
                            "run \(run.short) has no \(address): \(reached) has \(try rows.childrenInWords(of: id))"
                    )
                }
                id = next
                reached = reached.appending(step)
            }
            let node = try rows.node(id, address: address, attempt: address.attempt)
            if let attempt = address.attempt, attempt > node.attempts {
                let attempts = node.attempts == 1 ? "one attempt" : "\(node.attempts) attempts"
                throw StoreError(
                    code: .noSuchNode,
                    path: path,
                    message: "run \(run.short) has no \(address): \(reached) has \(attempts)"
                )
            }
            return node
        }
    }

    /// A node again, as it is now. Throws `noSuchNode`.
    /// - Parameter address: Where it is, as it was read before.
    package func node(_ id: NodeID, address: Address) throws -> Node {
        try readers.read {
            try NodeRows(connection: $0, path: path).node(id, address: address, attempt: address.attempt)
        }
    }

    /// Visits every node of a run, parents before their children, in the order of addresses. Loads a page at a time;
    /// an error that `visit` throws ends it.
    package func walk(run: RunID, _ visit: (Node) throws -> Void) throws {
        let page = 500
        var path: [(node: Node, offset: Int, waiting: ArraySlice<Node>)] = []
        let root = try root(of: run)
        try visit(root)
        path.append((root, 0, []))
        while var level = path.popLast() {
            if level.waiting.isEmpty && level.offset < level.node.childCount {
                level.waiting = try children(of: level.node, offset: level.offset, limit: page)[...]
                level.offset += page
            }
            guard let node = level.waiting.popFirst() else {
                if level.offset < level.node.childCount { path.append(level) }
                continue
            }
            path.append(level)
            try visit(node)
            if node.childCount > 0 { path.append((node, 0, [])) }
        }
    }

    private func rootRow(of run: RunID, _ connection: Connection) throws -> Int64 {
        let find = try connection.statement("SELECT root FROM run WHERE id = ?").bind(run.rawValue)
        guard let root = try find.first({ $0.optionalID(0) }) ?? nil else { throw noSuchRun(run.rawValue) }
        return root
    }
}
