// Queries for the family of a run: what it was forked from, and what was forked from it.
internal import Foundation
package import Trajectory

extension TrajectoryStore {
    /// The whole family of a run: the eldest that is here first, then every fork of it and of its forks, each after what
    /// it was forked from, those of one run by age. `Run.forkedFrom` and `forkedAt` say how they belong together.
    package func family(of run: RunID) throws -> [Run] {
        try readers.read { connection in
            guard var eldest = try ancestors(of: run, connection).last else { throw noSuchRun(run.rawValue) }
            // A damaged family that goes in circles has no eldest; any of it will do.
            if eldest.rawValue.isEmpty { eldest = run }
            let find = try connection.statement(
                "SELECT id FROM run WHERE forked_from = ? AND is_whole ORDER BY created_at, row"
            )
            var family: [Run] = []
            var seen: Set<RunID> = []
            var waiting = [eldest]
            while let next = waiting.popLast() {
                guard seen.insert(next).inserted else { continue }
                family.append(try self.run(next, connection))
                waiting += try find.bind(next.rawValue).rows { RunID(rawValue: $0.text(0)) }.reversed()
            }
            return family
        }
    }

    /// What a run was forked from, and that from what, the nearest first.
    package func ancestors(of run: RunID) throws -> [Run] {
        try readers.read { connection in
            try ancestors(of: run, connection).dropFirst().map { try self.run($0, connection) }
        }
    }

    /// The run itself and its ancestors that are still here.
    private func ancestors(of run: RunID, _ connection: Connection) throws -> [RunID] {
        let find = try connection.statement("SELECT forked_from FROM run WHERE id = ? AND is_whole")
        var found: [RunID] = []
        var next: RunID? = run
        while let id = next, !found.contains(id) {
            guard let original = try find.bind(id.rawValue).first({ $0.optionalText(0) }) else { break }
            found.append(id)
            next = original.map(RunID.init(rawValue:))
        }
        return found
    }

    /// Answers fetched ahead in a run: how many calls took theirs, and how many answers nobody asked for.
    package func aheadCounts(in run: RunID) throws -> (used: Int, unused: Int) {
        try readers.read { connection in
            let find = try connection.statement(
                """
                SELECT (SELECT count(*) FROM call c JOIN completion k ON k.call = c.id
                    WHERE c.run = r.row AND k.origin = 'ahead'),
                    (SELECT count(*) FROM completion k WHERE k.run = r.row)
                FROM run r WHERE r.id = ?
                """
            )
            guard let counts = try find.bind(run.rawValue).first({ ($0.int(0), $0.int(1)) }) else {
                throw noSuchRun(run.rawValue)
            }
            return counts
        }
    }
}
