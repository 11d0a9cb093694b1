// Contexts as files beside the store, named by the SHA-256 of their bytes.
internal import Foundation

/// The folder of contexts. A file in it is whole and never changes: it is written beside its place, brought to the disk,
/// and renamed.
struct ContextFiles: Sendable {
    let folder: String

    func path(of hash: String) -> String { "\(folder)/\(hash)" }

    func store(bytes: Data) throws -> (hash: String, byteCount: Int) {
        let copy = try ContextCopy(in: folder)
        try bytes.withUnsafeBytes { try copy.append($0) }
        return try copy.commit()
    }

    func store(text: String) throws -> (hash: String, byteCount: Int) {
        var text = text
        let copy = try ContextCopy(in: folder)
        try text.withUTF8 { try copy.append(UnsafeRawBufferPointer($0)) }
        return try copy.commit()
    }

    /// Runs on a thread that may wait for the disk.
    func inBackground<T: Sendable>(_ body: @escaping @Sendable (ContextFiles) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async { continuation.resume(with: Result { try body(self) }) }
        }
    }
}
