import Foundation
import Testing
import Trajectory

@testable import LMClients

/// What a long stream costs this process. The server is a process of its own, so that only the client is measured.
@Suite(.serialized) struct StreamMemoryTests {
    /// 16 MB of text in events of 1,000 characters: more takes minutes in a build that is not optimized.
    private static let script = """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        print(server.getsockname()[1], flush=True)
        client, _ = server.accept()
        client.recv(1 << 16)
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n")
        piece = b'{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%s"}}]}' % (b"x" * 1000)
        event = b"data: " + piece + b"\\n\\n"
        for _ in range(16_000): client.sendall(event)
        client.sendall(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\\n\\ndata: [DONE]\\n\\n')
        client.close()
        """

    /// Bytes, from `/proc/self/status`.
    private func memory(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
        return (line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first ?? 0) * 1024
    }

    @Test func isASmallMultipleOfWhatIsKept() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let line = String(decoding: out.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        let client = try OpenAIClient(
            baseURL: "http://127.0.0.1:\(port)/v1", apiKey: nil, maxResponseBytes: 128 << 20, transport: Transport())
        let request = CompletionRequest(
            model: "m-1", messages: [Message(role: .user, content: "Hi")], isStreaming: true)
        // The peak from here on.
        try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let before = try memory("VmRSS")
        let response = try await client.complete(request, onText: nil)
        let peak = try memory("VmHWM") - before
        #expect(response.text.utf8.count == 16_000_000)
        #expect(peak < 3 * response.text.utf8.count, "\(peak) bytes for \(response.text.utf8.count)")
    }
}
