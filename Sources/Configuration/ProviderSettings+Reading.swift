import Trajectory

extension ProviderSettings {
    /// What of a request can be left out and has a name that everybody knows. Any other name may be a sampling parameter.
    private static let knownParts = [
        "stream", "stream_options", "system", "consecutive_roles", "seed", "temperature", "top_p", "top_k", "min_p",
        "max_tokens", "max_completion_tokens", "stop", "n", "user", "logprobs", "logit_bias", "presence_penalty",
        "frequency_penalty", "repetition_penalty", "reasoning_effort", "response_format",
    ]

    /// Reads `[providers.NAME]` tables.
    ///
    /// - Parameter known: the words of all providers; nil takes any.
    static func read(_ section: TOMLReader.Section, known: [String]?) -> [String: ProviderSettings] {
        var section = section
        var providers: [String: ProviderSettings] = [:]
        for name in section.keys {
            guard var values = section.section(name) else { continue }
            if let known, !known.contains(name) {
                section.warn(name, "there is no provider '\(name)'; there are \(known.joined(separator: ", "))")
                continue
            }
            var settings = ProviderSettings()
            for part in values.strings("without") ?? [] {
                if let complaint = complaint(about: part) { values.warn("without", complaint) }
                if isPart(part) { settings.without.insert(part) }
            }
            if let seconds = values.number("first_byte") {
                if seconds > 0 {
                    settings.firstByte = seconds
                } else {
                    values.warn("first_byte", "'first_byte' must be more than 0 seconds")
                }
            }
            values.finish(known: ["without", "first_byte"])
            providers[name] = settings
        }
        return providers
    }

    private static func isPart(_ word: String) -> Bool {
        !word.isEmpty && !["model", "messages"].contains(word)
            && word.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789_.-".unicodeScalars.contains($0))
            }
    }

    private static func complaint(about word: String) -> String? {
        if ["model", "messages"].contains(word) { return "'\(word)' cannot be left out of a request" }
        guard isPart(word) else { return "'\(word)' is no part of a request, such as stream, system or seed" }
        guard !knownParts.contains(word) else { return nil }
        return knownParts.first { isNearly(word, $0) }.map {
            "'\(word)' looks like a slip of the pen: is '\($0)' meant?"
        }
    }

    /// Whether two words differ by one letter: another, one more, one less, or two changed about.
    private static func isNearly(_ one: String, _ other: String) -> Bool {
        let short = Array(one.count <= other.count ? one : other)
        let long = Array(one.count <= other.count ? other : one)
        guard long.count > 3, long.count - short.count <= 1 else { return false }
        let start = zip(short, long).prefix { $0 == $1 }.count
        let end = zip(short.reversed(), long.reversed()).prefix { $0 == $1 }.count
        if start + end >= long.count - 1 { return true }
        return short.count == long.count && start + end == long.count - 2 && short[start] == long[start + 1]
            && short[start + 1] == long[start]
    }
}
