internal import Trajectory
internal import TrajectoryStore

/// What an `rlms` log calls models: the provider is the `backend` of the whole run, and the names stand alone. In a run
/// over several providers every name is written in full, and there is no backend.
struct RLMSModelNames {
    let backend: String?

    init(of run: Run, in store: TrajectoryStore) throws {
        var providers: Set<String> = []
        if let model = run.model { providers.insert(Self.provider(model)) }
        try store.walk(run: run.id) { node in
            guard let model = node.model, !model.isEmpty else { return }
            providers.insert(Self.provider(model))
        }
        backend = providers.count == 1 ? providers.first.flatMap { $0.isEmpty ? nil : $0 } : nil
    }

    /// Nil for a model that is not known.
    func name(_ model: String?) -> String? {
        guard let model, !model.isEmpty else { return nil }
        return backend == nil ? model : Model(model)?.name ?? model
    }

    private static func provider(_ model: String) -> String { Model(model)?.provider ?? "" }
}
