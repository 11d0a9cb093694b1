// What takes longer than a frame, beside the main thread. It reports with messages, which the loop takes.

import Foundation
import Synchronization

/// Work that goes on while keys are answered. Of each kind one is wanted at a time: a new one takes the place of the old,
/// whose messages are dropped.
final class BackgroundWork: Sendable {
    enum Kind: Hashable, Sendable {
        case search, map, comparison, forecast
        /// What is not taken the place of: each run or decision by itself.
        case travel(Int)
    }

    /// One piece of work, as it sees itself.
    struct Piece: Sendable {
        fileprivate let work: BackgroundWork
        fileprivate let kind: Kind
        fileprivate let number: Int

        /// Whether nobody wants it any more.
        var isCancelled: Bool { work.state.withLock { $0.current[kind] != number } }

        func tell(_ message: ExplorerMessage) { work.add(message, of: self) }
    }

    private struct State {
        var current: [Kind: Int] = [:]
        var running = 0
        var last = 0
        var messages: [ExplorerMessage] = []
    }

    private let state = Mutex(State())
    private let isInline: Bool
    private let ring: @Sendable () -> Void

    /// - Parameters:
    ///   - isInline: whether work is done when it is started, for screens that are made once.
    ///   - ring: wakes the loop, which then asks for messages.
    init(isInline: Bool = false, ring: @escaping @Sendable () -> Void = {}) {
        self.isInline = isInline
        self.ring = ring
    }

    /// Starts work on a thread of its own: it may take long, and must not stand in the way of the engine's tasks.
    func start(_ kind: Kind, _ body: @escaping @Sendable (Piece) -> Void) {
        let piece = begin(kind)
        if isInline {
            body(piece)
            end(piece)
            return
        }
        Thread.detachNewThread {
            body(piece)
            self.end(piece)
        }
    }

    /// Starts work that waits for others, beside the threads of such work.
    func start(_ kind: Kind, waiting body: @escaping @Sendable (Piece) async -> Void) {
        let piece = begin(kind)
        Task.detached {
            await body(piece)
            self.end(piece)
        }
    }

    /// The same for work that does not take the place of other work.
    func start(_ body: @escaping @Sendable (Piece) async -> Void) {
        start(.travel(state.withLock { $0.last + 1 }), waiting: body)
    }

    func cancel(_ kind: Kind) { state.withLock { $0.current[kind] = nil } }

    /// Cancels everything and waits until nothing reads the store any more, or a second is over.
    func stop() {
        state.withLock { $0.current = [:] }
        let deadline = ContinuousClock.now + .seconds(1)
        while !isIdle, ContinuousClock.now < deadline { Thread.sleep(forTimeInterval: 0.005) }
    }

    var isIdle: Bool { state.withLock { $0.running == 0 } }

    /// What has come since the last time.
    func takeMessages() -> [ExplorerMessage] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    private func begin(_ kind: Kind) -> Piece {
        state.withLock { state in
            state.last += 1
            state.current[kind] = state.last
            state.running += 1
            return Piece(work: self, kind: kind, number: state.last)
        }
    }

    private func end(_ piece: Piece) {
        state.withLock { state in
            state.running -= 1
            if state.current[piece.kind] == piece.number { state.current[piece.kind] = nil }
        }
    }

    private func add(_ message: ExplorerMessage, of piece: Piece) {
        let isWanted = state.withLock { state in
            guard state.current[piece.kind] == piece.number else { return false }
            state.messages.append(message)
            return true
        }
        if isWanted { ring() }
    }
}
