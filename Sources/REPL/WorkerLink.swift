import Glibc
import Synchronization

/// What a REPL and the thread of its `WorkerLoop` share: orders to the thread, in the order in which they came, and what the
/// thread tells back.
final class WorkerLink: @unchecked Sendable {  // @unchecked: the descriptors are used with `state` locked.
    enum Order: Sendable {
        case run(RunOrder)
        /// Nil where none can be taken.
        case checkpoint(CheckedContinuation<Checkpoint?, Never>)
        /// Nil where it went well.
        case restore(Checkpoint, CheckedContinuation<REPLError?, Never>)
        case drop(Checkpoint)
        /// Ends a block before its time; nil means whichever runs now.
        case stop(run: Int?)
        /// A sub-call is over; its answer is on the way, and its request of so many bytes is no longer held.
        case answered(worker: Int, subcall: Int, byteCount: Int)
        case close
    }

    struct RunOrder: Sendable {
        /// Its own for good.
        let number: Int
        let code: String
        let done: CheckedContinuation<BlockResult, Never>
    }

    private struct State {
        var orders: [Order] = []
        var isClosed = false
        var notices: [String] = []
        var checkpoints: [Checkpoint] = []
        var checkpointObstacle: String?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Readable when there are orders.
    private let wakeUp: Descriptor
    private let waker: Descriptor

    /// - Throws: `SystemError`.
    init() throws {
        (wakeUp, waker) = try Descriptor.socketPair()
        wakeUp.makeNonBlocking()
        waker.makeNonBlocking()
    }

    /// For `poll`, by the thread that also closes the link.
    var wakeUpNumber: Int32 { wakeUp.number }

    /// - Returns: false when nobody will read it any more.
    @discardableResult
    func post(_ order: Order) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            state.orders.append(order)
            if state.orders.count == 1 { write(waker.number, "!", 1) }
            return true
        }
    }

    /// The orders that have come, once.
    func takeOrders() -> [Order] {
        state.withLock { state in
            if state.orders.isEmpty { return [] }
            var rung: UInt8 = 0
            read(wakeUp.number, &rung, 1)
            defer { state.orders = [] }
            return state.orders
        }
    }

    /// What the person should know about the REPL, each once.
    var notices: [String] { state.withLock { $0.notices } }

    func notice(_ text: String) {
        state.withLock { if !$0.notices.contains(text) { $0.notices.append(text) } }
    }

    /// The checkpoints that can be gone back to, oldest first.
    var checkpoints: [Checkpoint] {
        get { state.withLock { $0.checkpoints } }
        set { state.withLock { $0.checkpoints = newValue } }
    }

    /// Why the last checkpoint that was asked for was not taken.
    var checkpointObstacle: String? {
        get { state.withLock { $0.checkpointObstacle } }
        set { state.withLock { $0.checkpointObstacle = newValue } }
    }

    /// Returns once `close` was called.
    func untilClosed() async {
        await withCheckedContinuation { waiter in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.waiters.append(waiter) }
                return state.isClosed
            }
            if isClosed { waiter.resume() }
        }
    }

    /// Takes no more orders and returns those that nobody will carry out.
    func close() -> [Order] {
        let (orders, waiters) = state.withLock { state in
            state.isClosed = true
            wakeUp.close()
            waker.close()
            defer { (state.orders, state.waiters) = ([], []) }
            return (state.orders, state.waiters)
        }
        for waiter in waiters { waiter.resume() }
        return orders
    }
}
