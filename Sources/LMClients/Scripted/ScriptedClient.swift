import Synchronization
import Trajectory

/// A client that answers from a script, for tests: remembers what it was asked and can hold answers back.
///
/// For example:
///
///     let client = ScriptedClient(["```repl\nprint(1)\n```", "done"])
///     client.requests.count
package final class ScriptedClient: LMClient {
    /// Answers the n-th request, counted from 0.
    package typealias Script = @Sendable (CompletionRequest, Int) async throws -> CompletionResponse

    private struct State {
        var requests: [CompletionRequest] = []
        var inFlight = 0
        var maxInFlight = 0
        var cancelled = 0
        var isHolding = false
        var permits = 0
        var nextHeld = 0
        var held: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    package let provider: String
    private let latency: Duration
    private let script: Script
    private let state = Mutex(State())

    package init(provider: String = "scripted", latency: Duration = .zero, script: @escaping Script) {
        self.provider = provider
        self.latency = latency
        self.script = script
    }

    /// Answers with these texts, one after the other, 10 tokens in and 5 out each; a request beyond them fails.
    package convenience init(_ texts: [String], provider: String = "scripted", latency: Duration = .zero) {
        self.init(provider: provider, latency: latency) { request, number in
            guard number < texts.count else {
                throw CompletionError(
                    code: .badResponse,
                    model: "\(provider)/\(request.model)",
                    message: "the script has \(texts.count) answers and was asked for one more"
                )
            }
            return CompletionResponse(
                text: texts[number],
                usage: Usage(inputTokens: 10, outputTokens: 5, cost: 0),
                finishReason: "stop"
            )
        }
    }

    /// All requests so far, in order of arrival.
    package var requests: [CompletionRequest] { state.withLock { $0.requests } }
    package var inFlight: Int { state.withLock { $0.inFlight } }
    package var maxInFlight: Int { state.withLock { $0.maxInFlight } }
    /// Requests that were cancelled before their answer.
    package var cancelledCount: Int { state.withLock { $0.cancelled } }

    /// From now on answers wait for `release`.
    package func hold() { state.withLock { $0.isHolding = true } }

    /// Lets `count` answers go, the longest held first; those not yet asked for count too. All, and no more holding,
    /// for nil.
    package func release(_ count: Int? = nil) {
        let freed = state.withLock { state in
            guard let count else {
                state.isHolding = false
                state.permits = 0
                defer { state.held = [] }
                return state.held
            }
            let freed = Array(state.held.prefix(count))
            state.held.removeFirst(freed.count)
            state.permits += count - freed.count
            return freed
        }
        for waiter in freed { waiter.continuation.resume() }
    }

    package func complete(
        _ request: CompletionRequest,
        onText: (@Sendable (String) -> Void)?
    ) async throws(CompletionError) -> CompletionResponse {
        let number = state.withLock { state in
            state.requests.append(request)
            state.inFlight += 1
            state.maxInFlight = max(state.maxInFlight, state.inFlight)
            return state.requests.count - 1
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        do {
            try await waitForRelease()
            if latency > .zero { try await Task.sleep(for: latency) }
            try Task.checkCancellation()
            let response = try await script(request, number)
            try Task.checkCancellation()
            if request.isStreaming, !response.text.isEmpty { onText?(response.text) }
            return response
        } catch let error as CompletionError {
            throw error
        } catch is CancellationError {
            state.withLock { $0.cancelled += 1 }
            throw CompletionError(code: .cancelled, model: "\(provider)/\(request.model)", message: "cancelled")
        } catch {
            throw CompletionError(
                code: .serverError,
                model: "\(provider)/\(request.model)",
                message: "the script threw: \(error)"
            )
        }
    }

    private func waitForRelease() async throws {
        let number = state.withLock { state in
            state.nextHeld += 1
            return state.nextHeld
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isFree = state.withLock { state in
                    guard state.isHolding, !Task.isCancelled else { return true }
                    if state.permits > 0 {
                        state.permits -= 1
                        return true
                    }
                    state.held.append((number, continuation))
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.held.firstIndex { $0.number == number }.map { state.held.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
