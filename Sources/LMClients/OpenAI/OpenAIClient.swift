import Foundation
import Trajectory

/// Chat completions of OpenAI and of the many servers that speak the same.
///
/// For example:
///
///     let client = try OpenAIClient(baseURL: "http://127.0.0.1:11434/v1", apiKey: nil, transport: Transport())
///     let response = try await client.complete(request, onText: nil)
package struct OpenAIClient: LMClient {
    package let provider: String
    package let endpoint: Endpoint
    private let key: APIKey?
    private let keyVariable: String?
    private let requiresKey: Bool
    private let timeouts: Timeouts
    private let policy: RetryPolicy
    private let secretHeaders: [SecretHeader]
    private let maxResponseBytes: Int
    private let transport: Transport
    private let knowledge: ServerKnowledge

    /// - Parameters:
    ///   - baseURL: up to and without `/chat/completions`; usually ends in `/v1`.
    ///   - apiKey: sent as a bearer token; nothing is sent for nil.
    ///   - keyVariable: the environment variable that errors name as the key's place.
    ///   - requiresKey: whether to fail with `no_key` rather than ask without one.
    ///   - headers: further headers, whose values are kept as secret as the key.
    ///
    /// Throws `CompletionError` for a base URL or a key that cannot be used.
    package init(
        provider: String = "openai",
        baseURL: String,
        apiKey: String?,
        keyVariable: String? = nil,
        requiresKey: Bool = false,
        timeouts: Timeouts = Timeouts(),
        policy: RetryPolicy = RetryPolicy(),
        headers: [String: String] = [:],
        maxResponseBytes: Int = 64 << 20,
        transport: Transport
    ) throws(CompletionError) {
        try self.init(
            provider: provider,
            baseURL: baseURL,
            apiKey: apiKey,
            keyVariable: keyVariable,
            requiresKey: requiresKey,
            timeouts: timeouts,
            policy: policy,
            headers: headers,
            maxResponseBytes: maxResponseBytes,
            transport: transport,
            knowledge: ServerKnowledge()
        )
    }

    /// - Parameter knowledge: what was found out about servers, shared with other clients.
    init(
        provider: String,
        baseURL: String,
        apiKey: String?,
        keyVariable: String?,
        requiresKey: Bool,
        timeouts: Timeouts,
        policy: RetryPolicy,
        headers: [String: String] = [:],
        maxResponseBytes: Int = 64 << 20,
        transport: Transport,
        knowledge: ServerKnowledge
    ) throws(CompletionError) {
        guard let endpoint = Endpoint(baseURL) else {
            let shown = Quotation(secrets: [apiKey ?? ""])(baseURL)
            throw CompletionError(
                code: .connection,
                model: provider,
                message: "\"\(shown)\" is no base URL: give one such as http://127.0.0.1:8000/v1"
            )
        }
        if let apiKey, !apiKey.allSatisfy(\.isWhitespace), APIKey(apiKey) == nil {
            throw CompletionError(
                code: .noKey,
                model: provider,
                message:
                    "the key in \(keyVariable ?? "the environment") holds blanks or control characters: set it anew"
            )
        }
        self.provider = provider
        self.endpoint = endpoint
        key = APIKey(apiKey)
        self.keyVariable = keyVariable
        self.requiresKey = requiresKey
        self.timeouts = timeouts
        self.policy = policy
        secretHeaders = headers.sorted { $0.key < $1.key }.compactMap { name, value in
            APIKey(value.filter { $0 != " " }) == nil ? nil : SecretHeader(name: name, value: value)
        }
        self.maxResponseBytes = maxResponseBytes
        self.transport = transport
        self.knowledge = knowledge
    }

    package func complete(
        _ request: CompletionRequest,
        onText: (@Sendable (String) -> Void)?
    ) async throws(CompletionError) -> CompletionResponse {
        let wording = wording(model: request.model)
        if requiresKey, key == nil { throw wording.noKey }
        if let word = request.sampling.keys.sorted().first(where: RequestBody.reserved.contains) {
            throw CompletionError(
                code: .refused,
                model: "\(provider)/\(request.model)",
                message: "--sampling cannot set \"\(word)\": the program sets it itself"
            )
        }
        let request = request.withCapAsParameter
        let start = ContinuousClock.now
        var retries = 0
        while true {
            let relaxations = knowledge.relaxations(of: endpoint.description)
            let sent = relaxations.reduce(request) { $1.applied(to: $0) }
            let attempt = attempt(sent, asksForUsage: !relaxations.contains(.withoutStreamOptions), onText: onText)
            do {
                var response = try await attempt.run(isStreaming: sent.isStreaming)
                response.retries = retries
                if !sent.isStreaming, request.isStreaming { onText?(response.text) }
                return response
            } catch {
                if relax(after: error, request: sent) { continue }
                let elapsed = Double((ContinuousClock.now - start).components.seconds)
                try await waitBeforeRetry(after: error, retries: retries, elapsed: elapsed)
                retries += 1
                attempt.onText?("")
            }
        }
    }

    private func attempt(
        _ request: CompletionRequest,
        asksForUsage: Bool,
        onText: (@Sendable (String) -> Void)?
    ) -> CompletionAttempt {
        CompletionAttempt(
            transport: transport,
            request: HTTPRequest(
                url: endpoint.url("/chat/completions"),
                headers: headers + ["Content-Type: application/json"],
                body: RequestBody(request, asksForUsage: asksForUsage).bytes,
                limits: HTTPLimits(
                    connect: timeouts.connect,
                    firstByte: request.isStreaming ? timeouts.firstByteStreaming : timeouts.firstByte,
                    idle: timeouts.idle,
                    total: timeouts.total,
                    bytes: maxResponseBytes
                )
            ),
            wording: wording(model: request.model),
            policy: policy,
            onText: request.isStreaming ? onText : nil
        )
    }

    /// Whether the request is worth sending again without something that the server said it does not know.
    private func relax(after fault: Fault, request: CompletionRequest) -> Bool {
        guard let status = fault.error.httpStatus, let words = fault.words else { return false }
        let known = Set(knowledge.relaxations(of: endpoint.description))
        guard let found = Relaxation(status: status, message: words, request: request, without: known) else {
            return false
        }
        _ = knowledge.add(found, to: endpoint.description)
        return true
    }

    /// Returns when it is time for another try; throws the fault's error where none would help.
    private func waitBeforeRetry(after fault: Fault, retries: Int, elapsed: Double) async throws(CompletionError) {
        let maxTries =
            switch fault.remedy {
            case .none: 1
            case .anotherTry: policy.maxTries
            case .quickTry: min(policy.maxTries, policy.maxRefusedTries)
            case .patientTry: min(policy.maxTries, policy.maxTimeoutTries)
            }
        var error = fault.error
        error.retries = retries
        if retries > 0, error.code != .cancelled { error.message += " (gave up after \(retries + 1) tries)" }
        guard retries + 1 < maxTries else { throw error }
        let delay = policy.delay(
            retries: retries + 1,
            retryAfter: error.retryAfter,
            isRefused: fault.remedy == .quickTry
        )
        guard elapsed + delay <= policy.totalTime else { throw error }
        do {
            try await policy.sleep(delay)
        } catch {
            throw CompletionError(
                code: .cancelled,
                model: fault.error.model,
                retries: retries,
                message: "cancelled"
            )
        }
    }

    /// Names of the models that the server offers, in its order. Asks once and waits `seconds` at most.
    ///
    /// Throws `CompletionError`.
    package func modelNames(seconds: Double = 3) async throws(CompletionError) -> [String] {
        let wording = wording(model: "")
        if requiresKey, key == nil { throw wording.noKey }
        let limits = HTTPLimits(
            connect: seconds,
            firstByte: seconds,
            idle: seconds,
            total: seconds,
            bytes: maxResponseBytes
        )
        let response: HTTPResponse
        do {
            response = try await transport.send(
                HTTPRequest(url: endpoint.url("/models"), headers: headers, limits: limits)
            )
        } catch {
            throw wording.fault(error, limits: limits).error
        }
        guard (200..<300).contains(response.head.status) else {
            throw wording.fault(response.head, body: response.body, retryAfter: nil).error
        }
        guard let list = try? JSONDecoder().decode(ModelList.self, from: Data(response.body)) else {
            throw wording.notACompletion(response.head, body: response.body).error
        }
        return list.names
    }

    private var headers: [String] {
        (key.map { ["Authorization: Bearer \($0.secret)"] } ?? []) + secretHeaders.map(\.line)
    }

    private func wording(model: String) -> FaultWording {
        FaultWording(
            provider: provider,
            model: model,
            endpoint: endpoint,
            hasKey: key != nil,
            keyVariable: keyVariable,
            quote: Quotation(secrets: [key?.secret ?? ""] + secretHeaders.map(\.value) + endpoint.secrets)
        )
    }
}

/// A header whose value does not show when it is printed or dumped.
private struct SecretHeader: Sendable, CustomStringConvertible, CustomReflectable {
    let name: String
    let value: String

    var line: String { "\(name): \(value)" }
    var description: String { "\(name): [secret]" }
    var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// What `/models` answers: `{"data": [{"id": …}]}`, or a list under another name.
private struct ModelList: Decodable {
    private struct Entry: Decodable {
        var id: String?
        var name: String?
    }

    private enum CodingKeys: String, CodingKey { case data, models }

    let names: [String]

    init(from decoder: any Decoder) throws {
        let entries: [Entry]
        if let fields = try? decoder.container(keyedBy: CodingKeys.self) {
            entries =
                try fields.decodeIfPresent([Entry].self, forKey: .data) ?? fields.decode([Entry].self, forKey: .models)
        } else {
            entries = try decoder.singleValueContainer().decode([Entry].self)
        }
        names = entries.compactMap { $0.id ?? $0.name }
    }
}

extension CompletionRequest {
    /// The same with `maxOutputTokens` as a parameter, so that what servers say about `max_tokens` is heeded for it too. A
    /// lower number that a person has set stays.
    var withCapAsParameter: CompletionRequest {
        guard let cap = maxOutputTokens else { return self }
        var request = self
        let name = ["max_completion_tokens", "max_tokens"].first { sampling[$0] != nil } ?? "max_tokens"
        request.sampling[name] = String(min(cap, sampling[name].flatMap { Int($0) } ?? .max))
        return request
    }
}
