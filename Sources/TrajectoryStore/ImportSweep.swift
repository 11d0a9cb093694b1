// Takes away what imports that never ended have left.
internal import Foundation
internal import Trajectory

/// Deletes runs that are not whole, in portions, on a connection of its own without foreign keys: to look for whoever may
/// refer to each of a million rows would take longer than the import. Texts stay; the next import of the file finds them.
struct ImportSweep {
    private let connection: Connection

    private static let rowsAtOnce = 5000

    /// Deletes the runs named, and of those of other imports the ones whose process is gone.
    static func sweep(_ runs: [RunID], of file: StoreFile) throws {
        let connection = try Connection(path: file.path, isReadOnly: false, patience: file.patience)
        defer { connection.close() }
        try connection.execute("PRAGMA foreign_keys = OFF")
        try ImportSweep(connection: connection).sweep(Set(runs.map(\.rawValue)))
    }

    private func sweep(_ own: Set<String>) throws {
        let find = try connection.statement(
            "SELECT row, id, heartbeat_at, pid, host, boot, root, session FROM run WHERE is_whole = 0")
        let found = try find.rows {
            (
                row: $0.id(0),
                isOver: own.contains($0.text(1))
                    || EngineProcess.isGone($0.engine(from: 3), heartbeatAt: $0.optionalDate(2)),
                root: $0.optionalID(6), session: $0.text(7)
            )
        }
        for run in found where run.isOver {
            if let root = run.root { try delete(call: root) }
            try inTransaction {
                try connection.statement("DELETE FROM run_context WHERE run = ?").bind(run.row).run()
                try connection.statement("DELETE FROM run WHERE row = ?").bind(run.row).run()
                try connection.statement(
                    "DELETE FROM session WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE session = ?1)"
                ).bind(run.session).run()
            }
        }
    }

    /// Deletes a call with all below it. How deep calls nest is bounded by the readers.
    private func delete(call: Int64) throws {
        let iterations = try connection.statement("SELECT id FROM iteration WHERE call = ?").bind(call).rows {
            $0.id(0)
        }
        for iteration in iterations {
            let recursive = try connection.statement(
                "SELECT id FROM call WHERE iteration = ? AND kind = 'rlm'"
            ).bind(iteration).rows { $0.id(0) }
            for child in recursive { try delete(call: child) }
            var isMore = true
            while isMore {
                try inTransaction {
                    try connection.statement(
                        "DELETE FROM completion WHERE call IN (SELECT id FROM call WHERE iteration = ? LIMIT ?)"
                    ).bind(iteration).bind(Self.rowsAtOnce).run()
                    try connection.statement(
                        "DELETE FROM call WHERE id IN (SELECT id FROM call WHERE iteration = ? LIMIT ?)"
                    ).bind(iteration).bind(Self.rowsAtOnce).run()
                    isMore = connection.changes == Self.rowsAtOnce
                }
            }
            try inTransaction {
                try connection.statement("DELETE FROM block WHERE iteration = ?").bind(iteration).run()
                try connection.statement("DELETE FROM completion WHERE iteration = ?").bind(iteration).run()
                try connection.statement("DELETE FROM iteration WHERE id = ?").bind(iteration).run()
            }
        }
        try inTransaction {
            try connection.statement("DELETE FROM completion WHERE call = ?").bind(call).run()
            try connection.statement("DELETE FROM call WHERE id = ?").bind(call).run()
        }
    }

    private func inTransaction(_ body: () throws -> Void) throws {
        try connection.statement("BEGIN IMMEDIATE").run()
        do {
            try body()
            try connection.statement("COMMIT").run()
        } catch {
            if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }
}
