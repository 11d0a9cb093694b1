/// A model as people name it: `PROVIDER/NAME`, for example `openai/gpt-5` or `offline/lexical`. The name may hold
/// slashes itself.
package struct Model: Hashable, Sendable, CustomStringConvertible {
    package let provider: String
    package let name: String

    package init(provider: String, name: String) {
        self.provider = provider
        self.name = name
    }

    /// Nil unless the text has a provider, a slash and a name.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/"), slash != text.startIndex,
            text.index(after: slash) != text.endIndex
        else { return nil }
        self.init(provider: String(text[..<slash]), name: String(text[text.index(after: slash)...]))
    }

    package var description: String { "\(provider)/\(name)" }
}
