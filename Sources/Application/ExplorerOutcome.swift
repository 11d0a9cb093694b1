// How the explorer was left.

/// Why the explorer ended.
package enum ExplorerOutcome: Hashable, Sendable {
    /// Left; a run in this process has ended before.
    case quit
    /// Left, and the run in this process was told to stop. Whoever started it waits for its end.
    case stopped
    /// Left, and the run in this process ends where it stands: what is held waits in the store.
    case leftHeld
    /// ^C twice.
    case interrupted
    /// The terminal went away.
    case hangup
    /// SIGTERM.
    case terminated
}
