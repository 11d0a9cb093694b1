import Foundation
package import Trajectory

/// What `config.toml` says. Flags and the environment go over it.
///
///     model = "openai/gpt-5"
///     sub_model = "openai/gpt-5-mini"
///     theme = "light"
///
///     [limits]
///     max_budget = 1.0
///
///     [prices."openai/gpt-5"]
///     input = 1.25
///     output = 10
///     cached = 0.125
///
///     [providers.llamacpp]
///     without = ["stream_options", "system"]
///     first_byte = 3600
package struct Settings: Hashable, Sendable {
    package var model: Model?
    package var subModel: Model?
    package var theme: String?
    /// Limits of a run; what is not set is nil.
    package var limits: RunSettings
    package var prices: Prices
    /// What is said about providers' servers, by the provider's word.
    package var providers: [String: ProviderSettings]

    package init(
        model: Model? = nil,
        subModel: Model? = nil,
        theme: String? = nil,
        limits: RunSettings = RunSettings(),
        prices: Prices = Prices(),
        providers: [String: ProviderSettings] = [:]
    ) {
        self.model = model
        self.subModel = subModel
        self.theme = theme
        self.limits = limits
        self.prices = prices
        self.providers = providers
    }

    /// Bytes; a larger file is no settings file.
    private static let sizeLimit = 1 << 20

    /// Reads a file; one that does not exist sets nothing.
    ///
    /// - Parameter providers: the words of all providers there are; nil takes any.
    package static func load(
        path: String, providers: [String]? = nil
    ) -> (settings: Settings, warnings: [ConfigurationWarning]) {
        guard FileManager.default.fileExists(atPath: path) else { return (Settings(), []) }
        guard let file = FileHandle(forReadingAtPath: path) else {
            return (
                Settings(), [ConfigurationWarning(file: path, line: nil, message: "cannot be read; it is not used")]
            )
        }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: sizeLimit + 1), data.count <= sizeLimit,
            let text = String(validating: data, as: UTF8.self)
        else {
            let message = "is not UTF-8 text of at most 1 MB; it is not used"
            return (Settings(), [ConfigurationWarning(file: path, line: nil, message: message)])
        }
        return parse(text, file: path, providers: providers)
    }

    /// - Parameters:
    ///   - file: the name warnings give.
    ///   - providers: the words of all providers there are; nil takes any.
    package static func parse(
        _ text: String, file: String, providers: [String]? = nil
    ) -> (settings: Settings, warnings: [ConfigurationWarning]) {
        let reader = TOMLReader(TOMLDocument(text: text, file: file))
        var root = reader.root
        var settings = Settings()
        settings.model = model("model", of: &root)
        settings.subModel = model("sub_model", of: &root)
        settings.theme = root.string("theme")
        if let section = root.section("limits") { settings.limits = limits(section) }
        if let section = root.section("prices") { settings.prices = prices(section) }
        if let section = root.section("providers") {
            settings.providers = ProviderSettings.read(section, known: providers)
        }
        root.finish(known: ["model", "sub_model", "theme", "limits", "prices", "providers"])
        return (settings, reader.warnings)
    }

    private static func model(_ key: String, of section: inout TOMLReader.Section) -> Model? {
        guard let name = section.string(key) else { return nil }
        guard let model = Model(name) else {
            section.warn(key, "'\(name)' is not a model: write PROVIDER/NAME, for example openai/gpt-5")
            return nil
        }
        return model
    }

    private static func limits(_ section: TOMLReader.Section) -> RunSettings {
        var section = section
        let limits = RunSettings(
            maxDepth: section.integer("max_depth", minimum: 0),
            maxIterations: section.integer("max_iterations", minimum: 1),
            maxBudget: section.number("max_budget"),
            maxTokens: section.integer("max_tokens", minimum: 1),
            maxTimeout: section.number("max_timeout"),
            maxErrors: section.integer("max_errors", minimum: 1),
            maxSubcalls: section.integer("max_subcalls", minimum: 0),
            maxConcurrentSubcalls: section.integer("max_concurrent_subcalls", minimum: 1)
        )
        section.finish(known: [
            "max_depth", "max_iterations", "max_budget", "max_tokens", "max_timeout", "max_errors", "max_subcalls",
            "max_concurrent_subcalls",
        ])
        return limits
    }

    private static func prices(_ section: TOMLReader.Section) -> Prices {
        var section = section
        var prices = Prices()
        for name in section.keys {
            guard var values = section.section(name) else { continue }
            let input = values.number("input")
            let output = values.number("output")
            let cached = values.number("cached")
            values.finish(known: ["input", "output", "cached"])
            guard let input, let output else {
                section.warn(
                    name,
                    "the price of '\(name)' needs 'input' and 'output', in US dollars for a million tokens"
                )
                continue
            }
            prices.table[name] = Prices.Price(input: input, output: output, cached: cached)
        }
        return prices
    }
}
