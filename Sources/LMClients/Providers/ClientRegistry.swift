package import Trajectory

/// Makes the client for a model from the environment's keys and addresses. All clients share one transport.
///
/// For example:
///
///     let clients = ClientRegistry(environment: ProcessInfo.processInfo.environment)
///     let client = try clients.client(for: Model(provider: "offline", name: "lexical"))
package struct ClientRegistry: Sendable, CustomReflectable {
    private let environment: [String: String]
    private let baseURL: String?
    private let baseURLProvider: String?
    private let settings: [String: ProviderSettings]
    private let transport: Transport
    private let omissions = Omissions()

    package static var providers: [Provider] { Provider.all }

    /// - Parameters:
    ///   - baseURL: what `--base-url` says; goes before the environment and the provider's default.
    ///   - baseURLProvider: the only provider it is meant for; all that have an address when nil.
    ///   - settings: what the settings say about providers, by word.
    package init(
        environment: [String: String],
        baseURL: String? = nil,
        baseURLProvider: String? = nil,
        settings: [String: ProviderSettings] = [:],
        transport: Transport? = nil
    ) {
        self.environment = environment
        self.baseURL = baseURL
        self.baseURLProvider = baseURLProvider
        self.settings = settings
        self.transport = transport ?? Transport(certificates: Certificates(environment: environment))
    }

    /// The environment holds keys, so nothing of this is ever dumped.
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Throws `CompletionError`: a provider or offline model that does not exist, a key that is missing, a base URL
    /// that is none.
    package func client(for model: Model) throws(CompletionError) -> any LMClient {
        guard model.provider == "offline" else { return try openAIClient(for: model) }
        guard model.name == OfflineClient.modelName else {
            throw CompletionError(
                code: .modelNotFound,
                model: model.description,
                message: "there is no model \"\(model)\": the offline one is offline/\(OfflineClient.modelName)"
            )
        }
        return OfflineClient()
    }

    /// The client of a provider that has an address, `modelNames` included.
    ///
    /// Throws `CompletionError`.
    package func openAIClient(for model: Model) throws(CompletionError) -> OpenAIClient {
        guard let provider = Provider.named(model.provider), let standard = provider.defaultBaseURL else {
            let words = Provider.all.map(\.word).joined(separator: ", ")
            throw CompletionError(
                code: .modelNotFound,
                model: model.description,
                message: "there is no provider \"\(model.provider)\": use one of \(words); "
                    + "any OpenAI-compatible server is openai/NAME with --base-url"
            )
        }
        let address = address(of: provider)
        let key = provider.keyVariable.flatMap { value(of: $0) }
        // Somebody who names an address of their own knows whether it wants a key.
        let requiresKey = provider.requiresKey && address == standard
        if requiresKey, key == nil {
            throw CompletionError(
                code: .noKey,
                model: model.description,
                message: "no key: set \(provider.keyVariable ?? "it"), or use --model offline/lexical"
            )
        }
        let settings = settings[provider.word]
        let times = Endpoint.isLoopback(address) ? Timeouts.loopback : Timeouts()
        return try OpenAIClient(
            provider: provider.word,
            baseURL: address,
            apiKey: key,
            keyVariable: provider.keyVariable,
            requiresKey: requiresKey,
            timeouts: settings?.firstByte.map(times.with(firstByte:)) ?? times,
            without: settings?.without ?? [],
            omissions: omissions,
            transport: transport
        )
    }

    /// What was found out about servers and has not been said yet, a sentence each.
    package func takeNotices() -> [String] { omissions.takeNotices() }

    /// Whether a provider's key is in the environment; its value is never given out.
    package func hasKey(_ provider: Provider) -> Bool {
        provider.keyVariable.flatMap { value(of: $0) } != nil
    }

    /// The models that a provider offers now, asked once and for a few seconds at most.
    ///
    /// Throws `CompletionError`.
    package func modelNames(of provider: Provider) async throws(CompletionError) -> [String] {
        guard provider.defaultBaseURL != nil else { return [OfflineClient.modelName] }
        return try await openAIClient(for: Model(provider: provider.word, name: "any")).modelNames()
    }

    /// Where a provider is asked, as it may be shown: without a password that stands in it. Empty for what works without
    /// a server.
    package func shownAddress(of provider: Provider) -> String {
        let address = address(of: provider)
        return address.isEmpty ? "" : Endpoint(address)?.description ?? "an address that is no URL"
    }

    private func address(of provider: Provider) -> String {
        if let baseURL, baseURLProvider == nil || baseURLProvider == provider.word { return baseURL }
        return provider.baseURLVariable.flatMap { value(of: $0) } ?? provider.defaultBaseURL ?? ""
    }

    private func value(of variable: String) -> String? {
        environment[variable].flatMap { value in value.allSatisfy(\.isWhitespace) ? nil : value }
    }
}
