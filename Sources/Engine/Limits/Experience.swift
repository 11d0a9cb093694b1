import Trajectory

/// What has been seen of the requests of one run so far, by which the next ones are judged. The largest counts, never
/// the mean: what is in flight together must fit even when each is as large as the largest.
struct Experience {
    /// Of requests of one kind.
    private struct OfKind {
        var answers = 0
        var largestOutput = 0
        /// Prompt tokens counted by the provider beyond those estimated, for short prompts: what its template adds.
        var excess = 0
        /// Tokens counted by the provider for each one estimated, for prompts long enough to tell.
        var ratio = 0.0
    }

    private struct OfModel {
        var ratio = 0.0
        /// US dollars for a token of input or output, the highest seen; nil while nobody has said.
        var perToken: Double?
        /// How much dearer it was than the settings say, at least 1.
        var priceFactor = 1.0
    }

    /// Prompts below this say nothing of a tokenizer.
    private static let leastToTell = 256
    /// Answers after which what was seen counts as a rule.
    private static let enough = 4

    private let price: @Sendable (Usage, Model) -> Double?
    private var kinds: [Demand.Kind: OfKind] = [:]
    private var models: [Model: OfModel] = [:]

    init(price: @escaping @Sendable (Usage, Model) -> Double?) { self.price = price }

    func answers(_ kind: Demand.Kind) -> Int { kinds[kind]?.answers ?? 0 }

    /// Output tokens that an answer needs at least to be worth asking for.
    func leastOutput(_ kind: Demand.Kind) -> Int { kinds[kind]?.largestOutput ?? 16 }

    /// Output tokens that answers stay below; the more have been seen, the less more is expected.
    func mostOutput(_ kind: Demand.Kind) -> Int {
        guard let seen = kinds[kind] else { return 0 }
        return seen.largestOutput * (seen.answers < Self.enough ? 4 : 2) + 16
    }

    /// Prompt tokens to be expected.
    func likelyPrompt(_ demand: Demand) -> Int {
        let isLong = demand.likelyPrompt >= Self.leastToTell
        guard let seen = kinds[demand.kind] else {
            guard isLong else { return demand.likelyPrompt + 16 }
            return Int((Double(demand.likelyPrompt) * max(1, models[demand.model]?.ratio ?? 1)).rounded(.up))
        }
        guard isLong else { return demand.likelyPrompt + seen.excess }
        return max(1, Int((Double(demand.likelyPrompt) * seen.ratio).rounded(.up)))
    }

    /// Prompt tokens that it stays below.
    func mostPrompt(_ demand: Demand) -> Int {
        let likely = likelyPrompt(demand)
        guard answers(demand.kind) >= Self.enough else { return max(likely, demand.mostPrompt) }
        return max(likely, min(demand.mostPrompt, likely + likely / 2 + 32))
    }

    /// US dollars for a token of input and of output; nil where nobody knows yet.
    func prices(_ model: Model) -> (input: Double, output: Double)? {
        let seen = models[model]
        if let input = price(Usage(inputTokens: 1_000_000, outputTokens: 0), model),
            let output = price(Usage(inputTokens: 0, outputTokens: 1_000_000), model)
        {
            let factor = (seen?.priceFactor ?? 1) / 1_000_000
            return (input * factor, output * factor)
        }
        return seen?.perToken.map { ($0, $0) }
    }

    /// Takes in what a request used: `input` and `output` are counted by the provider, or estimated.
    mutating func learn(_ demand: Demand, input: Int, output: Int, cost: Double?) {
        var kind = kinds[demand.kind, default: OfKind()]
        kind.answers += 1
        kind.largestOutput = max(kind.largestOutput, output)
        kind.excess = max(kind.excess, input - demand.likelyPrompt)
        var model = models[demand.model, default: OfModel()]
        let ratio = Double(input) / Double(max(1, demand.likelyPrompt))
        kind.ratio = max(kind.ratio, ratio)
        if demand.likelyPrompt >= Self.leastToTell { model.ratio = max(model.ratio, ratio) }
        if let cost {
            model.perToken = max(model.perToken ?? 0, cost / Double(max(1, input + output)))
            if let priced = price(Usage(inputTokens: input, outputTokens: output), demand.model), priced > 0 {
                model.priceFactor = max(model.priceFactor, cost / priced)
            }
        }
        kinds[demand.kind] = kind
        models[demand.model] = model
    }
}
