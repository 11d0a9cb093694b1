// What an open connection still holds, brought back to the disk.
internal import Foundation
internal import GRDBSQLite

/// Copies a database whose files were taken away to the path it had, where that is free, and beside it where not.
struct StoreRecovery {
    struct Result {
        /// Open for writing, on the copy.
        var connection: Connection
        /// Where the copy is.
        var path: String
        /// What happened, for people.
        var notice: String
        /// Why the store cannot be used any more under its path; nil where it can.
        var error: StoreError?
    }

    let file: StoreFile

    /// Throws `StoreError` where no copy can be made; the connection can be asked again.
    func bringBack(_ connection: Connection, _ loss: DatabaseFiles.Loss) throws -> Result {
        let place = connection.openedPath
        let name = "the trajectory store '\(file.path)'"
        do {
            let copy = try copy(connection, beside: place)
            var target = place
            switch loss {
            case .deleted:
                removeCompanions(of: place)
                if link(copy, place) == 0 { unlink(copy) } else { target = try moveBeside(place, copy) }
            case .companionsDeleted:
                removeCompanions(of: place)
                guard rename(copy, place) == 0 else { throw failure(errno) }
            case .replaced: target = try moveBeside(place, copy)
            }
            guard target == place else {
                linkContexts(to: target)
                let said =
                    "\(name) was replaced by another file while it was in use; what was recorded until then is in "
                    + "'\(target)': look at it with --store"
                return Result(
                    connection: try StoreFile(path: target, patience: file.patience).openForWriting(),
                    path: target,
                    notice: said,
                    error: StoreError(code: .displaced, path: target, message: said)
                )
            }
            let what = loss == .deleted ? "was deleted" : "lost its write-ahead log"
            return Result(
                connection: try file.openForWriting(),
                path: file.path,
                notice: "\(name) \(what) while it was in use, and was brought back with all that had been recorded",
                error: nil
            )
        } catch let error as StoreError {
            throw StoreError(
                code: error.code,
                path: file.path,
                message: "\(name) was taken away while it was in use and could not be brought back: \(error.message)"
            )
        }
    }

    /// A whole copy in the same folder, which is made again where it is gone.
    private func copy(_ connection: Connection, beside place: String) throws -> String {
        let folder = (place as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let copy = "\(folder)/.\((place as NSString).lastPathComponent).\(UInt64.random(in: .min ... .max)).new"
        let made = open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard made >= 0 else { throw failure(errno) }
        close(made)
        do { try connection.copy(to: copy) } catch {
            unlink(copy)
            removeCompanions(of: copy)
            throw error
        }
        removeCompanions(of: copy)
        return copy
    }

    /// What is left of a log would be read into the copy, of which it is no part.
    private func removeCompanions(of path: String) {
        unlink(path + "-wal")
        unlink(path + "-shm")
    }

    private func moveBeside(_ place: String, _ copy: String) throws -> String {
        let now = Calendar(identifier: .gregorian).dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date())
        let parts = [now.year, now.month, now.day, now.hour, now.minute, now.second].map { $0 ?? 0 }
        let time = String(
            format: "%04d%02d%02d-%02d%02d%02d", parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        for number in 1...1000 {
            let target = "\(place).recovered-\(time)" + (number == 1 ? "" : "-\(number)")
            if link(copy, target) == 0 {
                unlink(copy)
                return target
            }
            guard errno == EEXIST else { throw failure(errno) }
        }
        throw failure(EEXIST)
    }

    /// Contexts are looked for beside the store's file; the same bytes are kept once.
    private func linkContexts(to target: String) {
        let folder = TrajectoryStore.contextFolder(beside: file.path)
        let other = TrajectoryStore.contextFolder(beside: target)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
        mkdir(other, 0o700)
        for name in names where !name.hasPrefix(".") { link("\(folder)/\(name)", "\(other)/\(name)") }
    }

    private func failure(_ number: Int32) -> StoreError {
        StoreError(sqlite: SQLITE_CANTOPEN, detail: "", systemError: number, path: file.path)
    }
}
