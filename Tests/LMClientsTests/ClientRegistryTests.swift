import Testing
import Trajectory

@testable import LMClients

@Suite struct ClientRegistryTests {
    private func client(_ model: String, _ environment: [String: String] = [:], baseURL: String? = nil) throws
        -> OpenAIClient
    {
        try ClientRegistry(environment: environment, baseURL: baseURL)
            .openAIClient(for: #require(Model(model)))
    }

    @Test func saysWhichKeyIsMissing() throws {
        let error = #expect(throws: CompletionError.self) { try client("openai/gpt-5", ["OPENAI_API_KEY": "  "]) }
        #expect(error?.code == .noKey)
        #expect(error?.message == "no key: set OPENAI_API_KEY, or use --model offline/lexical")
        let router = #expect(throws: CompletionError.self) { try client("openrouter/a/b") }
        #expect(router?.message.contains("OPENROUTER_API_KEY") == true)
    }

    @Test func findsAddresses() throws {
        #expect(try client("ollama/llama3").endpoint.description == "http://127.0.0.1:11434/v1")
        #expect(try client("openai/x", ["OPENAI_API_KEY": "sk-1"]).endpoint.description == "https://api.openai.com/v1")
        #expect(
            try client("openai/x", ["OPENAI_BASE_URL": "http://10.0.0.1/v1"]).endpoint.description
                == "http://10.0.0.1/v1"
        )
        #expect(
            try client("openai/x", ["OPENAI_BASE_URL": "http://10.0.0.1/v1"], baseURL: "http://127.0.0.1:9/v1/")
                .endpoint.description == "http://127.0.0.1:9/v1"
        )
        let only = ClientRegistry(
            environment: [:],
            baseURL: "http://127.0.0.1:9/v1",
            baseURLProvider: "openai"
        )
        #expect(try only.openAIClient(for: Model(provider: "vllm", name: "x")).endpoint.description.contains(":8000"))
    }

    @Test func refusesWhatItDoesNotKnow() throws {
        let unknown = #expect(throws: CompletionError.self) { try client("nobody/x") }
        #expect(unknown?.message.contains("ollama") == true)
        let clients = ClientRegistry(environment: [:])
        #expect(throws: CompletionError.self) { try clients.client(for: Model(provider: "offline", name: "x")) }
        #expect(try clients.client(for: Model(provider: "offline", name: "lexical")) is OfflineClient)
        #expect(throws: CompletionError.self) { try client("openai/x", baseURL: "not a url") }
    }

    @Test func knowsWhetherAKeyIsThere() {
        let clients = ClientRegistry(environment: ["OPENAI_API_KEY": "sk-1"])
        #expect(ClientRegistry.providers.filter { clients.hasKey($0) }.map(\.word) == ["openai"])
        #expect(
            ClientRegistry.providers.filter(\.isLocalServer).map(\.word) == ["ollama", "llamacpp", "vllm", "lmstudio"]
        )
    }
}
