import Glibc
import OperatingSystem

/// The small files by which the kernel tells about processes and takes orders: `/proc`, control groups.
enum KernelFile {
    /// What it says, at most 1 MB; empty where it cannot be read.
    static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = read(file, &room, room.count)
            if count <= 0 { break }
            bytes += room.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Returns: whether the kernel took it.
    static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return (try? text.utf8.writeAll(to: file)) != nil
    }
}
