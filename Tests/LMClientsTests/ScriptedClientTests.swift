import TestSupport
import Testing
import Trajectory

@testable import LMClients

@Suite struct ScriptedClientTests {
    private let request = CompletionRequest(model: "m", messages: [])

    @Test func answersInTurnAndRemembers() async throws {
        let client = ScriptedClient(["one", "two"])
        #expect(try await client.complete(request, onText: nil).text == "one")
        #expect(try await client.complete(request, onText: nil).text == "two")
        let error = await failure { try await client.complete(request, onText: nil) }
        #expect(error?.code == .badResponse)
        #expect(client.requests.count == 3)
    }

    @Test func holdsAnswersUntilReleased() async throws {
        let client = ScriptedClient { _, number in CompletionResponse(text: "\(number)", usage: .unknown) }
        client.hold()
        let request = request
        let tasks = (0..<3).map { _ in Task { try await client.complete(request, onText: nil).text } }
        #expect(await waitUntil { client.inFlight == 3 })
        client.release(1)
        #expect(await waitUntil { client.inFlight == 2 })
        client.release()
        for task in tasks { _ = try await task.value }
        #expect(client.inFlight == 0)
        #expect(client.maxInFlight == 3)
    }

    @Test func aHeldAnswerCanBeCancelled() async throws {
        let client = ScriptedClient(["one"])
        client.hold()
        let request = request
        let task = Task { try await client.complete(request, onText: nil) }
        #expect(await waitUntil { client.inFlight == 1 })
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(client.cancelledCount == 1)
        #expect(client.inFlight == 0)
    }
}
