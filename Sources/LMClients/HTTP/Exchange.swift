import CCurl
import Synchronization

/// One request on its way and what has come back of it. The transport's thread fills it; one task waits for it.
final class Exchange: @unchecked Sendable {  // @unchecked: `delivery` is locked, the rest is the thread's alone.
    /// What crosses from the thread to the task.
    private struct Delivery {
        var head: HTTPHead?
        var bytes: [UInt8] = []
        var outcome: Result<HTTPHead, TransportError>?
        var waiter: CheckedContinuation<Void, Never>?
        /// Whether the thread waits for the task to take what is there.
        var isPaused = false
    }

    /// What the waiting task takes in one go.
    struct News {
        var head: HTTPHead?
        var bytes: [UInt8]
        var outcome: Result<HTTPHead, TransportError>?
        /// Whether there is room again and the thread does not know it.
        var isPaused: Bool
    }

    /// What the thread has done with bytes.
    enum Receipt { case taken, refused, notYet }

    /// Bytes of a stream that may wait for the task; a server that is faster than it is held back.
    private static let maxWaiting = 1 << 20

    let request: HTTPRequest
    /// Whether bytes are handed on as they come, or all at the end.
    let isStreaming: Bool
    private let delivery = Mutex(Delivery())

    var easy: EasyHandle?
    /// Where it stands among the transport's active exchanges.
    var slot = 0
    var isCancelled = false
    var isTooLarge = false
    /// Nobody waits any more: what still comes is read and dropped, so that the connection can be used again.
    var isDraining = false
    private(set) var head = HTTPHead()
    private(set) var hasFirstByte = false
    /// Whether a byte of the answer itself has come: some servers send their headers at once and think then.
    private var hasBody = false
    private var isPaused = false
    private(set) var lastByteTime = 0.0
    private(set) var startTime = 0.0
    private var drainTime = Double.infinity
    private var byteCount = 0

    init(_ request: HTTPRequest, isStreaming: Bool) {
        self.request = request
        self.isStreaming = isStreaming
    }

    // MARK: On the transport's thread

    func start(now: Double) {
        startTime = now
        lastByteTime = now
    }

    func drain(now: Double) {
        isDraining = true
        drainTime = now + 1
        resume(now: now)
    }

    /// When the exchange has to be given up if nothing comes before, and as what.
    var deadline: (time: Double, kind: TransportError.Kind) {
        let limits = request.limits
        let next: (time: Double, kind: TransportError.Kind) =
            hasBody
            ? (lastByteTime + limits.idle, .idleTimeout) : (startTime + limits.firstByte, .firstByteTimeout)
        let end = min(startTime + limits.total, drainTime)
        return isPaused || end < next.time ? (end, .totalTimeout) : next
    }

    func receive(header line: UnsafeRawBufferPointer, now: Double) -> Bool {
        guard count(line.count, now: now) else { return false }
        head.read(line: line)
        // A body that is said to be too large need not be waited for.
        if let length = head.contentLength, length > request.limits.bytes { isTooLarge = true }
        return !isTooLarge
    }

    func receive(body bytes: UnsafeRawBufferPointer, now: Double) -> Receipt {
        // What is not taken now comes again, and is counted then.
        if isStreaming, !isDraining, isFull() {
            isPaused = true
            return .notYet
        }
        hasBody = true
        guard count(bytes.count, now: now) else { return .refused }
        guard !isDraining else { return .taken }
        if head.status == 0 { head.status = easy?.status ?? 0 }
        let waiter = delivery.withLock { delivery in
            delivery.bytes.append(contentsOf: bytes)
            guard isStreaming else { return nil as CheckedContinuation<Void, Never>? }
            if delivery.head == nil { delivery.head = head }
            return delivery.waiter.take()
        }
        waiter?.resume()
        return .taken
    }

    private func isFull() -> Bool {
        delivery.withLock { delivery in
            delivery.isPaused = delivery.bytes.count >= Self.maxWaiting
            return delivery.isPaused
        }
    }

    /// The task has made room.
    func resume(now: Double) {
        guard isPaused else { return }
        isPaused = false
        lastByteTime = now
        easy?.resume()
    }

    func finish(_ failure: TransportError?) {
        if head.status == 0 { head.status = easy?.status ?? 0 }
        let waiter = delivery.withLock { delivery in
            delivery.head = head
            delivery.outcome = failure.map(Result.failure) ?? .success(head)
            return delivery.waiter.take()
        }
        waiter?.resume()
    }

    private func count(_ bytes: Int, now: Double) -> Bool {
        if !hasFirstByte {
            hasFirstByte = true
            head.secondsToFirstByte = now - startTime
        }
        lastByteTime = now
        byteCount += bytes
        isTooLarge = byteCount > request.limits.bytes
        return !isTooLarge
    }

    // MARK: In the waiting task

    /// Waits until there is something to take: bytes when streaming, the outcome always.
    func next() async -> News {
        await withCheckedContinuation { continuation in
            let isReady = delivery.withLock { delivery in
                if delivery.outcome != nil || (isStreaming && !delivery.bytes.isEmpty) { return true }
                delivery.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return delivery.withLock { delivery in
            let news = News(
                head: delivery.head,
                bytes: delivery.bytes,
                outcome: delivery.outcome,
                isPaused: delivery.isPaused
            )
            delivery.bytes = []
            delivery.isPaused = false
            return news
        }
    }
}
