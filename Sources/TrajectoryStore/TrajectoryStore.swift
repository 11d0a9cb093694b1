// The store: opened, watched and closed. Queries are in the files of what they ask for.
internal import Foundation
package import Trajectory

/// Everything that was run, in a SQLite database and a folder of contexts beside it. Several programs may have one store
/// open and write to it in turns; each sees what the others have committed.
///
/// For example:
///
///     let store = try TrajectoryStore(path: "/tmp/trajectories.sqlite")
///     let root = try await store.writer().begin(run: run)
///     for node in try store.children(of: store.root(of: run.id)) { print(node.address, node.title) }
///
/// Queries are synchronous, may be asked on any thread, and throw `StoreError`.
package final class TrajectoryStore: Sendable {
    package enum Access: Sendable {
        case readWrite, readOnly
    }

    package let path: String
    let contextFiles: ContextFiles
    let readers: ReaderPool
    private let access: Access
    private let observers = Observers()
    private let writing: Writing

    /// Opens a store; with `readWrite` the file and its folders are made when missing and an older schema is brought up
    /// to date. Throws `StoreError`; a store of a newer version is left as it is.
    package convenience init(path: String, access: Access = .readWrite) throws {
        try self.init(path: path, access: access, patience: 30)
    }

    /// - Parameter patience: Seconds to wait for another program's transaction.
    init(path: String, access: Access, patience: TimeInterval) throws {
        self.path = path
        self.access = access
        contextFiles = ContextFiles(folder: Self.contextFolder(beside: path))
        let file = StoreFile(path: path, patience: patience)
        switch access {
        case .readWrite:
            writing = Writing(file: file, connection: try file.openForWriting(), watcher: nil)
            readers = ReaderPool(first: nil, of: file)
        case .readOnly:
            let first = try file.openForReading()
            writing = Writing(file: file, connection: nil, watcher: try file.openAnotherForReading())
            readers = ReaderPool(first: first, of: file)
        }
    }

    deinit { readers.close() }

    /// Where the context files of the store at `path` are.
    package static func contextFolder(beside path: String) -> String {
        (path.hasSuffix(".sqlite") ? String(path.dropLast(".sqlite".count)) : path) + "-contexts"
    }

    /// Where the files of contexts are: beside the database.
    package var contextFolder: String { "\(contextFiles.folder)/" }

    /// Where the bytes of a context are.
    /// - Parameter hash: Lower-case hexadecimal SHA-256.
    package func contextPath(_ hash: String) -> String { contextFiles.path(of: hash) }

    /// The one writer of this store. Throws when the store was opened to be read only.
    package func writer() throws -> TrajectoryWriter {
        guard access == .readWrite else {
            throw StoreError(
                code: .readOnly,
                path: path,
                message: "the trajectory store '\(path)' was opened to be read only; open it for writing"
            )
        }
        return try writing.writer(
            contextFiles: contextFiles,
            onCommit: { [observers] in observers.tell($0) },
            onMove: { [readers] in readers.move(to: $0) }
        )
    }

    /// What this process's writer waits for before it can go on, in a sentence for people, such as another program that
    /// holds the store; nil while it does not wait. Observers are told, with an empty set, when it changes.
    package var waiting: String? { writing.waiting }

    /// What happened to the store's file while this process wrote to it, a sentence each. Observers are told, with an
    /// empty set, when there is another.
    package var notices: [String] { writing.notices }

    /// Calls `onChange` on the writer's thread after each commit, with the runs it changed. The set is empty where
    /// `pollForeignChanges` found commits of another program: any run may have changed; and where `waiting` or `notices`
    /// did.
    package func observe(_ onChange: @escaping @Sendable (Set<RunID>) -> Void) -> StoreObservation {
        observers.add(onChange)
    }

    /// Whether another program has committed since this was asked last.
    package func hasForeignChange() -> Bool { writing.hasForeignChange() }

    /// Tells the observers, with an empty set, when another program has committed. Says whether it has.
    @discardableResult package func pollForeignChanges() -> Bool {
        guard hasForeignChange() else { return false }
        observers.tell([])
        return true
    }

    /// Writes what waits and closes every connection. Later writes and queries throw.
    package func close() throws {
        // The writer's connection is closed last: the last one writes SQLite's log back and removes it, which a
        // connection that only reads cannot.
        readers.close()
        writing.close(isAwaited: true)
    }

    /// What SQLite finds wrong with the file, a sentence each; empty when nothing is.
    package func integrityCheck() throws -> [String] {
        try readers.read { connection in
            let found = try connection.statement("PRAGMA integrity_check").rows { $0.text(0) }.filter { $0 != "ok" }
            let orphans = try connection.statement("PRAGMA foreign_key_check").rows {
                "row \($0.int(1)) of \($0.text(0)) refers to a row of \($0.text(2)) that is missing"
            }
            return found + orphans
        }
    }
}
