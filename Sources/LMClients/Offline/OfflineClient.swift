import Trajectory

/// `offline/lexical`: a planner and reader without a neural net, so that the real machinery can be seen at work with
/// no key and no network.
///
/// Asked as a root model, it plans (`Planner`); asked anything else, it reads (`Reader`). The same input always gets
/// the same output. Its tokens are defined as Unicode scalars divided by four, rounded up; its cost is zero.
package struct OfflineClient: LMClient {
    package static let modelName = "lexical"

    /// How the engine's system message begins; what tells a root call from a plain one.
    package static let rootMarker =
        "You answer a question over a long context that is a variable in a Python REPL."

    package var provider: String { "offline" }
    private let pause: Duration

    /// `pause` is waited after each piece when streaming, so that a person can watch; none by default.
    package init(pause: Duration = .zero) { self.pause = pause }

    package func complete(
        _ request: CompletionRequest,
        onText: (@Sendable (String) -> Void)?
    ) async throws(CompletionError) -> CompletionResponse {
        let name = "\(provider)/\(request.model)"
        guard request.model == Self.modelName else {
            throw CompletionError(
                code: .modelNotFound,
                model: name,
                message: "there is no model \"\(name)\": the offline one is offline/\(Self.modelName)"
            )
        }
        do {
            try Task.checkCancellation()
            let text = Self.answer(request.messages)
            try Task.checkCancellation()
            if request.isStreaming, let onText { try await stream(text, to: onText) }
            return CompletionResponse(
                text: text,
                usage: Usage(
                    inputTokens: request.messages.reduce(0) { $0 + Self.tokens($1.content) },
                    outputTokens: Self.tokens(text),
                    cachedTokens: 0,
                    reasoningTokens: 0,
                    cost: 0
                ),
                finishReason: "stop"
            )
        } catch {
            throw CompletionError(code: .cancelled, model: name, message: "cancelled")
        }
    }

    /// What the model answers to these messages.
    static func answer(_ messages: [Message]) -> String {
        let isRoot = messages.first { $0.role == .system }?.content.hasPrefix(rootMarker) ?? false
        if isRoot, let planner = Planner(messages.map { (isUser: $0.role == .user, content: $0.content) }) {
            return planner.turn()
        }
        return Reader(messages.last { $0.role == .user }?.content ?? "").answer()
    }

    /// Its tokens by its own plain rule.
    static func tokens(_ text: String) -> Int { (text.unicodeScalars.count + 3) / 4 }

    /// Hands the text on word by word, blanks with the word before them.
    private func stream(_ text: String, to onText: @Sendable (String) -> Void) async throws {
        var rest = text[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let word = rest.prefix { !$0.isWhitespace }
            let piece = rest[..<rest[word.endIndex...].prefix { $0.isWhitespace }.endIndex]
            onText(String(piece))
            rest = rest[piece.endIndex...]
            if pause > .zero { try await Task.sleep(for: pause) }
        }
    }
}
