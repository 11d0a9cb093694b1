// A context on its way into the store.
internal import Crypto
internal import Foundation
internal import OperatingSystem
internal import Trajectory

/// The bytes of a context while they are copied: a file beside its place in the store, which nobody else writes. It
/// becomes a context by `commit`; without that, nothing of it is left.
///
/// What a person's file holds may change or shrink while it is read. So it is copied first, and what is checked
/// afterwards is the copy.
///
/// For example:
///
///     let stored = try await writer.copyContext { copy in
///         try copy.append(bytes)
///         return try copy.commit()
///     }
package final class ContextCopy {
    private let folder: String
    private let temporary: String
    private var target: Int32
    /// Bytes appended so far.
    package private(set) var byteCount = 0

    /// Throws `StoreError` where the folder of contexts cannot be written.
    init(in folder: String) throws {
        self.folder = folder
        temporary = "\(folder)/.\(UInt64.random(in: .min ... .max)).new"
        guard mkdir(folder, 0o700) == 0 || Self.isFolder(folder) else { throw StoreError.unwritableContext(folder) }
        target = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw StoreError.unwritableContext(folder) }
    }

    deinit {
        if target >= 0 {
            close(target)
            unlink(temporary)
        }
    }

    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            try bytes.writeAll(to: target)
        } catch {
            throw StoreError.unwritableContext(folder, error.code)
        }
        byteCount += bytes.count
    }

    /// Forgets what was appended after the first `count` bytes.
    package func cut(to count: Int) throws {
        guard ftruncate(target, off_t(count)) == 0, lseek(target, off_t(count), SEEK_SET) >= 0 else {
            throw StoreError.unwritableContext(folder)
        }
        byteCount = count
    }

    /// Brings the copy to the disk under the name of its SHA-256. The same bytes are kept once.
    package func commit() throws -> (hash: String, byteCount: Int) {
        let hash = try contentHash()
        let path = "\(folder)/\(hash)"
        var known = stat()
        if stat(path, &known) == 0, Int(known.st_size) == byteCount { return (hash, byteCount) }
        guard fsync(target) == 0 else { throw StoreError.unwritableContext(folder) }
        let isClosed = close(target) == 0
        target = -1
        guard isClosed, rename(temporary, path) == 0 else {
            let error = StoreError.unwritableContext(folder)
            unlink(temporary)
            throw error
        }
        syncFolder()
        return (hash, byteCount)
    }

    /// The hash of what the copy holds, read from it again: what was cut off would be in a running one.
    private func contentHash() throws -> String {
        guard lseek(target, 0, SEEK_SET) >= 0 else { throw StoreError.unwritableContext(folder) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var hasher = SHA256()
        while true {
            let count = read(target, buffer.baseAddress, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreError.unwritableContext(folder)
            }
            hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return hasher.finalize().hexadecimal
    }

    /// Brings the new name to the disk.
    private func syncFolder() {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func isFolder(_ path: String) -> Bool {
        var known = stat()
        return errno == EEXIST && stat(path, &known) == 0 && known.st_mode & S_IFMT == S_IFDIR
    }
}

extension StoreError {
    /// Says why the folder of contexts cannot be written.
    static func unwritableContext(_ folder: String, _ number: Int32 = errno) -> StoreError {
        if number == ENOSPC || number == EDQUOT {
            return StoreError(
                code: .diskFull,
                path: folder,
                message: "the context cannot be stored in '\(folder)': the disk is full; free some space, or use "
                    + "another store with --store"
            )
        }
        let isRefused = number == EACCES || number == EROFS || number == EPERM
        return StoreError(
            code: isRefused ? .readOnly : .io,
            path: folder,
            message: "the context cannot be stored in '\(folder)' (\(String(cString: strerror(number)))); check its "
                + "permissions, or use another store with --store"
        )
    }
}
