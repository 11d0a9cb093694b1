import Synchronization

/// Wakes the screen's owner from any thread, when there is something new for it: `nextEvent` then gives `.mailbox`. Ringing twice before anybody listened is ringing once.
package final class Doorbell: Sendable {
    private let pipe: SelfPipe
    private let isRung = Atomic(false)

    package init() { pipe = SelfPipe() }

    /// Throws `TerminalError` when the process had no file descriptors left for it.
    package func check() throws(TerminalError) { try pipe.check() }

    package func ring() {
        if !isRung.exchange(true, ordering: .acquiringAndReleasing) { pipe.send(1) }
    }

    /// Readable while it is rung.
    package var descriptor: Int32 { pipe.readEnd }

    /// Whether it was rung since the last time. Look for what is new after this, not before.
    package func answer() -> Bool {
        let bytes = pipe.drain()
        let wasRung = isRung.exchange(false, ordering: .acquiringAndReleasing)
        return wasRung || !bytes.isEmpty
    }
}
