/// Why a REPL could not be had. A sentence that says what happened and what to do.
package struct REPLError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case pythonMissing = "python_missing"
        case pythonTooOld = "python_too_old"
        case bubblewrapMissing = "bubblewrap_missing"
        case namespacesForbidden = "namespaces_forbidden"
        case contextUnreadable = "context_unreadable"
        case workerFailed = "worker_failed"
        case checkpointGone = "checkpoint_gone"
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static let pythonMissing = REPLError(
        code: .pythonMissing,
        message: "No python3 was found: install Python 3.9 or newer (on Debian: apt-get install python3)."
    )

    static func checkpointGone(_ checkpoint: Checkpoint) -> REPLError {
        REPLError(
            code: .checkpointGone,
            message:
                "The checkpoint after block \(checkpoint.block) is not there any more: run the blocks up to it again."
        )
    }

    static let bubblewrapMissing = REPLError(
        code: .bubblewrapMissing,
        message: "bubblewrap (bwrap), which makes the sandbox, was not found: install it (on Debian: apt-get install "
            + "bubblewrap), or use --environment local, which runs the model's code with your own rights."
    )

    static func pythonTooOld(_ path: String, _ version: String) -> REPLError {
        REPLError(
            code: .pythonTooOld,
            message: "\(path) is Python \(version), and the REPL needs 3.9 or newer: install a newer python3, or put "
                + "one first in PATH."
        )
    }

    static func namespacesForbidden(_ reason: String) -> REPLError {
        REPLError(
            code: .namespacesForbidden,
            message: "This system does not let bubblewrap make a sandbox (\(reason)). Allow user namespaces (sysctl "
                + "kernel.unprivileged_userns_clone=1; on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0; in a "
                + "container --security-opt seccomp=unconfined), or use --environment local, which runs the model's "
                + "code with your own rights."
        )
    }
}
