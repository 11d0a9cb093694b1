import ArgumentParser
import Configuration
import Engine
import Foundation
import LMClients
import Trajectory

/// Which models answer, and how they are asked.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The root model, for example openai/gpt-5; offline/lexical when neither this nor the settings name one.",
            valueName: "provider/name")
    )
    var model: String?

    @Option(help: ArgumentHelp("The model of sub-calls; the root model when not given.", valueName: "provider/name"))
    var subModel: String?

    @Option(
        name: .customLong("base-url"),
        help: ArgumentHelp("Where the root model's provider is, ending in /v1.", valueName: "url")
    )
    var baseURL: String?

    @Option(help: ArgumentHelp("A sampling parameter such as temperature=0.2.", valueName: "key=value"))
    var sampling: [String] = []

    @Option(help: ArgumentHelp("A seed for models that take one.", valueName: "n"))
    var seed: Int?

    func validate() throws {
        _ = try root()
        _ = try sub()
        if try samplingValues()["seed"] != nil, seed != nil {
            throw ValidationError("--seed and --sampling seed=… say the same thing: give one of them")
        }
        if let baseURL { try Self.check(baseURL: baseURL) }
    }

    static func check(baseURL: String) throws {
        guard let url = URL(string: baseURL), ["http", "https"].contains(url.scheme), url.host()?.isEmpty == false
        else { throw ValidationError("--base-url \(ContextAddress.shown(baseURL)) is not an http or https URL") }
    }

    func root(_ settings: Settings = Settings()) throws -> Model {
        try model.map { try Self.model($0, of: "--model") } ?? settings.model
            ?? Model(provider: "offline", name: "lexical")
    }

    /// The settings' sub-model goes with the settings' model: a command line that names another root leaves it out.
    func sub(_ settings: Settings = Settings()) throws -> Model? {
        try subModel.map { try Self.model($0, of: "--sub-model") } ?? (model == nil ? settings.subModel : nil)
    }

    func samplingValues() throws -> [String: String] { try Self.values(sampling) }

    /// Sampling parameters as people write them.
    static func values(_ pairs: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw ValidationError("--sampling \(pair): expected KEY=VALUE, for example temperature=0.2")
            }
            values[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        return values
    }

    /// The base URL as it is kept with the run: without user name, password and query.
    var recordedBaseURL: String? {
        baseURL.map(ContextAddress.shown)
    }

    /// `--base-url` is meant for the root model's provider: another one's key is not for that server.
    func registry(for root: Model, _ settings: Settings) -> ClientRegistry {
        ClientRegistry(
            environment: ProcessInfo.processInfo.environment,
            baseURL: baseURL,
            baseURLProvider: root.provider,
            settings: settings.providers
        )
    }

    private static func model(_ text: String, of flag: String) throws -> Model {
        guard let model = Model(text) else {
            throw ValidationError(
                "\(flag) \(text): expected PROVIDER/NAME, for example openai/gpt-5 or offline/lexical"
            )
        }
        return model
    }
}
