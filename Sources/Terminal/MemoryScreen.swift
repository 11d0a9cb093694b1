import Synchronization

/// The twin of `CursesScreen` without a terminal: tests type keys and read what was drawn.
///
/// Typing and looking may happen on another thread than the one that owns the screen.
///
/// For example:
///
///     let screen = MemoryScreen(size: Size(columns: 80, rows: 24))
///     screen.type("jj<enter>")
///     screen.nextEvent(timeoutMilliseconds: 0)   // .key(.character("j"))
package final class MemoryScreen: Screen, Sendable {
    private struct State {
        var size: Size
        var surface: Surface
        var palette = Palette.plain
        var events: [ScreenEvent] = []
        var presentations = 0
        var isSuspended = false
        var isClosed = false
    }

    private let state: Mutex<State>
    private let doorbell: Doorbell?
    private let wakeUp: SelfPipe

    package init(size: Size, doorbell: Doorbell? = nil) {
        self.doorbell = doorbell
        wakeUp = SelfPipe()
        state = Mutex(State(size: size, surface: Surface(size: size)))
    }

    package var size: Size { state.withLock { $0.size } }
    /// What was presented last.
    package var surface: Surface { state.withLock { $0.surface } }
    package var palette: Palette { state.withLock { $0.palette } }
    /// Times something was presented that looked other than before.
    package var presentations: Int { state.withLock { $0.presentations } }
    package var isSuspended: Bool { state.withLock { $0.isSuspended } }
    package var isClosed: Bool { state.withLock { $0.isClosed } }
    /// Whether every event was taken.
    package var isDrained: Bool { state.withLock { $0.events.isEmpty } }

    /// Types keys in `KeyNotation`, which must be right: a test that types others is wrong itself.
    package func type(_ notation: String) {
        do {
            send(try KeyNotation.parse(notation).map { .key($0) })
        } catch {
            preconditionFailure(error.description)
        }
    }

    package func send(_ events: [ScreenEvent]) {
        state.withLock { $0.events += events }
        wakeUp.send(1)
    }

    /// Changes the size, as a person does who drags the window.
    package func resize(to size: Size) {
        state.withLock { state in
            state.size = size
            state.events.append(.resized(size))
        }
        wakeUp.send(1)
    }

    package func present(_ surface: Surface, palette: Palette) {
        state.withLock { state in
            guard state.surface != surface || state.palette != palette || state.presentations == 0 else { return }
            state.surface = surface
            state.palette = palette
            state.presentations += 1
        }
    }

    package func nextEvent(timeoutMilliseconds: Int?) -> ScreenEvent? {
        let deadline = timeoutMilliseconds.map { ContinuousClock.now + .milliseconds($0) }
        while true {
            _ = wakeUp.drain()
            if let event = state.withLock({ $0.events.isEmpty ? nil : $0.events.removeFirst() }) { return event }
            if doorbell?.answer() == true { return .mailbox }
            let left = deadline.map { $0 - .now }
            if let left, left <= .zero { return nil }
            Poll.wait(on: [wakeUp.readEnd] + (doorbell.map { [$0.descriptor] } ?? []), for: left)
        }
    }

    package func suspend() { state.withLock { $0.isSuspended = true } }
    package func resume() { state.withLock { $0.isSuspended = false } }
    package func redraw() {}
    package func close() { state.withLock { $0.isClosed = true } }
}
