#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The handlers a screen needs while it has the terminal: they bring the terminal back on every way to die, and turn
/// requests (TERM, HUP, INT, WINCH, TSTP, CONT) into bytes of a pipe.
enum SignalHandlers {
    private static let crashes = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS, SIGQUIT]
    private static let requests = [SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT]

    /// Bytes that give the terminal back, and the line settings it had.
    static func install(input: Int32, output: Int32, pipe: Int32, line: termios, restoration: [UInt8]) {
        let state = SignalState.shared
        state.pointee.isTaken = false
        state.pointee.input = input
        state.pointee.output = output
        state.pointee.pipe = pipe
        state.pointee.line = line
        state.pointee.isLent = false
        state.pointee.endings = 0
        state.pointee.interrupts = 0
        let count = min(restoration.count, SignalState.restorationCapacity)
        for index in 0..<count { state.pointee.restoration[index] = restoration[index] }
        state.pointee.restorationCount = count
        rehearse()
        useOwnStack()
        restoreAtExit
        for signal in crashes {
            var action = sigaction()
            action.setHandler { signal, info, _ in
                // Codes above 0 are the kernel's: the fault is real and would happen again.
                SignalState.shared.respondToCrash(signal, isSent: (info?.pointee.si_code ?? 0) <= 0)
            }
            action.sa_flags = Int32(SA_SIGINFO) | Int32(SA_ONSTACK)
            sigaction(signal, &action, state.pointee.previous + Int(signal))
        }
        for signal in requests { installRequest(signal) }
    }

    /// Everything as it was before `install`.
    static func remove() {
        let state = SignalState.shared
        for signal in crashes + requests { sigaction(signal, state.pointee.previous + Int(signal), nil) }
        state.pointee.pipe = -1
    }

    /// Lets SIGTSTP stop the process, as it does when nobody asks.
    static func allowStopping() {
        var action = sigaction()
        action.setDefault()
        sigaction(SIGTSTP, &action, nil)
    }

    static func interceptStopping() {
        var action = requestAction()
        sigaction(SIGTSTP, &action, nil)
    }

    private static func installRequest(_ signal: Int32) {
        var action = requestAction()
        var previous = sigaction()
        sigaction(signal, &action, &previous)
        SignalState.shared.pointee.previous[Int(signal)] = previous
        // What the caller chose to ignore (nohup) stays so.
        if signal == SIGHUP, previous.isIgnoring { sigaction(signal, &previous, nil) }
    }

    private static func requestAction() -> sigaction {
        var action = sigaction()
        action.setHandler { signal, _, _ in SignalState.shared.respondToRequest(signal) }
        action.sa_flags = Int32(SA_SIGINFO) | Int32(SA_ONSTACK) | Int32(SA_RESTART)
        return action
    }

    /// Runs the way of a crash once with nothing to do, so that whatever the Swift runtime sets up at first use is set
    /// up before a handler needs it.
    private static func rehearse() {
        let state = SignalState.shared
        let count = state.pointee.restorationCount
        state.pointee.restorationCount = 0
        state.pointee.isTaken = true
        state.restoreTerminal()
        state.pointee.restorationCount = count
        _ = state.pointee.previous + Int(SIGSEGV)
    }

    /// A stack for the handlers, as the main thread's is used up when it overflows. Kept for the life of the process.
    private static func useOwnStack() {
        var current = stack_t()
        guard sigaltstack(nil, &current) == 0, current.ss_flags & Int32(SS_DISABLE) != 0 else { return }
        let size = 64 * 1024
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        stack.ss_size = size
        stack.ss_flags = 0
        sigaltstack(&stack, nil)
    }

    /// For `exit` called anywhere.
    private static let restoreAtExit: Void = {
        atexit { SignalState.shared.restoreTerminal() }
    }()
}

/// SIGQUIT without a screen.
package enum QuitSignal {
    /// Ends the program as a signal does. Swift's runtime would take it for a crash and write a report, but it is a person
    /// who wants out. Who started the program with the signal ignored keeps it so.
    package static func endTheProgram() {
        var action = sigaction()
        sigaction(SIGQUIT, nil, &action)
        guard !action.isIgnoring else { return }
        action.setDefault()
        action.sa_flags = 0
        sigaction(SIGQUIT, &action, nil)
    }
}

extension sigaction {
    fileprivate typealias Handler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    fileprivate mutating func setHandler(_ handler: @escaping Handler) {
        #if canImport(Glibc)
            __sigaction_handler.sa_sigaction = handler
        #else
            __sigaction_u.__sa_sigaction = handler
        #endif
        sigfillset(&sa_mask)
        // A fault inside a handler must end the process.
        for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT] { sigdelset(&sa_mask, signal) }
    }

    mutating func setDefault() {
        #if canImport(Glibc)
            __sigaction_handler.sa_handler = SIG_DFL
        #else
            __sigaction_u.__sa_handler = SIG_DFL
        #endif
    }

    fileprivate var isIgnoring: Bool {
        #if canImport(Glibc)
            unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        #else
            unsafeBitCast(__sigaction_u.__sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        #endif
    }
}
