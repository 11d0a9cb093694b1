import Glibc
import Synchronization

/// The host's end of the socket to a worker. Any thread may send; only the worker's own thread receives.
///
/// An answer goes straight from the task that has it to the worker, without a stop at the worker's thread.
final class WorkerSocket: @unchecked Sendable {  // @unchecked: the descriptor is closed with `state` locked.
    private struct State {
        /// What the socket would not take yet, a frame each.
        var unsent: [[UInt8]] = []
        /// How much of the first is sent.
        var start = 0
        var unsentByteCount = 0
        var isClosed = false
    }

    private let descriptor: Descriptor
    private let state = Mutex(State())

    init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
        descriptor.makeNonBlocking()
    }

    /// For `poll`, by the worker's own thread.
    var number: Int32 { descriptor.number }

    /// Bytes that wait until the worker reads.
    var unsentByteCount: Int { state.withLock { $0.unsentByteCount } }

    /// Sends now what the socket takes and keeps the rest for `flush`.
    ///
    /// - Returns: whether all was sent.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            if state.isClosed { return true }
            state.unsent.append(bytes)
            state.unsentByteCount += bytes.count
            return flush(&state)
        }
    }

    func flush() {
        state.withLock { _ = flush(&$0) }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.unsent = []
            state.unsentByteCount = 0
            descriptor.close()
        }
    }

    /// Reads once.
    ///
    /// - Returns: the bytes read; 0 when there are none now, nil at the end of the stream.
    func receive(_ room: UnsafeMutableRawBufferPointer) -> Int? {
        let count = recv(descriptor.number, room.baseAddress, room.count, 0)
        if count > 0 { return count }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : nil
    }

    private func flush(_ state: inout State) -> Bool {
        while let frame = state.unsent.first {
            let count = frame.withUnsafeBytes {
                let rest = UnsafeRawBufferPointer(rebasing: $0[state.start...])
                return Glibc.send(descriptor.number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                state.start += count
                state.unsentByteCount -= count
                if state.start == frame.count {
                    state.unsent.removeFirst()
                    state.start = 0
                }
            } else if count < 0 && errno == EAGAIN {
                return false
            } else if !(count < 0 && errno == EINTR) {
                break  // the worker is gone, which shows elsewhere
            }
        }
        state.unsent = []
        state.start = 0
        state.unsentByteCount = 0
        return true
    }
}
