import Foundation
import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// What a server does not know is found out once for all clients of a registry, or said in the settings.
@Suite struct OmissionTests {
    private func request(_ model: String = "m-1") -> CompletionRequest {
        CompletionRequest(
            model: model,
            messages: [
                Message(role: .system, content: "Be short."), Message(role: .user, content: "One"),
                Message(role: .user, content: "Two"),
            ],
            sampling: ["temperature": "0.2"],
            seed: 7,
            isStreaming: true
        )
    }

    private func registry(_ server: ScriptedServer, _ settings: [String: ProviderSettings] = [:]) -> ClientRegistry {
        ClientRegistry(environment: [:], baseURL: server.baseURL, settings: settings)
    }

    /// A server that knows nothing but a model and messages, and says of one thing at a time that it does not know it.
    private static func refusal(_ request: ScriptedRequest) -> ScriptedReply? {
        let names = ["stream_options", "stream", "seed", "temperature"]
        if let name = names.first(where: { request.json[$0] != nil }) {
            return .error(400, "Unrecognized request argument supplied: \(name)")
        }
        if request.roles.contains("system") { return .error(400, "System role not supported") }
        if request.roles.count > 1 { return .error(400, "Conversation roles must alternate user/assistant/...") }
        return nil
    }

    @Test func aServerThatKnowsNothingIsAskedStepByStepAndThenRightAtOnce() async throws {
        let server = try ScriptedServer { request in
            Self.refusal(request) ?? .completion(request.messages.joined(separator: "|"))
        }
        defer { server.stop() }
        let clients = registry(server)
        let one = try clients.openAIClient(for: Model(provider: "openai", name: "m-1"))
        #expect(try await adapting(one, request()).text == "Be short.\n\nOne\n\nTwo")
        #expect(server.requestCount == 7)
        let notices = clients.takeNotices()
        #expect(notices.count == 6)
        #expect(Set(notices).count == 6 && notices.allSatisfy { $0.contains(server.baseURL) })
        // Another client of the same registry, another model: remembered, and not said again.
        let other = try clients.openAIClient(for: Model(provider: "openai", name: "m-2"))
        #expect(try await other.complete(request("m-2"), onText: nil).text == "Be short.\n\nOne\n\nTwo")
        #expect(server.requestCount == 8)
        #expect(clients.takeNotices().isEmpty)
    }

    @Test func manyAtOnceLearnTheSame() async throws {
        let server = try ScriptedServer { request in Self.refusal(request) ?? .completion("ok") }
        defer { server.stop() }
        let clients = registry(server)
        let request = request()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    guard let client = try? clients.openAIClient(for: Model(provider: "openai", name: "m-1")) else {
                        return false
                    }
                    return (try? await adapting(client, request).text) == "ok"
                }
            }
            for await isGood in group { #expect(isGood) }
        }
        #expect(clients.takeNotices().count == 6)
    }

    @Test func settingsSayItBeforehand() async throws {
        let server = try ScriptedServer { request in Self.refusal(request) ?? .completion("ok") }
        defer { server.stop() }
        let without: Set<String> = ["stream", "seed", "temperature", "system", "consecutive_roles"]
        let clients = registry(server, ["openai": ProviderSettings(without: without)])
        let client = try clients.openAIClient(for: Model(provider: "openai", name: "m-1"))
        let pieces = Mutex<[String]>([])
        let response = try await client.complete(request()) { piece in pieces.withLock { $0.append(piece) } }
        #expect(response.text == "ok" && server.requestCount == 1)
        #expect(pieces.withLock { $0 } == ["ok"])
        #expect(clients.takeNotices().isEmpty)
        // Another provider's settings are not this one's.
        let others = registry(server, ["vllm": ProviderSettings(without: without)])
        let plain = try others.openAIClient(for: Model(provider: "openai", name: "m-1"))
        #expect(await failure { try await plain.complete(request(), onText: nil) }?.remedy == .adaptedTry)
    }

    @Test func theOtherWayRoundToo() async throws {
        let server = try ScriptedServer { request in
            request.json["max_completion_tokens"] == nil
                ? .completion("ok") : .error(422, "max_completion_tokens: Extra inputs are not permitted")
        }
        defer { server.stop() }
        var request = request()
        request.sampling["max_completion_tokens"] = "64"
        #expect(try await adapting(try testClient(server), request).text == "ok")
        #expect(server.requests.last?.json["max_tokens"] as? Int == 64)
        let neither = try ScriptedServer { request in
            for name in ["max_tokens", "max_completion_tokens"] where request.json[name] != nil {
                return .error(400, "Unknown parameter: '\(name)'")
            }
            return .completion("ok")
        }
        defer { neither.stop() }
        #expect(try await adapting(try testClient(neither), request).text == "ok")
        #expect(neither.requestCount == 3)
    }

    @Test func anOutputCapOfTheProgramsOwnGivesWay() async throws {
        let server = try ScriptedServer { request in
            let cap = request.json["max_tokens"] as? Int ?? 0
            return cap > 1176
                ? .error(
                    400,
                    "This model's maximum context length is 8192 tokens. However, you requested 12000 tokens (7000 in the "
                        + "messages, \(cap) in the completion).") : .completion("ok \(cap)")
        }
        defer { server.stop() }
        var request = request()
        request.maxOutputTokens = 5000
        #expect(try await adapting(try testClient(server), request).text == "ok 1176")
    }

    @Test func whatAPersonAskedForIsNotChangedQuietly() async throws {
        let server = try ScriptedServer { _ in
            .error(400, "max_tokens is too large: 99999. This model supports at most 4096 completion tokens.")
        }
        defer { server.stop() }
        var request = request()
        request.sampling["max_tokens"] = "99999"
        let error = await failure { try await testClient(server).complete(request, onText: nil) }
        #expect(error?.code == .refused && error?.remedy == Remedy.none)
    }
}
