import Foundation
import OperatingSystem
import Synchronization

/// Stdin, stdout and stderr where they may be closed, full, or read by nobody.
enum StandardStreams {
    /// Puts `/dev/null` in the place of each that is closed, so that no file or socket of the program gets its number
    /// and what is printed lands in it. It is opened for the other direction, so that
    /// use of it still fails and is noticed.
    static func occupy() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is the one that was found closed.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes all of it. Returns the system's error, 0 when there was none.
    fileprivate static func write(_ text: some Collection<UInt8>, to descriptor: Int32) -> Int32 {
        do {
            try text.writeAll(to: descriptor)
            return 0
        } catch {
            return error.code
        }
    }
}

/// Answers and data.
enum StandardOutput {
    private struct State {
        var waiting: [UInt8] = []
        var error: Int32 = 0
    }

    private static let state = Mutex(State())

    /// A line for people: nothing in it is obeyed by a terminal.
    static func say(_ line: String) { print(TerminalText.plain(line)) }

    /// A line as it is, for programs.
    static func print(_ line: String) { put(Array((line + "\n").utf8)) }

    static func put(_ bytes: some Collection<UInt8>) {
        state.withLock { state in
            state.waiting += bytes
            if state.waiting.count >= 1 << 16 { flush(&state) }
        }
    }

    /// Writes what waits. Returns why something that was printed has not arrived; nil also when the reader closed
    /// the pipe: `head` has seen enough.
    static func finish() -> OutputError? {
        let error = state.withLock { state in
            flush(&state)
            return state.error
        }
        return error == 0 || error == EPIPE ? nil : OutputError(systemError: error)
    }

    private static func flush(_ state: inout State) {
        // After the first failure nothing more is tried: half a line in the middle would be worse than none.
        if state.error == 0 { state.error = StandardStreams.write(state.waiting, to: STDOUT_FILENO) }
        state.waiting = []
    }
}

/// Progress and complaints. What cannot be written is dropped: there is no place left to say so.
enum StandardError {
    static func put(_ text: String) { _ = StandardStreams.write(Array(text.utf8), to: STDERR_FILENO) }
}

/// What was to be printed could not be written to stdout.
struct OutputError: Error, CustomStringConvertible {
    let systemError: Int32

    var description: String {
        let reason = systemError == EBADF ? "it is closed" : String(cString: strerror(systemError))
        return "stdout could not be written (\(reason)); give it a place to go. What was run is kept: 'rlm-tui list'"
    }
}
