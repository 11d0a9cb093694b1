// Contexts as files beside the store, named by the SHA-256 of their bytes.
internal import Crypto
internal import Foundation

/// The folder of contexts. A file in it is whole and never changes: it is written beside its place, brought to the disk,
/// and renamed.
struct ContextFiles: Sendable {
    let folder: String

    private static let chunk = 1 << 20

    func path(of hash: String) -> String { "\(folder)/\(hash)" }

    /// Copies a file. Throws `StoreError` when it cannot be read or the copy cannot be written.
    func store(file path: String) throws -> (hash: String, byteCount: Int) {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw unreadable(path) }
        defer { close(source) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 16)
        defer { buffer.deallocate() }
        return try write { put in
            while true {
                let count = read(source, buffer.baseAddress, buffer.count)
                if count == 0 { return }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw unreadable(path)
                }
                try put(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    func store(bytes: Data) throws -> (hash: String, byteCount: Int) {
        try write { put in try bytes.withUnsafeBytes { try put($0) } }
    }

    func store(text: String) throws -> (hash: String, byteCount: Int) {
        var text = text
        return try text.withUTF8 { utf8 in try write { put in try put(UnsafeRawBufferPointer(utf8)) } }
    }

    /// Runs on a thread that may wait for the disk.
    func inBackground<T: Sendable>(_ body: @escaping @Sendable (ContextFiles) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async { continuation.resume(with: Result { try body(self) }) }
        }
    }

    private func write(
        _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> (hash: String, byteCount: Int) {
        try makeFolder()
        let temporary = "\(folder)/.\(UInt64.random(in: .min ... .max)).new"
        let target = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw unwritable() }
        var isOpen = true
        defer {
            if isOpen { close(target) }
            unlink(temporary)
        }
        var hasher = SHA256()
        var byteCount = 0
        try produce { bytes in
            hasher.update(bufferPointer: bytes)
            byteCount += bytes.count
            try put(bytes, to: target)
        }
        let hash = hasher.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        var known = stat()
        if stat(path(of: hash), &known) == 0, Int(known.st_size) == byteCount { return (hash, byteCount) }
        guard fsync(target) == 0 else { throw unwritable() }
        isOpen = false
        guard close(target) == 0, rename(temporary, path(of: hash)) == 0 else { throw unwritable() }
        syncFolder()
        return (hash, byteCount)
    }

    private func put(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = Foundation.write(file, start, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw unwritable()
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    private func makeFolder() throws {
        guard mkdir(folder, 0o700) != 0 else { return }
        var known = stat()
        guard errno == EEXIST, stat(folder, &known) == 0, known.st_mode & S_IFMT == S_IFDIR else { throw unwritable() }
    }

    /// Brings the new name to the disk.
    private func syncFolder() {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func unreadable(_ path: String) -> StoreError {
        StoreError(
            code: .io,
            path: path,
            message: "the context '\(path)' cannot be read (\(String(cString: strerror(errno)))); check the path and "
                + "its permissions"
        )
    }

    private func unwritable() -> StoreError {
        let number = errno
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
