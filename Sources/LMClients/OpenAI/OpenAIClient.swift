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
    private let secretHeaders: [SecretHeader]
    private let maxResponseBytes: Int
    private let transport: Transport
    private let omissions: Omissions
    /// What the settings say that the server does not know.
    private let omittedBeforehand: Set<String>

    /// - Parameters:
    ///   - baseURL: up to and without `/chat/completions`; usually ends in `/v1`.
    ///   - apiKey: sent as a bearer token; nothing is sent for nil.
    ///   - keyVariable: the environment variable that errors name as the key's place.
    ///   - requiresKey: whether to fail with `no_key` rather than ask without one.
    ///   - headers: further headers, whose values are kept as secret as the key.
    ///   - without: what the server is known not to know: parameters by name, and the words of `Omissions`.
    ///   - omissions: what else is found out about servers; shared between clients that are to learn from each other.
    ///
    /// Throws `CompletionError` for a base URL or a key that cannot be used.
    package init(
        provider: String = "openai",
        baseURL: String,
        apiKey: String?,
        keyVariable: String? = nil,
        requiresKey: Bool = false,
        timeouts: Timeouts = Timeouts(),
        headers: [String: String] = [:],
        maxResponseBytes: Int = 64 << 20,
        without: Set<String> = [],
        omissions: Omissions = Omissions(),
        transport: Transport
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
        secretHeaders = headers.sorted { $0.key < $1.key }.compactMap { name, value in
            APIKey(value.filter { $0 != " " }) == nil ? nil : SecretHeader(name: name, value: value)
        }
        self.maxResponseBytes = maxResponseBytes
        self.transport = transport
        self.omissions = omissions
        omittedBeforehand = without
    }

    package func complete(
        _ request: CompletionRequest,
        onText: (@Sendable (String) -> Void)?
    ) async throws(CompletionError) -> CompletionResponse {
        var wording = wording(model: request.model)
        if requiresKey, key == nil { throw wording.noKey }
        if let word = request.sampling.keys.sorted().first(where: RequestBody.reserved.contains) {
            throw CompletionError(
                code: .refused,
                model: "\(provider)/\(request.model)",
                message: "--sampling cannot set \"\(word)\": the program sets it itself"
            )
        }
        let server = server(of: request.model)
        let omitted = omissions.words(for: server).union(omittedBeforehand)
        let body = RequestBody(request, without: omitted, capName: capName)
        wording.unknown = UnknownPart(sent: body.sent, model: request.model)
        wording.outputCap = body.outputCap
        let attempt = CompletionAttempt(
            transport: transport,
            request: HTTPRequest(
                url: endpoint.url("/chat/completions"),
                headers: headers + ["Content-Type: application/json"],
                body: body.bytes,
                limits: HTTPLimits(
                    connect: timeouts.connect,
                    firstByte: timeouts.firstByte,
                    idle: timeouts.idle,
                    total: timeouts.total,
                    bytes: maxResponseBytes
                )
            ),
            wording: wording,
            onText: request.isStreaming ? onText : nil
        )
        do {
            return try await attempt.run(isStreaming: body.isStreaming)
        } catch {
            guard let word = error.unknownPart else { throw error }
            // What was sent had it, so that each word can come up once only.
            var error = error
            error.remedy = .adaptedTry
            omissions.learn(word, about: server, notice: wording.notice(without: word))
            throw error
        }
    }

    /// What omissions are remembered by. A server on this machine is one program; behind other addresses there are many
    /// models, each with rules of its own.
    private func server(of model: String) -> String {
        endpoint.isLoopback ? endpoint.description : "\(endpoint) \(model)"
    }

    /// OpenAI's newer models know only the longer name, most other servers only the shorter one.
    private var capName: String {
        endpoint.description.contains("//api.openai.com") ? "max_completion_tokens" : "max_tokens"
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
            throw wording.fault(error, limits: limits)
        }
        guard (200..<300).contains(response.head.status) else {
            throw wording.fault(response.head, body: response.body)
        }
        guard let list = try? JSONDecoder().decode(ModelList.self, from: Data(response.body)) else {
            throw wording.notACompletion(response.head, body: response.body)
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
