import LMClients
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import Engine

/// How often, how patiently and past which door a request is tried again.
@Suite struct RetriesTests {
    private let request = CompletionRequest(
        model: "m-1", messages: [Message(role: .user, content: "Hi")], isStreaming: true)

    private func client(_ server: ScriptedServer, firstByte: Double = 600) throws -> OpenAIClient {
        try OpenAIClient(
            baseURL: server.baseURL,
            apiKey: nil,
            timeouts: Timeouts(firstByte: firstByte),
            transport: Transport(maxConnections: 4)
        )
    }

    private func retries(_ policy: RetryPolicy = RetryPolicy(jitter: { 0 }, sleep: { _ in })) -> Retries {
        Retries(policy: policy)
    }

    private func error(_ answer: Dispatcher.Answer) -> CompletionError? {
        if case .failure(.failure(let error)) = answer { error } else { nil }
    }

    @Test(arguments: [
        (ScriptedReply.error(500, "no"), 5), (.error(429, "slow"), 5), (.error(400, "no"), 1), (.error(401, "no"), 1),
        (.hangUp, 5), (.events([ScriptedReply.chunk("a")]), 5), (.never, 2),
    ])
    func triesAsOftenAsItMayHelp(reply: ScriptedReply, tries: Int) async throws {
        let server = try ScriptedServer { _ in reply }
        defer { server.stop() }
        let answer = await retries().answer(
            of: try client(server, firstByte: tries == 2 ? 0.05 : 600), to: request, onText: nil,
            beforeTry: { _ in nil })
        #expect(server.requestCount == tries)
        #expect(error(answer)?.retries == tries - 1)
        #expect(error(answer)?.message.contains("gave up after \(tries) tries") == (tries > 1))
    }

    @Test func nothingListensIsTriedAFewTimesSoon() async throws {
        let server = try ScriptedServer { _ in .hangUp }
        server.stop()
        let client = try client(server)
        _ = await waitUntil { error(await oneTry(client))?.message.contains("nothing listens") == true }
        let sleeps = Mutex<[Double]>([])
        let policy = RetryPolicy(jitter: { 0 }, sleep: { seconds in sleeps.withLock { $0.append(seconds) } })
        let answer = await retries(policy).answer(of: client, to: request, onText: nil, beforeTry: { _ in nil })
        #expect(error(answer)?.code == .connection && error(answer)?.retries == 2)
        #expect(sleeps.withLock { $0 } == [0.05, 0.1])
    }

    private func oneTry(_ client: OpenAIClient) async -> Dispatcher.Answer {
        await retries(RetryPolicy(maxTries: 1)).answer(of: client, to: request, onText: nil, beforeTry: { _ in nil })
    }

    @Test func aRetriedStreamStartsAnew() async throws {
        let count = Mutex(0)
        let server = try ScriptedServer { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number < 3
                ? .chunked([Array(ScriptedReply.chunk("half").utf8)], end: [.close]) : .stream(["who", "le"])
        }
        defer { server.stop() }
        let pieces = Mutex<[String]>([])
        let answer = await retries().answer(
            of: try client(server),
            to: request,
            onText: { piece in pieces.withLock { $0.append(piece) } },
            beforeTry: { _ in nil }
        )
        let response = try answer.get()
        #expect(response.text == "whole")
        #expect(response.retries == 2)
        #expect(pieces.withLock { $0 } == ["half", "", "half", "", "who", "le"])
    }

    static let waits: [([String], Double)] = [
        (["Retry-After: 3"], 3), (["retry-after-ms: 150"], 0.15), (["Retry-After: 7200"], 60), ([], 0.375),
    ]

    @Test(arguments: waits)
    func waitsAsLongAsTheServerAsks(headers: [String], seconds: Double) async throws {
        let isFirst = Mutex(true)
        let server = try ScriptedServer { _ in
            isFirst.withLock { first in
                defer { first = false }
                return first ? .error(429, "slow", headers: headers) : .completion("ok")
            }
        }
        defer { server.stop() }
        let sleeps = Mutex<[Double]>([])
        let policy = RetryPolicy(jitter: { 0.5 }, sleep: { seconds in sleeps.withLock { $0.append(seconds) } })
        let answer = await retries(policy).answer(
            of: try client(server), to: request, onText: nil, beforeTry: { _ in nil })
        #expect(try answer.get().retries == 1)
        #expect(sleeps.withLock { $0 } == [seconds])
    }

    @Test func backsOffExponentiallyWithJitter() {
        var policy = RetryPolicy(jitter: { 0 })
        #expect(
            (1...4).map { policy.delay(retries: $0, after: .anotherTry, retryAfter: nil) } == [0.25, 0.5, 1, 2])
        policy.jitter = { 0.999 }
        #expect(policy.delay(retries: 3, after: .anotherTry, retryAfter: nil) > 1.99)
        #expect(policy.delay(retries: 60, after: .anotherTry, retryAfter: nil) <= policy.maxDelay)
    }

    @Test func givesUpWhenTheTimeInAllWouldPass() async throws {
        let server = try ScriptedServer { _ in .error(429, "slow", headers: ["Retry-After: 30"]) }
        defer { server.stop() }
        let policy = RetryPolicy(totalTime: 10, sleep: { _ in Issue.record("no time to sleep") })
        let answer = await retries(policy).answer(
            of: try client(server), to: request, onText: nil, beforeTry: { _ in nil })
        #expect(error(answer)?.code == .rateLimited && error(answer)?.retryAfter == 30)
        #expect(server.requestCount == 1)
    }

    @Test func cancellingBetweenTries() async throws {
        let server = try ScriptedServer { _ in .error(500, "no") }
        defer { server.stop() }
        let client = try client(server)
        let retries = retries(RetryPolicy(sleep: { _ in try await Task.sleep(for: .seconds(60)) }))
        let request = request
        let task = Task { await retries.answer(of: client, to: request, onText: nil, beforeTry: { _ in nil }) }
        #expect(await waitUntil { server.requestCount == 1 && server.inFlight == 0 })
        task.cancel()
        #expect(error(await task.value)?.code == .cancelled)
        #expect(server.requestCount == 1)
    }

    /// While the door is shut nothing is sent, not even what has been tried; a reason ends the request there.
    @Test func nothingPassesAShutDoor() async throws {
        let server = try ScriptedServer { _ in .error(500, "no") }
        defer { server.stop() }
        let client = try client(server)
        let (opened, open) = AsyncStream<Void>.makeStream()
        let isWaiting = Mutex(false)
        let retries = retries()
        let request = request
        let task = Task {
            await retries.answer(of: client, to: request, onText: nil) { tries in
                if tries == 1 {
                    isWaiting.withLock { $0 = true }
                    for await _ in opened { break }
                }
                return tries == 2 ? .limit(LimitReached(reason: .maxBudget, message: "enough")) : nil
            }
        }
        #expect(await waitUntil { isWaiting.withLock { $0 } })
        #expect(server.requestCount == 1)
        open.yield()
        guard case .failure(.limit(let limit)) = await task.value else {
            Issue.record("the request went on")
            return
        }
        #expect(limit.message == "enough")
        #expect(server.requestCount == 2)
    }

    @Test func aCancelledRequestDoesNotPassTheDoor() async throws {
        let server = try ScriptedServer { _ in .completion("ok") }
        defer { server.stop() }
        let client = try client(server)
        let retries = retries()
        let request = request
        let task = Task {
            await retries.answer(of: client, to: request, onText: nil) { _ in
                while !Task.isCancelled { await Task.yield() }
                return nil
            }
        }
        task.cancel()
        #expect(error(await task.value)?.code == .cancelled)
        #expect(server.requestCount == 0)
    }

    /// What a client has learned about its server is left out at once, without a wait, and not for ever.
    @Test func anAdaptedTryIsNoRetry() async throws {
        let client = ScriptedClient { _, number in
            guard number < 3 else { return CompletionResponse(text: "ok", usage: .unknown) }
            var error = CompletionError(code: .refused, model: "scripted/m", remedy: .adaptedTry, message: "no")
            if number == 1 { error.adaptedOutputTokens = 17 }
            throw error
        }
        let policy = RetryPolicy(maxAdaptations: 3, sleep: { _ in Issue.record("there is nothing to wait for") })
        let response = try await retries(policy).answer(
            of: client, to: request, onText: nil, beforeTry: { _ in nil }
        ).get()
        #expect(response.text == "ok" && response.retries == 0)
        #expect(client.requests.map(\.maxOutputTokens) == [nil, nil, 17, 17])

        let stubborn = ScriptedClient { _, _ in
            throw CompletionError(code: .refused, model: "scripted/m", remedy: .adaptedTry, message: "no")
        }
        let short = RetryPolicy(maxTries: 2, maxAdaptations: 3, sleep: { _ in })
        let answer = await retries(short).answer(of: stubborn, to: request, onText: nil, beforeTry: { _ in nil })
        #expect(error(answer)?.code == .refused)
        #expect(stubborn.requests.count == 4)
    }
}
