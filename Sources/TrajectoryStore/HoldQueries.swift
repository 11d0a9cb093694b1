// Queries for holds.
internal import Foundation
package import Trajectory

extension TrajectoryStore {
    /// The holds of a run in the order they were made, with their addresses.
    /// - Parameter isOpen: Whether those that nobody has decided are meant, or those that somebody has; nil for all.
    package func holds(in run: RunID, isOpen: Bool? = nil) throws -> [Hold] {
        try readers.read { connection in
            let places = try TreePlaces(connection: connection, path: path, run: run)
            let find = try connection.statement(
                """
                SELECT h.id, h.call, h.iteration, h.block, h.completion, h.stage, h.rule, h.preview, h.action, t.content,
                    h.change, h.created_at, h.released_at, b.iteration, b.ordinal
                FROM run r JOIN hold h ON h.run = r.row LEFT JOIN text t ON t.id = h.answer
                LEFT JOIN block b ON b.id = h.block
                WHERE r.id = ?1 AND (?2 IS NULL OR (h.released_at IS NULL) = ?2) ORDER BY h.id
                """
            )
            let rows = try find.bind(run.rawValue).bind(isOpen.map { $0 ? 1 : 0 }).rows { row in
                (
                    node: row.node(from: 1), block: (iteration: row.id(13), ordinal: row.int(14)),
                    hold: Self.hold(row, run)
                )
            }
            return try rows.compactMap { node, block, read in
                guard let node, var hold = read else { return nil }
                let path =
                    switch node {
                    case .call(let id): try places.path(ofCall: id.rawValue)
                    case .iteration(let id): try places.path(ofIteration: id.rawValue)
                    case .block: try places.path(ofBlock: block.ordinal, in: block.iteration)
                    }
                guard let path else { return nil }
                hold.address = TreePlaces.address(path)
                return hold
            }
        }
    }

    private static func hold(_ row: Statement, _ run: RunID) -> Hold? {
        guard let node = row.node(from: 1), let stage = Hold.Stage(rawValue: row.text(5)) else { return nil }
        let decision: Hold.Decision? =
            switch row.optionalText(8) {
            case "release": .release
            case "answer": .answer(row.text(9))
            case "drop": .drop
            default: nil
            }
        return Hold(
            id: HoldID(rawValue: row.id(0)),
            run: run,
            node: node,
            address: .root,
            completion: row.optionalID(4).map(CompletionID.init(rawValue:)),
            stage: stage,
            rule: row.text(6),
            preview: row.text(7),
            decision: decision,
            change: row.optionalText(10),
            createdAt: row.optionalDate(11) ?? Date(timeIntervalSince1970: 0),
            releasedAt: row.optionalDate(12)
        )
    }
}
