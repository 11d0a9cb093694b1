import Glibc
import Trajectory

/// A picture of a REPL between two blocks: its variables with everything they hold, the state of `random`, open generators,
/// how far open files were read. Not in it: files themselves, and whatever else is outside the process.
package struct Checkpoint: Sendable, Hashable {
    /// Its own within the REPL.
    package let number: Int
    /// How many blocks had run: the next block after going back to it is `block + 1` again.
    package let block: Int
}

/// The process that a checkpoint is: it waits on its control line and runs no user code.
final class FrozenWorker {
    let checkpoint: Checkpoint
    let process: pid_t
    let control: Descriptor
    /// As they were told after the block before it.
    let variables: [Variable]
    /// Somebody asked for it and may go back to it; otherwise it is the REPL's own.
    var isListed: Bool

    init(
        _ checkpoint: Checkpoint, process: pid_t, control: Descriptor, variables: [Variable], isListed: Bool
    ) {
        self.checkpoint = checkpoint
        self.process = process
        self.control = control
        self.variables = variables
        self.isListed = isListed
    }
}
