import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// An OpenAI-compatible HTTP server on 127.0.0.1 that answers from a script, counts what happens to it, and costs so
/// little that a benchmark of clients is not bound by it. One thread a connection, kept alive.
///
/// For example:
///
///     let server = try ScriptedServer { _ in .completion("forty-two") }
///     defer { server.stop() }
///     server.baseURL  // http://127.0.0.1:PORT/v1
package final class ScriptedServer: Sendable {
    package typealias Handler = @Sendable (ScriptedRequest) -> ScriptedReply

    private struct State {
        var requests: [ScriptedRequest] = []
        var requestCount = 0
        var connectionCount = 0
        var openConnections: Set<Int32> = []
        var inFlight = 0
        var maxInFlight = 0
        var isStopped = false
    }

    package let port: UInt16
    private let listener: Int32
    /// Readable from `stop` on, so that every waiting thread wakes.
    private let stopPipe: (reader: Int32, writer: Int32)
    private let handler: Handler
    private let isRecording: Bool
    private let state = Mutex(State())

    /// Listens on a free port. `isRecording` off keeps no requests, for benchmarks.
    package init(isRecording: Bool = true, handler: @escaping Handler) throws {
        self.handler = handler
        self.isRecording = isRecording
        (listener, port) = try Self.listen()
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stopPipe = (ends[0], ends[1])
        Thread { [self] in accept() }.start()
    }

    deinit {
        close(listener)
        close(stopPipe.reader)
        close(stopPipe.writer)
    }

    package var baseURL: String { "http://127.0.0.1:\(port)/v1" }
    package var requests: [ScriptedRequest] { state.withLock { $0.requests } }
    package var requestCount: Int { state.withLock { $0.requestCount } }
    /// Connections ever taken.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }
    package var openConnectionCount: Int { state.withLock { $0.openConnections.count } }
    /// Requests read whose answer has not been sent to its end.
    package var inFlight: Int { state.withLock { $0.inFlight } }
    package var maxInFlight: Int { state.withLock { $0.maxInFlight } }

    /// Closes everything. No request is answered afterwards.
    package func stop() {
        let wasStopped = state.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped
        }
        guard !wasStopped else { return }
        _ = write(stopPipe.writer, "x", 1)
        // No new connection is taken while the port still belongs to this process.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && Glibc.listen(listener, 512) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else {
            close(listener)
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func accept() {
        while true {
            // A program that a test starts must not hold a connection open that the script closes.
            let connection = Glibc.accept(listener, nil, nil)
            if connection >= 0 { _ = fcntl(connection, F_SETFD, FD_CLOEXEC) }
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            var on: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            let isStopped = state.withLock { state in
                if state.isStopped { return true }
                state.connectionCount += 1
                state.openConnections.insert(connection)
                return false
            }
            guard !isStopped else {
                close(connection)
                return
            }
            Thread { [self] in
                serve(ScriptedConnection(socket: connection, stop: stopPipe.reader))
                state.withLock { _ = $0.openConnections.remove(connection) }
                close(connection)
            }.start()
        }
    }

    private func serve(_ connection: ScriptedConnection) {
        while let request = connection.readRequest() {
            state.withLock { state in
                state.requestCount += 1
                if isRecording { state.requests.append(request) }
                state.inFlight += 1
                state.maxInFlight = max(state.maxInFlight, state.inFlight)
            }
            let steps = handler(request).steps
            // The last piece of an answer lets the client go on, so the request counts as done just before it.
            var isDone = false
            let done = { [self] in
                if !isDone { state.withLock { $0.inFlight -= 1 } }
                isDone = true
            }
            let isKept = steps.enumerated().allSatisfy { index, step in
                if index == steps.count - 1, case .send = step { done() }
                return connection.perform(step)
            }
            done()
            if !isKept { return }
        }
    }
}
