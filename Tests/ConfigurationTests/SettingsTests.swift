import Configuration
import Foundation
import Testing
import Trajectory

@Suite struct SettingsTests {
    @Test func everythingIsRead() {
        let (settings, warnings) = Settings.parse(
            """
            model = "openai/gpt-5"
            sub_model = "offline/lexical"
            theme = "light"
            [limits]
            max_depth = 0
            max_budget = 1
            max_timeout = 90.5
            max_concurrent_subcalls = 8
            [prices."openai/gpt-5"]
            input = 1.25
            output = 10
            cached = 0.125
            """,
            file: "config.toml"
        )
        #expect(warnings.isEmpty, "\(warnings)")
        #expect(settings.model == Model("openai/gpt-5"))
        #expect(settings.subModel == Model("offline/lexical"))
        #expect(settings.theme == "light")
        #expect(
            settings.limits == RunSettings(maxDepth: 0, maxBudget: 1, maxTimeout: 90.5, maxConcurrentSubcalls: 8)
        )
        #expect(settings.prices.table == ["openai/gpt-5": .init(input: 1.25, output: 10, cached: 0.125)])
    }

    @Test(arguments: [
        ("theme = \"x\"\ncolour = 1", 2, "'colour' is unknown"),
        ("\n\ntheme = 3", 3, "'theme' must be a string, not a whole number"),
        ("model = \"gpt-5\"", 1, "PROVIDER/NAME"),
        ("[limits]\nmax_iterations = 0", 2, "at least 1"),
        ("[limits]\nmax_budget = -0.5", 2, "at least 0"),
        ("[limits]\nmax_budget = nan", 2, "at least 0"),
        ("[limits]\nmax_tokens = 1.5", 2, "whole number"),
        ("[limits]\n# comment\nmax_token = 5", 3, "'max_token' is unknown; known are"),
        ("limits = 5", 1, "'limits' must be a table"),
        ("[prices.\"a/b\"]\ninput = 1", 1, "needs 'input' and 'output'"),
        ("[prices.\"a/b\"]\ninput = 1\noutput = \"two\"", 3, "'output' must be a number"),
        ("[prices]\n\"a/b\" = 2", 2, "must be a table"),
        ("theme = 2026-01-01", 1, "not a date or time"),
        ("[providers.opnai]\nwithout = [\"seed\"]", 1, "there is no provider 'opnai'; there are openai, ollama"),
        ("[providers.openai]\nwithout = 5", 2, "'without' must be strings in brackets"),
        ("[providers.openai]\n\nwithout = [\"seed\", 5]", 3, "'without' must be strings in brackets"),
        ("[providers.openai]\nwithout = [\"messages\"]", 2, "'messages' cannot be left out"),
        ("[providers.openai]\nwithout = [\"a b\"]", 2, "'a b' is no part of a request"),
        ("[providers.openai]\nwithout = \"sytsem\"", 2, "is 'system' meant?"),
        ("[providers.openai]\nfirst_byte = \"long\"", 2, "'first_byte' must be a number"),
        ("[providers.openai]\nfirst_byte = 0", 2, "more than 0"),
        ("[providers.openai]\nfirst_bite = 10", 2, "'first_bite' is unknown; known are without, first_byte"),
        ("providers = 5", 1, "'providers' must be a table"),
    ])
    func whatIsWrongIsSaidWithItsLine(_ text: String, line: Int, message: String) throws {
        let (settings, warnings) = Settings.parse(text, file: "dir/config.toml", providers: ["openai", "ollama"])
        let warning = try #require(warnings.first { $0.message.contains(message) }, "\(warnings)")
        #expect(warning.line == line)
        #expect(warning.description.hasPrefix("dir/config.toml:\(line): "))
        #expect(settings.limits == RunSettings() && settings.prices.table.isEmpty && settings.model == nil)
    }

    @Test func providersSayWhatTheirServersDoNotKnow() {
        let text = """
            [providers.llamacpp]
            without = ["stream", "system", "typical_p", "top_p"]
            first_byte = 3600
            [providers.openai]
            without = "seed"
            """
        let (settings, warnings) = Settings.parse(text, file: "c.toml", providers: ["openai", "llamacpp"])
        #expect(warnings.isEmpty, "\(warnings)")
        #expect(
            settings.providers == [
                "llamacpp": ProviderSettings(without: ["stream", "system", "typical_p", "top_p"], firstByte: 3600),
                "openai": ProviderSettings(without: ["seed"]),
            ])
    }

    @Test func aLineThatIsNoTOMLDoesNotTakeTheOthersWithIt() {
        let (settings, warnings) = Settings.parse(
            "theme = \"light\"\nmodel = = 3\n[limits]\nmax_depth = 2\nwhat is this\nmax_errors = 3\n",
            file: "c.toml"
        )
        #expect(settings.theme == "light")
        #expect(settings.limits == RunSettings(maxDepth: 2, maxErrors: 3))
        #expect(warnings.map(\.line) == [2, 5])
    }

    @Test func rubbishGivesTheDefaultsAndAWarning() {
        let rubbish = (0..<100).map { "]\($0)[ = = \u{1B}[31m" }.joined(separator: "\n")
        let (settings, warnings) = Settings.parse(rubbish, file: "c.toml")
        #expect(settings == Settings())
        #expect(!warnings.isEmpty && warnings.count < 50)
    }

    @Test func filesAreReadOrPassedOver() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("config.toml").path
        #expect(Settings.load(path: path).warnings.isEmpty)
        try Data("theme = \"light\"".utf8).write(to: URL(fileURLWithPath: path))
        #expect(Settings.load(path: path).settings.theme == "light")
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: path))
        #expect(Settings.load(path: path).warnings.map(\.line) == [nil])
        #expect(Settings.load(path: folder.path).warnings.count == 1)
    }
}

@Suite struct PricesTests {
    private let prices = Prices(table: [
        "openai/gpt-5": .init(input: 1.25, output: 10, cached: 0.125), "openai/*": .init(input: 2, output: 4),
        "openai/gpt-5-m*": .init(input: 0.25, output: 2),
    ])

    @Test func tokensCostWhatTheTableSays() throws {
        let usage = Usage(inputTokens: 1_000_000, outputTokens: 100_000, cachedTokens: 400_000)
        let cost = try #require(prices.cost(of: usage, model: "openai/gpt-5"))
        #expect(abs(cost - (0.6 * 1.25 + 0.4 * 0.125 + 0.1 * 10)) < 1e-12)
        // Without a price of their own cached tokens cost what others do.
        let other = try #require(prices.cost(of: usage, model: Model(provider: "openai", name: "o9")))
        #expect(abs(other - (2 + 0.4)) < 1e-12)
        #expect(prices.price(of: "openai/gpt-5-mini")?.input == 0.25)
    }

    @Test func unknownStaysUnknown() {
        let usage = Usage(inputTokens: 10, outputTokens: 10)
        #expect(prices.cost(of: usage, model: "other/model") == nil)
        #expect(prices.cost(of: .unknown, model: "openai/gpt-5") == nil)
        #expect(prices.cost(of: Usage(inputTokens: 10), model: "openai/gpt-5") == nil)
        #expect(prices.cost(of: Usage(outputTokens: 10), model: "openai/gpt-5") == nil)
        #expect(prices.cost(of: Usage(inputTokens: -10, outputTokens: 1), model: "openai/gpt-5") == nil)
        #expect(prices.cost(of: Usage(inputTokens: 0, outputTokens: 0), model: "openai/gpt-5") == 0)
    }

    @Test func moreCachedThanThereWereCountsAsAll() throws {
        let usage = Usage(inputTokens: 10, outputTokens: 0, cachedTokens: 1000)
        let cost = try #require(prices.cost(of: usage, model: "openai/gpt-5"))
        #expect(abs(cost - 10 * 0.125 / 1_000_000) < 1e-15)
    }
}
