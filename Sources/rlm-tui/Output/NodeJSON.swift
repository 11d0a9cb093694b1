import Foundation
import Trajectory
import TrajectoryStore

/// A node of the tree as `show --json` prints it, with everything below it.
struct NodeJSON: Encodable {
    let node: Node
    var children: [NodeJSON] = []
    /// With `--full`: the texts that belong to its kind.
    var texts: [(key: Text, value: String?)] = []
    var messages: [Message]?
    var variables: [Variable]?

    enum Text: String {
        case answer, response, reasoning, code, stdout, stderr
    }

    /// The provider's word for why the current completion ended: `length` where the token limit cut it.
    var finishReason: String?

    init(_ node: Node, of store: TrajectoryStore, isFull: Bool, blocks: [CodeBlock] = []) throws {
        self.node = node
        var ownBlocks: [CodeBlock] = []
        if isFull, case .iteration(let id) = node.id { ownBlocks = try store.iterationDetail(id).blocks }
        children = try store.children(of: node).map {
            try NodeJSON($0, of: store, isFull: isFull, blocks: ownBlocks)
        }
        if node.kind == .llm || node.kind == .iteration { finishReason = try store.finishReason(of: node) }
        guard isFull else { return }
        switch node.id {
        case .call(let id):
            let completion = try store.completion(of: node)
            messages = try completion?.messages ?? store.prompt(of: id)
            let isNamed = node.address.attempt != nil
            texts = [(.answer, isNamed ? completion?.response : try store.answer(of: id))]
            if let reasoning = completion?.reasoning { texts.append((.reasoning, reasoning)) }
        case .iteration:
            let completion = try store.completion(of: node)
            messages = completion?.messages
            texts = [(.response, completion?.response)]
            if let reasoning = completion?.reasoning { texts.append((.reasoning, reasoning)) }
        case .block(let id):
            guard let block = try blocks.first(where: { $0.id == id }) ?? store.block(of: node) else { return }
            texts = [(.code, block.code), (.stdout, block.output.stdout), (.stderr, block.output.stderr)]
            variables = block.variables
        }
    }

    private enum CodingKeys: String, CodingKey {
        case address, kind, depth, status, origin, freshness, model, usage, subtree_usage, seconds, children
        case title, failure, attempts, block, batch, messages, variables, answer, response, reasoning, code, stdout,
            stderr
        case finish_reason
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(node.address.description, forKey: .address)
        try container.encode(node.kind, forKey: .kind)
        try container.encode(node.depth, forKey: .depth)
        try container.encode(node.status, forKey: .status)
        try container.encode(node.origin, forKey: .origin)
        try container.encode(node.freshness, forKey: .freshness)
        try container.encode(node.model, forKey: .model)
        // What a call used is what it and all below it used; an iteration's usage is that of its completion.
        let isCall = node.kind == .rlm || node.kind == .llm
        try container.encode(UsageJSON(usage: isCall ? node.subtree.known : node.own.known), forKey: .usage)
        try container.encode(UsageJSON(usage: node.subtree.known), forKey: .subtree_usage)
        try container.encode(node.seconds, forKey: .seconds)
        try container.encode(children, forKey: .children)
        try container.encode(node.title, forKey: .title)
        try container.encode(node.failure, forKey: .failure)
        try container.encode(node.attempts, forKey: .attempts)
        try container.encodeIfPresent(finishReason, forKey: .finish_reason)
        try container.encodeIfPresent(
            node.block.flatMap { number in node.address.parent?.appending(.block(number)).description },
            forKey: .block
        )
        try container.encodeIfPresent(node.batch, forKey: .batch)
        try container.encodeIfPresent(messages, forKey: .messages)
        try container.encodeIfPresent(variables, forKey: .variables)
        for (key, value) in texts {
            guard let key = CodingKeys(rawValue: key.rawValue) else { continue }
            try container.encode(value, forKey: key)
        }
    }
}
