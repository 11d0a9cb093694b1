#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `poll` for reading.
enum Poll {
    /// Waits until one of the descriptors can be read or is closed, and gives those; none when the time is over or a
    /// signal came. Nil waits for ever.
    @discardableResult
    static func wait(on descriptors: [Int32], for time: Duration?) -> [Int32] {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var milliseconds: Int32 = -1
        if let time {
            let (seconds, attoseconds) = time.components
            // Rounded up, as waking too early would spin.
            let exact = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            milliseconds = Int32(clamping: max(0, exact))
        }
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return [] }
        return entries.filter { $0.revents != 0 }.map(\.fd)
    }
}
