import ArgumentParser
import Foundation
import LMClients
import Trajectory

/// `rlm-tui models`: which models can be asked.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "The providers there are, and the models that answer now.",
        discussion: """
            Providers on this machine, and those that have a key, are asked what models they serve.

            EXAMPLES
              rlm-tui models
              rlm-tui models --base-url http://127.0.0.1:8080/v1
            """
    )

    @Option(
        name: .customLong("base-url"),
        help: ArgumentHelp("Ask this server instead of the known ones.", valueName: "url")
    )
    var baseURL: String?

    @Flag(help: "A JSON array.")
    var json = false

    @OptionGroup var store: StoreOption

    private struct ProviderJSON: Encodable {
        let provider: String
        let about: String
        let base_url: String?
        let has_key: Bool
        let models: [String]
        let problem: String?

        private enum CodingKeys: String, CodingKey { case provider, about, base_url, has_key, models, problem }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(provider, forKey: .provider)
            try container.encode(about, forKey: .about)
            try container.encode(base_url, forKey: .base_url)
            try container.encode(has_key, forKey: .has_key)
            try container.encode(models, forKey: .models)
            try container.encode(problem, forKey: .problem)
        }
    }

    func validate() throws {
        if let baseURL { try ModelOptions.check(baseURL: baseURL) }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let registry = ClientRegistry(environment: environment, baseURL: baseURL)
        let providers =
            baseURL == nil ? ClientRegistry.providers : ClientRegistry.providers.filter { $0.word == "openai" }
        let answers = await withTaskGroup(of: (Int, ProviderJSON).self) { group in
            for (index, provider) in providers.enumerated() {
                group.addTask { (index, await Self.ask(provider, of: registry, environment: environment)) }
            }
            return await group.reduce(into: [(Int, ProviderJSON)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if json { return try JSONOutput.print(answers) }
        for answer in answers {
            StandardOutput.say("\(answer.provider)  \(answer.about)")
            for model in answer.models { StandardOutput.say("  \(answer.provider)/\(model)") }
            if let problem = answer.problem { StandardOutput.say("  (\(problem))") }
        }
    }

    private static func ask(
        _ provider: Provider,
        of registry: ClientRegistry,
        environment: [String: String]
    ) async -> ProviderJSON {
        var models: [String] = []
        var problem: String?
        do throws(CompletionError) { models = try await registry.modelNames(of: provider) } catch {
            problem = error.message
        }
        return ProviderJSON(
            provider: provider.word,
            about: provider.summary,
            base_url: registry.shownAddress(of: provider),
            has_key: registry.hasKey(provider),
            models: models,
            problem: problem
        )
    }
}
