#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A pipe to oneself that wakes a `poll`: neither end blocks, both close on exec.
final class SelfPipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    /// Where the process has no file descriptors left, both ends are -1: see `check`.
    init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            readEnd = -1
            writeEnd = -1
            return
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// Throws `TerminalError` if there is no pipe.
    func check() throws(TerminalError) {
        guard readEnd < 0 else { return }
        throw TerminalError(
            code: .noDescriptors,
            message:
                "no pipe could be made, as the process has no file descriptors left: raise the limit with ulimit -n"
        )
    }

    deinit {
        guard readEnd >= 0 else { return }
        _ = Self.close(readEnd)
        _ = Self.close(writeEnd)
    }

    private static func close(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }

    /// Wakes the reader; a full pipe wakes it too.
    func send(_ byte: UInt8) {
        var byte = byte
        _ = write(writeEnd, &byte, 1)
    }

    /// All bytes that are there.
    func drain() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            let count = read(readEnd, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}
