import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LMClients

@Suite struct TransportTests {
    private let transport = Transport(maxConnections: 32)

    private func request(_ server: ScriptedServer, limits: HTTPLimits = HTTPLimits(), body: String = "{}")
        -> HTTPRequest
    {
        HTTPRequest(url: server.baseURL + "/x", headers: ["X-Test: 1"], body: Array(body.utf8), limits: limits)
    }

    @Test func sendsBodyAndHeadersAndReadsTheAnswer() async throws {
        let server = try ScriptedServer { _ in .json("[1]", status: 201, headers: ["Retry-After: 7"]) }
        defer { server.stop() }
        let response = try await transport.send(request(server, body: "{\"a\":1}"))
        #expect(response.head.status == 201)
        #expect(response.head.contentType == "application/json")
        #expect(response.head.retryAfter == "7")
        #expect(response.body == Array("[1]".utf8))
        let seen = try #require(server.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.path == "/v1/x")
        #expect(seen.headers["x-test"] == "1")
        #expect(seen.headers["expect"] == nil)
        #expect(seen.body == Array("{\"a\":1}".utf8))
    }

    @Test func reusesOneConnectionForRequestsInTurn() async throws {
        let server = try ScriptedServer { _ in .json("1") }
        defer { server.stop() }
        for index in 0..<50 {
            let response = try await transport.send(
                index.isMultiple(of: 2)
                    ? request(server) : HTTPRequest(url: server.baseURL + "/models")
            )
            #expect(response.body == Array("1".utf8))
        }
        #expect(server.connectionCount == 1)
        #expect(server.requests[1].method == "GET")
        #expect(server.requests[1].body.isEmpty)
    }

    @Test func keepsToItsNumberOfConnections() async throws {
        let server = try ScriptedServer { _ in .json("1").after(milliseconds: 5) }
        defer { server.stop() }
        let transport = Transport(maxConnections: 4)
        let request = request(server)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 { group.addTask { (try? await transport.send(request)) != nil } }
            for await isGood in group { #expect(isGood) }
        }
        #expect(server.maxInFlight <= 4)
        #expect(server.maxInFlight > 1)
        #expect(server.connectionCount <= 4)
        #expect(server.requestCount == 40)
    }

    @Test func cancellingClosesTheConnectionAtOnce() async throws {
        let server = try ScriptedServer { _ in .never }
        defer { server.stop() }
        let request = request(server)
        let task = Task { try await transport.send(request) }
        #expect(await waitUntil { server.inFlight == 1 })
        task.cancel()
        let result = await task.result
        #expect(throws: TransportError(.cancelled)) { try result.get() }
        #expect(await waitUntil { server.inFlight == 0 && server.openConnectionCount == 0 })
    }

    @Test func cancellingWhatStillWaitsItsTurn() async throws {
        let server = try ScriptedServer { _ in .never }
        defer { server.stop() }
        let transport = Transport(maxConnections: 1)
        let request = request(server)
        let first = Task { try await transport.send(request) }
        #expect(await waitUntil { server.inFlight == 1 })
        let second = Task { try await transport.send(request) }
        second.cancel()
        let result = await second.result
        #expect(throws: TransportError(.cancelled)) { try result.get() }
        #expect(server.inFlight == 1)
        first.cancel()
        _ = await first.result
    }

    @Test func saysWhatWentWrong() async throws {
        let silent = try ScriptedServer { _ in .never }
        defer { silent.stop() }
        await #expect(throws: TransportError(.firstByteTimeout)) {
            try await transport.send(request(silent, limits: HTTPLimits(firstByte: 0.05)))
        }
        let halting = try ScriptedServer { _ in .chunked([[65]], end: [.hang]) }
        defer { halting.stop() }
        await #expect(throws: TransportError(.idleTimeout)) {
            try await transport.send(request(halting, limits: HTTPLimits(idle: 0.05)))
        }
        let dripping = try ScriptedServer { _ in .events(Array(repeating: ":\n", count: 1000), milliseconds: 5) }
        defer { dripping.stop() }
        await #expect(throws: TransportError(.totalTimeout)) {
            try await transport.send(request(dripping, limits: HTTPLimits(idle: 5, total: 0.05)))
        }
        let leaving = try ScriptedServer { _ in .hangUp }
        defer { leaving.stop() }
        let broken = await #expect(throws: TransportError.self) { try await transport.send(request(leaving)) }
        #expect(broken?.kind == .broken)
        let refused = await #expect(throws: TransportError.self) {
            try await transport.send(HTTPRequest(url: "http://127.0.0.1:1/v1"))
        }
        #expect(refused?.kind == .refused)
        let scheme = await #expect(throws: TransportError.self) {
            try await transport.send(HTTPRequest(url: "file:///etc/passwd"))
        }
        #expect(scheme?.kind == .unusableURL)
        // All connections of failed requests are gone on the other side too.
        #expect(await waitUntil { silent.inFlight + halting.inFlight + dripping.inFlight == 0 })
    }

    @Test func givesUpAnAnswerThatIsTooLarge() async throws {
        let server = try ScriptedServer { _ in
            let piece = [UInt8](repeating: 65, count: 1 << 16)
            return .chunked(Array(repeating: piece, count: 1000), end: [.hang])
        }
        defer { server.stop() }
        await #expect(throws: TransportError(.tooLarge)) {
            try await transport.send(request(server, limits: HTTPLimits(bytes: 1 << 20)))
        }
        #expect(await waitUntil { server.inFlight == 0 })
        let endless = try ScriptedServer { _ in
            .raw("HTTP/1.1 200 OK\r\n" + String(repeating: "X-A: aaaaaaaaaaaaaaaa\r\n", count: 10_000), end: [.hang])
        }
        defer { endless.stop() }
        await #expect(throws: TransportError.self) {
            try await transport.send(request(endless, limits: HTTPLimits(firstByte: 3, idle: 3, bytes: 100_000)))
        }
    }

    /// A child process, such as a REPL, must never hold a connection that carries a key.
    @Test func connectionsAreNotInherited() async throws {
        let server = try ScriptedServer { _ in .json("1") }
        defer { server.stop() }
        _ = try await transport.send(request(server))
        let flags = (Int32(0)..<1024).compactMap { descriptor -> Int32? in
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let hasPeer = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(descriptor, $0, &length) == 0
                }
            }
            guard hasPeer, UInt16(bigEndian: address.sin_port) == server.port else { return nil }
            return fcntl(descriptor, F_GETFD)
        }
        #expect(flags.count == 1)
        #expect(flags.allSatisfy { $0 & FD_CLOEXEC != 0 })
    }

    @Test func handsPiecesOnAsTheyCome() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try ScriptedServer { _ in
            // The second piece is sent when the first has arrived.
            var reply = ScriptedReply.events(["one", "two"])
            reply.steps.insert(.run { _ = gate.wait(timeout: .now() + 10) }, at: 2)
            return reply
        }
        defer { server.stop() }
        var pieces: [String] = []
        let response = try await transport.send(request(server)) { head, bytes in
            #expect(head.status == 200)
            pieces.append(String(decoding: bytes, as: UTF8.self))
            gate.signal()
            return true
        }
        #expect(pieces == ["one", "two"])
        #expect(response.body.isEmpty)
    }

    @Test func returnsAtOnceWhenEnoughCameAndKeepsTheConnection() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try ScriptedServer { _ in
            // The end is sent when the client has long had enough.
            var reply = ScriptedReply.events(["one"])
            reply.steps.insert(.run { _ = gate.wait(timeout: .now() + 10) }, at: 2)
            return reply
        }
        defer { server.stop() }
        for _ in 0..<5 {
            _ = try await transport.send(request(server)) { _, _ in false }
            #expect(server.inFlight == 1)
            gate.signal()
            #expect(await waitUntil { server.inFlight == 0 })
            // What the transport still has to read is the end of one answer.
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(server.connectionCount < 5)
    }

    @Test func survivesManyRequestsCancelledAtAnyMoment() async throws {
        let server = try ScriptedServer(isRecording: false) { request in
            request.body.count.isMultiple(of: 2) ? .json("1") : .json("1").after(milliseconds: 1)
        }
        defer { server.stop() }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<400 {
                let request = request(server, body: String(repeating: "x", count: index % 7))
                group.addTask {
                    let task = Task { try await transport.send(request) }
                    if index.isMultiple(of: 3) {
                        for _ in 0..<(index % 11) { await Task.yield() }
                        task.cancel()
                    }
                    return (try? await task.value)?.body == Array("1".utf8)
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes >= 266)
        #expect(await waitUntil { server.inFlight == 0 })
    }

    /// Some servers send their headers at once and think then: that is the first byte's time, not the time between bytes.
    @Test func headersAloneAreNoFirstByte() async throws {
        let server = try ScriptedServer { _ in
            ScriptedReply([
                .send(Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 2\r\n\r\n".utf8)),
                .wait(600), .send(Array("ok".utf8)),
            ])
        }
        defer { server.stop() }
        let transport = Transport(maxConnections: 2)
        let patient = HTTPLimits(firstByte: 30, idle: 0.2)
        let response = try await transport.send(HTTPRequest(url: server.baseURL, limits: patient))
        #expect(response.body == Array("ok".utf8))
        let hasty = HTTPLimits(firstByte: 0.2, idle: 30)
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(HTTPRequest(url: server.baseURL, limits: hasty))
        }
        #expect(error?.kind == .firstByteTimeout)
    }

    @Test func aBodyThatIsSaidToBeTooLargeIsNotWaitedFor() async throws {
        let server = try ScriptedServer { _ in
            ScriptedReply([.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".utf8)), .hang])
        }
        defer { server.stop() }
        let error = await #expect(throws: TransportError.self) {
            try await Transport(maxConnections: 2).send(
                HTTPRequest(url: server.baseURL, limits: HTTPLimits(firstByte: 60, bytes: 1 << 20)))
        }
        #expect(error?.kind == .tooLarge)
    }

    /// A server that is faster than whoever reads is held back, and nothing of what it sends is lost.
    @Test func aFastServerIsHeldBack() async throws {
        let piece = (0..<1 << 16).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try ScriptedServer(isRecording: false) { _ in
            .chunked(Array(repeating: piece, count: 400), end: [.send(Array("0\r\n\r\n".utf8))])
        }
        defer { server.stop() }
        var count = 0
        var largest = 0
        var isGood = true
        _ = try await Transport(maxConnections: 2).send(
            HTTPRequest(url: server.baseURL, limits: HTTPLimits(idle: 0.5))
        ) { _, bytes in
            // The first piece is looked at for longer than the server takes to send all, and than it may be silent.
            if count == 0 { Thread.sleep(forTimeInterval: 1) }
            for (index, byte) in bytes.enumerated() where byte != piece[(count + index) % piece.count] {
                isGood = false
            }
            count += bytes.count
            largest = max(largest, bytes.count)
            return true
        }
        #expect(isGood)
        #expect(count == 400 << 16)
        #expect(largest <= 2 << 20)
    }
}
