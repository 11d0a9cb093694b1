// Queries for what failed, was cancelled or limited, is held, or is stale.
package import Trajectory

/// A problem and where it is among all of its run.
package struct FoundProblem: Sendable, Hashable {
    package var id: NodeID
    package var address: Address
    package var problem: Problem
    /// From 1, in the order of the tree.
    package var index: Int
    package var count: Int
    /// Whether the search went on at the other end of the run.
    package var isWrapped: Bool

    package init(id: NodeID, address: Address, problem: Problem, index: Int, count: Int, isWrapped: Bool) {
        self.id = id
        self.address = address
        self.problem = problem
        self.index = index
        self.count = count
        self.isWrapped = isWrapped
    }
}

extension TrajectoryStore {
    /// How many nodes of a run have which problem; those without any are left out. Found by an index, not by a scan.
    /// - Parameter blocksApart: Whether code blocks count by themselves; where they do not, a block's problem is its
    ///   iteration's, as in a tree in which blocks have no rows.
    package func problemCounts(in run: RunID, blocksApart: Bool = true) throws -> [Problem: Int] {
        try readers.read { connection in
            var counts: [Problem: Int] = [:]
            for found in try problems(in: run, blocksApart: blocksApart, connection) {
                counts[found.problem, default: 0] += 1
            }
            return counts
        }
    }

    /// Where the problems of a run are, in the order of the tree.
    package func problems(in run: RunID) throws -> [Address] {
        try readers.read { connection in
            try problems(in: run, connection).sorted { $0.path.lexicographicallyPrecedes($1.path) }
                .map { TreePlaces.address($0.path) }
        }
    }

    /// The next problem after a node in the order of the tree, or before it; round the end where there is no other. Nil
    /// where there is none at all. The nodes above it, which a tree has to open, are the parents of its address.
    /// - Parameters:
    ///   - address: A node of the run, with a problem or without.
    ///   - blocksApart: As for `problemCounts`.
    package func nextProblem(
        after address: Address,
        in run: RunID,
        backwards: Bool = false,
        blocksApart: Bool = true
    ) throws -> FoundProblem? {
        try readers.read { connection in
            let found = try problems(in: run, blocksApart: blocksApart, connection)
            let here = TreePlaces.path(of: address)
            var next: Noted?
            var furthest: Noted?
            /// Whether the first comes before the second on the way that is gone.
            func precedes(_ one: TreePlaces.Path, _ other: TreePlaces.Path) -> Bool {
                backwards ? other.lexicographicallyPrecedes(one) : one.lexicographicallyPrecedes(other)
            }
            for candidate in found {
                if furthest.map({ precedes(candidate.path, $0.path) }) ?? true { furthest = candidate }
                guard precedes(here, candidate.path) else { continue }
                if next.map({ precedes(candidate.path, $0.path) }) ?? true { next = candidate }
            }
            guard let chosen = next ?? furthest else { return nil }
            return FoundProblem(
                id: chosen.id,
                address: TreePlaces.address(chosen.path),
                problem: chosen.problem,
                index: 1 + found.count { $0.path.lexicographicallyPrecedes(chosen.path) },
                count: found.count,
                isWrapped: next == nil
            )
        }
    }

    /// Sub-calls of an iteration at ordinals below `end` that have not succeeded, in order; nil where they are more than
    /// `limit`.
    package func unsettledCalls(
        of iteration: IterationID,
        before end: Int,
        limit: Int
    ) throws -> [(ordinal: Int, status: Status)]? {
        try readers.read { connection in
            let find = try connection.statement(composed: Self.unsettledCalls)
            let found = try find.bind(iteration.rawValue).bind(end).bind(limit + 1).rows {
                (ordinal: $0.int(0), status: Status(rawValue: $0.text(1)) ?? .failed)
            }
            return found.count > limit ? nil : found
        }
    }

    // MARK: -

    private struct Noted {
        let id: NodeID
        let path: TreePlaces.Path
        let problem: Problem
        /// The iteration that a block stands in; nil for other nodes.
        let owner: NodeID?
    }

    private static let notedCalls =
        "SELECT id, iteration, ordinal, status, freshness FROM call WHERE run = ? AND (\(Schema.isNoted))"
    private static let notedIterations =
        "SELECT id, call, ordinal, status, freshness FROM iteration WHERE run = ? AND (\(Schema.isNoted))"
    private static let notedBlocks =
        "SELECT id, iteration, ordinal, status, freshness FROM block WHERE run = ? AND current = 1 AND (\(Schema.isNoted))"
    private static let unsettledCalls = """
        SELECT ordinal, status FROM call
        WHERE run = (SELECT run FROM iteration WHERE id = ?1) AND (\(Schema.isNoted)) AND status <> 'succeeded'
            AND +iteration = ?1 AND ordinal < ?2
        ORDER BY ordinal LIMIT ?3
        """

    /// Every statement that finds problems, for the test that none of them scans a table.
    static let problemStatements = [notedCalls, notedIterations, notedBlocks, unsettledCalls]

    private func problems(in run: RunID, blocksApart: Bool, _ connection: Connection) throws -> [Noted] {
        let found = try problems(in: run, connection)
        guard !blocksApart else { return found }
        // An iteration whose block failed has mostly failed itself; the two are one place to go to.
        var seen = Set<TreePlaces.Path>()
        var merged: [Noted] = []
        for noted in found.filter({ $0.owner == nil }) + found.filter({ $0.owner != nil }) {
            let path = noted.owner == nil ? noted.path : TreePlaces.Path(noted.path.dropLast())
            guard seen.insert(path).inserted else { continue }
            merged.append(Noted(id: noted.owner ?? noted.id, path: path, problem: noted.problem, owner: nil))
        }
        return merged
    }

    private func problems(in run: RunID, _ connection: Connection) throws -> [Noted] {
        let places = try TreePlaces(connection: connection, path: path, run: run)
        var found: [Noted] = []
        for row in places.runs {
            let isOver = try isOver(run: row, connection)
            func problem(_ statement: Statement) -> Problem? {
                let status = Status(rawValue: statement.text(3)) ?? .failed
                // Nodes of a run that is over never end by themselves: they count as cancelled.
                return Problem(
                    status: isOver && !status.isFinal ? .cancelled : status,
                    freshness: Freshness(rawValue: statement.text(4)) ?? .fresh
                )
            }
            func add(_ id: NodeID, _ path: TreePlaces.Path?, _ problem: Problem?, owner: NodeID? = nil) {
                if let path, let problem { found.append(Noted(id: id, path: path, problem: problem, owner: owner)) }
            }
            for call in try connection.statement(composed: Self.notedCalls).bind(row).rows({
                (id: $0.id(0), iteration: $0.optionalID(1), ordinal: $0.int(2), problem: problem($0))
            }) where call.problem != nil {
                let path =
                    try call.iteration.map { try places.path(ofCall: call.ordinal, in: $0) }
                    ?? places.path(ofCall: call.id)
                add(.call(CallID(rawValue: call.id)), path, call.problem)
            }
            for iteration in try connection.statement(composed: Self.notedIterations).bind(row).rows({
                (id: $0.id(0), call: $0.id(1), ordinal: $0.int(2), problem: problem($0))
            }) where iteration.problem != nil {
                let path = try places.path(ofIteration: iteration.ordinal, of: iteration.call)
                add(.iteration(IterationID(rawValue: iteration.id)), path, iteration.problem)
            }
            for block in try connection.statement(composed: Self.notedBlocks).bind(row).rows({
                (id: $0.id(0), iteration: $0.id(1), ordinal: $0.int(2), problem: problem($0))
            }) where block.problem != nil {
                let path = try places.path(ofBlock: block.ordinal, in: block.iteration)
                let owner = NodeID.iteration(IterationID(rawValue: block.iteration))
                add(.block(BlockID(rawValue: block.id)), path, block.problem, owner: owner)
            }
        }
        return found
    }

    /// Whether a run has ended, or its engine is gone.
    func isOver(run row: Int64, _ connection: Connection) throws -> Bool {
        let find = try connection.statement("SELECT status, heartbeat_at, pid, host, boot FROM run WHERE row = ?")
        return try find.bind(row).first { run in
            let status = Status(rawValue: run.text(0))
            return status?.isFinal != false
                || status != .held && EngineProcess.isGone(run.engine(from: 2), heartbeatAt: run.optionalDate(1))
        } ?? true
    }
}
