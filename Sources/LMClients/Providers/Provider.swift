/// A provider of models that the program knows by a word: the part before the slash in `openai/gpt-5`.
package struct Provider: Hashable, Sendable {
    package let word: String
    /// What it is, for people.
    package let summary: String
    /// The environment variable of its key; nil where it takes none.
    package let keyVariable: String?
    /// Whether the default address answers only with a key.
    package let requiresKey: Bool
    /// The environment variable that gives another base URL.
    package let baseURLVariable: String?
    /// Nil for what works without a server.
    package let defaultBaseURL: String?

    /// Whether its default address is this machine, so that it can be looked for there.
    package var isLocalServer: Bool { defaultBaseURL.flatMap { Endpoint($0) }?.isLoopback ?? false }

    package static let all: [Provider] = [
        Provider(
            word: "openai",
            summary: "OpenAI, or any OpenAI-compatible server with --base-url",
            keyVariable: "OPENAI_API_KEY",
            requiresKey: true,
            baseURLVariable: "OPENAI_BASE_URL",
            defaultBaseURL: "https://api.openai.com/v1"
        ),
        Provider(
            word: "openrouter",
            summary: "OpenRouter, many providers behind one key",
            keyVariable: "OPENROUTER_API_KEY",
            requiresKey: true,
            baseURLVariable: "OPENROUTER_BASE_URL",
            defaultBaseURL: "https://openrouter.ai/api/v1"
        ),
        Provider(local: "ollama", summary: "Ollama on this machine", port: 11434),
        Provider(local: "llamacpp", summary: "llama.cpp's server on this machine", port: 8080),
        Provider(local: "vllm", summary: "vLLM on this machine", port: 8000),
        Provider(local: "lmstudio", summary: "LM Studio on this machine", port: 1234),
        Provider(
            word: "offline",
            summary: "offline/lexical: a planner and reader without a neural net, no key, no network",
            keyVariable: nil,
            requiresKey: false,
            baseURLVariable: nil,
            defaultBaseURL: nil
        ),
    ]

    package static func named(_ word: String) -> Provider? { all.first { $0.word == word } }

    private init(
        word: String,
        summary: String,
        keyVariable: String?,
        requiresKey: Bool,
        baseURLVariable: String?,
        defaultBaseURL: String?
    ) {
        self.word = word
        self.summary = summary
        self.keyVariable = keyVariable
        self.requiresKey = requiresKey
        self.baseURLVariable = baseURLVariable
        self.defaultBaseURL = defaultBaseURL
    }

    private init(local word: String, summary: String, port: Int) {
        self.init(
            word: word,
            summary: summary,
            keyVariable: "\(word.uppercased())_API_KEY",
            requiresKey: false,
            baseURLVariable: "\(word.uppercased())_BASE_URL",
            defaultBaseURL: "http://127.0.0.1:\(port)/v1"
        )
    }
}
