import Foundation

/// HTTP over libcurl: connections are kept and shared, HTTP/2 is used where TLS offers it, and one thread serves all
/// requests. Share one transport between clients.
///
/// For example:
///
///     let transport = Transport()
///     let response = try await transport.send(HTTPRequest(url: "http://127.0.0.1:8000/v1/models"))
///     response.head.status
package final class Transport: Sendable {
    private let loop: TransportLoop

    /// - Parameters:
    ///   - maxConnections: requests on their way at a time; the others wait their turn here.
    ///   - certificates: what servers are trusted by.
    package init(maxConnections: Int = 256, certificates: Certificates = Certificates()) {
        let loop = TransportLoop(maxActive: maxConnections, certificates: certificates)
        self.loop = loop
        let thread = Thread { loop.run() }
        thread.name = "lm-transport"
        thread.start()
    }

    deinit { loop.stop() }

    /// Sends a request and waits for the whole answer. Cancelling the task takes the request out at once and closes
    /// its connection.
    ///
    /// With `onBytes`, pieces of the body of a 2xx answer go there as they come, in order and in the calling task; it
    /// answers whether it wants more. Once it does not, this returns at once.
    ///
    /// Throws `TransportError`; an HTTP status is no error here.
    package func send(
        _ request: HTTPRequest,
        onBytes: ((HTTPHead, [UInt8]) -> Bool)? = nil
    ) async throws(TransportError) -> HTTPResponse {
        guard !Task.isCancelled else { throw TransportError(.cancelled) }
        let exchange = Exchange(request, isStreaming: onBytes != nil)
        let outcome = await withTaskCancellationHandler {
            loop.start(exchange)
            return await receive(exchange, onBytes: onBytes)
        } onCancel: {
            loop.cancel(exchange)
        }
        return try outcome.get()
    }

    private func receive(
        _ exchange: Exchange,
        onBytes: ((HTTPHead, [UInt8]) -> Bool)?
    ) async -> Result<HTTPResponse, TransportError> {
        var body: [UInt8] = []
        while true {
            let news = await exchange.next()
            if news.isPaused { loop.resume(exchange) }
            if let onBytes, let head = news.head, (200..<300).contains(head.status) {
                if !news.bytes.isEmpty, !onBytes(head, news.bytes) {
                    loop.drain(exchange)
                    return .success(HTTPResponse(head: head, body: []))
                }
            } else if body.isEmpty {
                body = news.bytes
            } else {
                body += news.bytes
            }
            if let outcome = news.outcome { return outcome.map { HTTPResponse(head: $0, body: body) } }
        }
    }

    /// Seconds on a clock that nobody sets.
    static func now() -> Double { ProcessInfo.processInfo.systemUptime }
}
