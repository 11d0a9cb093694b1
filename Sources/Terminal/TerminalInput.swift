#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where keys come from: standard input, or, where that is a file or a pipe, the terminal the program was started
/// from, as pagers do it.
package enum TerminalInput {
    /// Nil where there is no terminal to type on. `/dev/tty` is opened once and kept while the program lives.
    package static let descriptor: Int32? = {
        if isatty(STDIN_FILENO) == 1 { return STDIN_FILENO }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        // A job in the background must not take the terminal from the one in front: it would only be stopped.
        guard isatty(terminal) == 1, tcgetpgrp(terminal) == getpgrp() else {
            close(terminal)
            return nil
        }
        return terminal
    }()

    /// What a program that is lent the terminal must have as its standard input; nil where it inherits it.
    package static var lent: Int32? { descriptor.flatMap { $0 == STDIN_FILENO ? nil : $0 } }
}
