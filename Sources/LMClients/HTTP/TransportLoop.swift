import CCurl
import Foundation
import Synchronization

/// The thread that owns libcurl's multi handle. Others give it orders and wake it.
final class TransportLoop: @unchecked Sendable {  // @unchecked: `orders` is locked, the rest is the thread's alone.
    private struct Orders {
        var started: [Exchange] = []
        var cancelled: [Exchange] = []
        var drained: [Exchange] = []
        var resumed: [Exchange] = []
        var isStopping = false
        var isWoken = false
    }

    private let orders = Mutex(Orders())
    /// From other threads it is only woken, which libcurl allows.
    private let multi: UnsafeMutableRawPointer
    private let maxActive: Int
    private let certificates: Certificates
    private var spare: [EasyHandle] = []
    private var active: [Exchange] = []
    /// Exchanges beyond `maxActive`, in order; those before `nextWaiting` have been started.
    private var waiting: [Exchange] = []
    private var nextWaiting = 0
    private var hasCancelledWaiting = false

    init(maxActive: Int, certificates: Certificates) {
        _ = Self.isCurlReady
        // Without memory for this Swift could not have made the object either, and ends the program in the same way.
        guard let multi = curl_multi_init() else { fatalError("libcurl has no memory for a multi handle") }
        self.multi = multi
        self.maxActive = max(1, maxActive)
        self.certificates = certificates
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, self.maxActive)
    }

    private static let isCurlReady: Bool = ccurl_global_init() == CURLE_OK

    // MARK: From anywhere

    func start(_ exchange: Exchange) { post { $0.started.append(exchange) } }
    func cancel(_ exchange: Exchange) { post { $0.cancelled.append(exchange) } }
    func drain(_ exchange: Exchange) { post { $0.drained.append(exchange) } }
    func resume(_ exchange: Exchange) { post { $0.resumed.append(exchange) } }
    func stop() { post { $0.isStopping = true } }

    private func post(_ change: (inout sending Orders) -> Void) {
        orders.withLock { orders in
            change(&orders)
            // Woken once for all the orders of a turn; and under the lock, since the thread frees `multi` at the end.
            if !orders.isWoken { curl_multi_wakeup(multi) }
            orders.isWoken = true
        }
    }

    // MARK: On the thread

    func run() {
        while readOrders() {
            startWaiting()
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishDone()
            startWaiting()
            curl_multi_poll(multi, nil, 0, expire(now: Transport.now()), nil)
        }
        for exchange in active { end(exchange, TransportError(.cancelled)) }
        for exchange in waiting[nextWaiting...] { exchange.finish(TransportError(.cancelled)) }
        spare = []
        curl_multi_cleanup(multi)
    }

    /// False when the loop has to end.
    private func readOrders() -> Bool {
        let new = orders.withLock { orders in
            let new = orders
            // A stopped loop stays "woken": nobody may touch the multi handle from then on.
            orders = Orders(isStopping: new.isStopping, isWoken: new.isStopping)
            return new
        }
        waiting.append(contentsOf: new.started)
        for exchange in new.drained where exchange.easy != nil { exchange.drain(now: Transport.now()) }
        for exchange in new.resumed where exchange.easy != nil { exchange.resume(now: Transport.now()) }
        for exchange in new.cancelled {
            exchange.isCancelled = true
            if exchange.easy != nil { end(exchange, TransportError(.cancelled)) } else { hasCancelledWaiting = true }
        }
        return !new.isStopping
    }

    private func startWaiting() {
        while nextWaiting < waiting.count, active.count < maxActive {
            let exchange = waiting[nextWaiting]
            nextWaiting += 1
            begin(exchange)
        }
        if nextWaiting == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            nextWaiting = 0
        } else if hasCancelledWaiting {
            sweepWaiting()
        }
        hasCancelledWaiting = false
    }

    private func sweepWaiting() {
        for exchange in waiting[nextWaiting...] where exchange.isCancelled {
            exchange.finish(TransportError(.cancelled))
        }
        waiting = waiting[nextWaiting...].filter { !$0.isCancelled }
        nextWaiting = 0
    }

    private func begin(_ exchange: Exchange) {
        guard !exchange.isCancelled else { return exchange.finish(TransportError(.cancelled)) }
        guard let easy = spare.popLast() ?? EasyHandle(certificates) else {
            return exchange.finish(TransportError(.broken, detail: "no memory for another request"))
        }
        exchange.start(now: Transport.now())
        exchange.easy = easy
        exchange.slot = active.count
        active.append(exchange)
        easy.prepare(exchange)
        curl_multi_add_handle(multi, easy.curl)
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let curl = message.pointee.easy_handle else { continue }
            let code = ccurl_result(message)
            var pointer: UnsafeMutableRawPointer?
            ccurl_get_pointer(curl, CURLINFO_PRIVATE, &pointer)
            guard let pointer else { continue }
            let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
            if code == CURLE_OK {
                end(exchange, nil)
            } else if exchange.isTooLarge {
                end(exchange, TransportError(.tooLarge))
            } else {
                end(
                    exchange,
                    TransportError(
                        curl: code,
                        systemError: exchange.easy?.systemError ?? 0,
                        hasFirstByte: exchange.hasFirstByte,
                        detail: exchange.easy?.errorDetail ?? ""
                    )
                )
            }
        }
    }

    /// Takes an exchange out of libcurl and tells its task. In the middle of an answer this closes its connection,
    /// or its stream under HTTP/2.
    private func end(_ exchange: Exchange, _ failure: TransportError?) {
        guard let easy = exchange.easy else { return }
        curl_multi_remove_handle(multi, easy.curl)
        exchange.finish(failure)
        easy.release()
        exchange.easy = nil
        spare.append(easy)
        let last = active.removeLast()
        if last !== exchange {
            active[exchange.slot] = last
            last.slot = exchange.slot
        }
    }

    /// Gives up what is over its time; returns the milliseconds until the next has to be.
    private func expire(now: Double) -> Int32 {
        var next = now + 60
        var late: [(Exchange, TransportError.Kind)] = []
        for exchange in active {
            let (time, kind) = exchange.deadline
            if time <= now { late.append((exchange, kind)) } else { next = min(next, time) }
        }
        for (exchange, kind) in late { end(exchange, TransportError(kind)) }
        return Int32(((next - now) * 1000).rounded(.up))
    }
}
