import LMClients
import Trajectory

/// The model that somebody may have meant.
enum ModelSuggestion {
    /// `openai/gpt-5` for `opnai/gpt-5`, `offline/lexical` for `offline/lexicl`; nil where provider and name are known as
    /// far as they can be, or nothing is near.
    static func nearest(to model: String) -> String? {
        let provider = String(model.prefix { $0 != "/" })
        let name = model.dropFirst(provider.count + 1)
        let words = ClientRegistry.providers.map(\.word)
        if !words.contains(provider) {
            return Suggestion.nearest(to: provider, among: words).map { word in
                word == "offline" ? "offline/\(OfflineClient.modelName)" : "\(word)/\(name)"
            }
        }
        return provider == "offline" ? "offline/\(OfflineClient.modelName)" : nil
    }

    /// The model of a provider's own list that is nearest to one it does not have; nil where it gives no list.
    static func nearest(to model: Model, of registry: ClientRegistry) async -> String? {
        guard let provider = ClientRegistry.providers.first(where: { $0.word == model.provider }) else { return nil }
        do throws(CompletionError) {
            let names = try await registry.modelNames(of: provider)
            return Suggestion.nearest(to: model.name, among: names).map { "\(model.provider)/\($0)" }
        } catch { return nil }
    }
}
