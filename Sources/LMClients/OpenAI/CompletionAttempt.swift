import Foundation
import Trajectory

/// One try at a chat completion: sends the request and reads what comes, stream or not, asked for or not.
struct CompletionAttempt {
    let transport: Transport
    let request: HTTPRequest
    let wording: FaultWording
    /// Gets the pieces of the answer, and an empty one where it starts anew; nil where nobody wants them.
    let onText: (@Sendable (String) -> Void)?

    private let decoder = JSONDecoder()

    init(
        transport: Transport,
        request: HTTPRequest,
        wording: FaultWording,
        onText: (@Sendable (String) -> Void)?
    ) {
        self.transport = transport
        self.request = request
        self.wording = wording
        self.onText = onText
    }

    /// Throws `CompletionError`.
    func run(isStreaming: Bool) async throws(CompletionError) -> CompletionResponse {
        isStreaming ? try await stream() : try await whole()
    }

    private func whole() async throws(CompletionError) -> CompletionResponse {
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw wording.fault(error, limits: request.limits)
        }
        try check(response)
        return try read(whole: response.body, head: response.head)
    }

    private func stream() async throws(CompletionError) -> CompletionResponse {
        var events = EventStream()
        var assembly = CompletionAssembly()
        var head = HTTPHead()
        var plain: [UInt8]?
        var strange: [UInt8]?
        let onData: ([UInt8]) -> Bool = { data in
            if data.elementsEqual("[DONE]".utf8) {
                assembly.isComplete = true
                return false
            }
            guard let body = try? decoder.decode(CompletionBody.self, from: Data(data)) else {
                strange = data
                return false
            }
            show(assembly.add(body))
            return assembly.error == nil
        }
        var failure: TransportError?
        var whole: HTTPResponse?
        do throws(TransportError) {
            whole = try await transport.send(request) { newHead, bytes in
                if head.status == 0 {
                    head = newHead
                    if !Self.isEventStream(newHead, bytes) { plain = [] }
                }
                if plain != nil {
                    plain?.append(contentsOf: bytes)
                    return true
                }
                return events.read(bytes, onData: onData)
            }
        } catch {
            failure = error
        }
        if let whole {
            head = whole.head
            try check(whole)
        }
        if failure == nil, let plain { return try read(whole: plain, head: head) }
        if failure == nil, strange == nil, !assembly.isComplete {
            events.finish(onData: onData)
            // What no blank line ended may be half of an event.
            if strange != nil { throw wording.brokenOff }
        }
        if let error = assembly.error { throw wording.fault(error) }
        if let strange { throw wording.notACompletion(head, body: strange) }
        // A connection that breaks after the answer's end costs nothing but perhaps its usage.
        if let failure, !assembly.isComplete || failure.kind == .cancelled {
            throw wording.fault(failure, limits: request.limits)
        }
        guard assembly.isComplete, assembly.hasChoices else {
            throw assembly.hasChoices ? wording.brokenOff : wording.empty
        }
        return try response(&assembly, head: head)
    }

    private func show(_ addition: ReasoningSplitter.Addition) {
        if addition.isAnew { onText?("") }
        if !addition.text.isEmpty { onText?(addition.text) }
    }

    private func check(_ response: HTTPResponse) throws(CompletionError) {
        guard (200..<300).contains(response.head.status) else {
            throw wording.fault(response.head, body: response.body)
        }
    }

    /// Reads a body that came as a whole, which may still be a stream that nobody asked for.
    private func read(whole body: [UInt8], head: HTTPHead) throws(CompletionError) -> CompletionResponse {
        var assembly = CompletionAssembly()
        if Self.isEventStream(head, body) {
            var events = EventStream()
            let onData: ([UInt8]) -> Bool = { data in
                guard let body = try? decoder.decode(CompletionBody.self, from: Data(data)) else {
                    assembly.isComplete = assembly.isComplete || data.elementsEqual("[DONE]".utf8)
                    return false
                }
                show(assembly.add(body))
                return true
            }
            if events.read(body, onData: onData) { events.finish(onData: onData) }
            if let error = assembly.error { throw wording.fault(error) }
            guard assembly.isComplete, assembly.hasChoices else {
                throw assembly.hasChoices ? wording.brokenOff : wording.notACompletion(head, body: body)
            }
        } else {
            guard let decoded = try? decoder.decode(CompletionBody.self, from: Data(body)) else {
                throw Self.isHalfAnObject(body) ? wording.brokenOff : wording.notACompletion(head, body: body)
            }
            show(assembly.add(decoded))
            if let error = assembly.error { throw wording.fault(error) }
            guard assembly.hasChoices else { throw wording.notACompletion(head, body: body) }
        }
        return try response(&assembly, head: head)
    }

    private func response(
        _ assembly: inout CompletionAssembly, head: HTTPHead
    ) throws(CompletionError) -> CompletionResponse {
        show(assembly.finish())
        if let code = assembly.textless {
            var error = wording.textless(code, finishReason: assembly.finishReason, refusal: assembly.refusal)
            // It is no answer, and paid for.
            error.usage = assembly.usage
            error.reasoning = assembly.reasoning
            error.finishReason = assembly.finishReason
            throw error
        }
        return CompletionResponse(
            text: assembly.text,
            reasoning: assembly.reasoning,
            usage: assembly.usage,
            finishReason: assembly.finishReason,
            secondsToFirstByte: head.secondsToFirstByte
        )
    }

    /// Whether a body that is no JSON looks as if its end were missing.
    private static func isHalfAnObject(_ body: [UInt8]) -> Bool {
        body.first { $0 > 0x20 } == UInt8(ascii: "{") && body.last { $0 > 0x20 } != UInt8(ascii: "}")
    }

    private static func isEventStream(_ head: HTTPHead, _ bytes: [UInt8]) -> Bool {
        if let type = head.contentType {
            if type.hasPrefix("text/event-stream") { return true }
            if type.hasPrefix("application/json") || type.hasPrefix("text/html") { return false }
        }
        guard let first = bytes.first(where: { $0 > 0x20 }) else { return false }
        return [UInt8(ascii: "d"), UInt8(ascii: ":"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "r")]
            .contains(first)
    }
}
