// Where rows are in the tree of a run, found from below.
internal import Trajectory

/// Gives rows of a run their addresses by going up to the root. Knows the iterations that a fork shares with its
/// original: a row of the original has an address in the fork where the fork's tree shows it.
///
/// Used within one transaction of a reader. What is above many rows is read once.
final class TreePlaces {
    /// The steps to a node as numbers that sort as the tree does: blocks before sub-calls, a node before what is below it.
    typealias Path = [Int]

    /// What is added to the number of a sub-call, so that it comes after the blocks of its iteration.
    private static let callOffset = 1 << 40

    private let connection: Connection
    private let storePath: String
    private let run: Int64
    private let root: Int64
    /// For an original's call: the call in this run that stands for it, and how many iterations the two share.
    private var shares: [Int64: (call: Int64, iterations: Int)] = [:]
    private var iterations: [Int64: Path?] = [:]
    private var calls: [Int64: Path?] = [:]
    /// Rows of this run and of those whose iterations it shares.
    private(set) var runs: [Int64]

    init(connection: Connection, path: String, run: RunID) throws {
        self.connection = connection
        storePath = path
        let find = try connection.statement("SELECT row, root FROM run WHERE id = ? AND is_whole").bind(run.rawValue)
        guard let found = try find.first({ ($0.id(0), $0.optionalID(1)) }), let root = found.1 else {
            throw StoreError(
                code: .noSuchRun,
                path: path,
                message: "there is no run '\(run)' in the trajectory store '\(path)'"
            )
        }
        self.run = found.0
        self.root = root
        runs = [found.0]
        try readShares()
    }

    private func readShares() throws {
        let find = try connection.statement("SELECT id FROM call WHERE run = ? AND shared_call IS NOT NULL").bind(run)
        for call in try find.rows({ $0.id(0) }) {
            for segment in try NodeRows(connection: connection, path: storePath).segments(of: call)
            where segment.call != call {
                shares[segment.call] = (call, segment.last)
                let owner = try connection.statement("SELECT run FROM call WHERE id = ?").bind(segment.call)
                    .first { $0.id(0) }
                if let owner, !runs.contains(owner) { runs.append(owner) }
            }
        }
    }

    func path(ofCall id: Int64) throws -> Path? {
        if id == root { return [] }
        if let known = calls[id] { return known }
        let find = try connection.statement("SELECT iteration, ordinal FROM call WHERE id = ?").bind(id)
        var path: Path?
        if let (iteration, ordinal) = try find.first({ ($0.optionalID(0), $0.int(1)) }), let iteration {
            path = try self.path(ofCall: ordinal, in: iteration)
        }
        calls.updateValue(path, forKey: id)
        return path
    }

    func path(ofIteration id: Int64) throws -> Path? {
        if let known = iterations[id] { return known }
        let find = try connection.statement("SELECT call, ordinal FROM iteration WHERE id = ?").bind(id)
        var path: Path?
        if let (call, ordinal) = try find.first({ ($0.id(0), $0.int(1)) }) {
            path = try self.path(ofIteration: ordinal, of: call)
        }
        iterations.updateValue(path, forKey: id)
        return path
    }

    func path(ofIteration ordinal: Int, of call: Int64) throws -> Path? {
        var call = call
        if let share = shares[call] {
            guard ordinal <= share.iterations else { return nil }
            call = share.call
        }
        return try path(ofCall: call).map { $0 + [ordinal] }
    }

    func path(ofCall ordinal: Int, in iteration: Int64) throws -> Path? {
        try path(ofIteration: iteration).map { $0 + [Self.callOffset + ordinal] }
    }

    func path(ofBlock ordinal: Int, in iteration: Int64) throws -> Path? {
        try path(ofIteration: iteration).map { $0 + [ordinal] }
    }

    static func address(_ path: Path) -> Address {
        Address(
            steps: path.enumerated().map { place, number in
                if place.isMultiple(of: 2) { return .iteration(number) }
                return number < callOffset ? .block(number) : .call(number - callOffset)
            }
        )
    }

    static func path(of address: Address) -> Path {
        address.steps.map { step in
            switch step {
            case .iteration(let number), .block(let number): number
            case .call(let number): callOffset + number
            }
        }
    }
}
