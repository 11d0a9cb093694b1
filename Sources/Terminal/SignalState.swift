import CNCurses

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the signal handlers need, in memory that stays: they allocate nothing, take no lock and call only functions
/// that POSIX lists as safe there.
struct SignalState {
    /// The terminal, for writing and for its line settings.
    var output: Int32 = -1
    var input: Int32 = -1
    /// Where signals that ask for something are told, a byte each.
    var pipe: Int32 = -1
    /// Whether the terminal is ours and must be given back.
    var isTaken = false
    /// Whether an editor or pager has the terminal: what is typed there is meant for it.
    var isLent = false
    /// How often SIGTERM or SIGHUP came, and SIGINT since one was last noticed.
    var endings: Int32 = 0
    var interrupts: Int32 = 0
    var line = termios()
    var restoration: UnsafeMutablePointer<UInt8>
    var restorationCount = 0
    /// What was done on each signal before us.
    let previous: UnsafeMutablePointer<sigaction>

    static let restorationCapacity = 512
    static let signalCount = 65

    /// The one there is; a process has one set of handlers.
    ///
    /// `nonisolated(unsafe)`: made once, before a handler is set; a lock is what a signal handler may not take.
    nonisolated(unsafe) static let shared: UnsafeMutablePointer<SignalState> = {
        let state = UnsafeMutablePointer<SignalState>.allocate(capacity: 1)
        let previous = UnsafeMutablePointer<sigaction>.allocate(capacity: signalCount)
        previous.initialize(repeating: sigaction(), count: signalCount)
        let restoration = UnsafeMutablePointer<UInt8>.allocate(capacity: restorationCapacity)
        restoration.initialize(repeating: 0, count: restorationCapacity)
        state.initialize(to: SignalState(restoration: restoration, previous: previous))
        return state
    }()
}

extension UnsafeMutablePointer<SignalState> {
    /// Gives the terminal back: the bytes prepared for that, then the line settings. Safe in a signal handler.
    ///
    /// A terminal that takes no bytes for half a second gets no more, so that a stalled line cannot keep a dead
    /// process.
    func restoreTerminal() {
        guard pointee.isTaken else { return }
        pointee.isTaken = false
        let flags = fcntl(pointee.output, F_GETFL)
        if flags >= 0 { _ = fcntl(pointee.output, F_SETFL, flags | O_NONBLOCK) }
        // Not `writeAll`, which waits as long as it takes.
        var written = 0
        var waits = 0
        while written < pointee.restorationCount, waits < 5 {
            let count = write(pointee.output, pointee.restoration + written, pointee.restorationCount - written)
            if count > 0 {
                written += count
                continue
            }
            guard errno == EAGAIN || errno == EINTR else { break }
            var entry = pollfd(fd: pointee.output, events: Int16(POLLOUT), revents: 0)
            _ = poll(&entry, 1, 100)
            waits += 1
        }
        if flags >= 0 { _ = fcntl(pointee.output, F_SETFL, flags) }
        _ = tcsetattr(pointee.input, TCSANOW, &pointee.line)
    }

    /// A crash, or SIGQUIT: the terminal first, then whatever was to be done on that signal before us.
    func respondToCrash(_ signal: Int32, isSent: Bool) {
        restoreTerminal()
        _ = sigaction(signal, pointee.previous + Int(signal), nil)
        // A fault happens again when the handler returns, and then tells where; a signal sent from outside does not.
        guard isSent else { return }
        // The Swift runtime's handler counts on a fault that comes again, and would let the process live on; on SIGQUIT
        // it would write a report on a program that is well.
        var action = sigaction()
        action.setDefault()
        _ = sigaction(signal, &action, nil)
        raise(signal)
    }

    /// A signal that asks for something: told to the screen's owner. A second request to end, before or while the first
    /// is followed, ends the process here.
    func respondToRequest(_ signal: Int32) {
        let error = errno
        if pointee.isLent && signal == SIGINT { return }
        if signal == SIGTERM || signal == SIGHUP { pointee.endings += 1 }
        if signal == SIGINT { pointee.interrupts += 1 }
        if pointee.endings > 1 || pointee.interrupts > 1 {
            restoreTerminal()
            _ = sigaction(signal, pointee.previous + Int(signal), nil)
            raise(signal)
        }
        var byte = UInt8(truncatingIfNeeded: signal)
        _ = write(pointee.pipe, &byte, 1)
        errno = error
    }
}
