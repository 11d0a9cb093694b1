// How two runs, or two parts of them, differ.
package import Trajectory
package import TrajectoryStore

/// Two trees of calls laid side by side. Nodes are paired by their address; where more of them are the same when they are
/// moved along, by likeness: a sub-call by its prompt, an iteration by its response, a block by its code. Of every pair that
/// differs it says in which fields; cost and time alone are no difference.
///
/// Texts are compared by reference and not loaded, and iterations that a fork shares with its original are not looked at, so
/// that two runs of 10,000 calls are compared in milliseconds. Both must be in one store.
///
/// For example:
///
///     let comparison = try RunComparison(of: original, and: fork, in: store)
///     comparison.nodes.map(\.address)      // [root, i2.b1, i2.c40, i3]
///     comparison.firstDifference           // i2.c40
package struct RunComparison: Sendable {
    /// In the order of addresses, what only the first has at the place where it was.
    package private(set) var nodes: [NodeDifference] = []
    /// The node whose difference came first in time; what differs after it may be its effect.
    package private(set) var firstDifference: Address?

    /// Throws `StoreError`.
    package init(of a: Node, and b: Node, in store: TrajectoryStore) throws {
        try compare(a, b, try store.content(of: a), try store.content(of: b), in: store)
    }

    private mutating func compare(
        _ a: Node, _ b: Node, _ contentA: NodeContent, _ contentB: NodeContent, in store: TrajectoryStore
    ) throws {
        guard a.id != b.id || a.address.attempt != b.address.attempt else { return }
        let place = nodes.count
        let fields = Self.fields(a.kind, contentA, contentB)
        if !fields.isEmpty || a.kind != b.kind {
            nodes.append(NodeDifference(address: b.address, change: .changed, fields: fields, a: a, b: b))
            if nodes[place].differsAtItsBeginning { note(b.address) }
        }
        try compareChildren(a, b, in: store)
        // What came of it, and of what is below it, comes last.
        if nodes.count > place, !fields.isEmpty { note(b.address) }
    }

    private mutating func note(_ address: Address) {
        if firstDifference == nil { firstDifference = address }
    }

    private mutating func compareChildren(_ a: Node, _ b: Node, in store: TrajectoryStore) throws {
        switch (a.id, b.id) {
        case (.call, .call):
            let left = try store.children(of: a)
            let right = try store.children(of: b)
            let contentsA = try left.map { try store.content(of: $0) }
            let contentsB = try right.map { try store.content(of: $0) }
            let (nodesA, nodesB) = (Self.byPlace(left), Self.byPlace(right))
            for pair in Self.pairs(contentsA.map(\.answer), contentsB.map(\.answer)) {
                try add(pair, nodesA, nodesB, contentsA, contentsB, in: store)
            }
        case (.iteration(let idA), .iteration(let idB)):
            let contentsA = try store.contents(ofIteration: idA)
            let contentsB = try store.contents(ofIteration: idB)
            let blocks = Self.pairs(contentsA.blocks.map(\.code), contentsB.blocks.map(\.code))
            let calls = Self.pairs(contentsA.calls.map(\.prompt), contentsB.calls.map(\.prompt))
                .map { (a: $0.a.map { $0 + contentsA.blocks.count }, b: $0.b.map { $0 + contentsB.blocks.count }) }
            let (allA, allB) = (contentsA.blocks + contentsA.calls, contentsB.blocks + contentsB.calls)
            // Of thousands of sub-calls that are the same nothing more is read.
            let wanted = (blocks + calls).filter { pair in
                guard let a = pair.a, let b = pair.b else { return true }
                return allA[a].isRecursive || allA[a].withoutPlace != allB[b].withoutPlace
            }
            let left = try Self.nodes(of: a, at: wanted.compactMap(\.a), in: store)
            let right = try Self.nodes(of: b, at: wanted.compactMap(\.b), in: store)
            // A block causes its sub-calls and is ended by them: its code counts before them, what it printed after.
            var differingCalls: [NodeDifference] = []
            var waiting = calls[...]
            func isOf(_ pair: (a: Int?, b: Int?), blockThrough ordinal: Int) -> Bool {
                (pair.b.map { allB[$0].block } ?? pair.a.map { allA[$0].block })?.map { $0 <= ordinal } ?? false
            }
            func addCalls(_ count: Int) throws {
                let place = nodes.count
                for pair in waiting.prefix(count) { try add(pair, left, right, allA, allB, in: store) }
                waiting = waiting.dropFirst(count)
                differingCalls += nodes[place...]
                nodes.removeSubrange(place...)
            }
            for (index, pair) in blocks.enumerated() {
                if let a = pair.a, let b = pair.b, allA[a].code != allB[b].code, let node = right[b] {
                    note(node.address)
                }
                try addCalls(waiting.prefix { isOf($0, blockThrough: index + 1) }.count)
                try add(pair, left, right, allA, allB, in: store)
            }
            try addCalls(waiting.count)
            nodes += differingCalls
        default: break
        }
    }

    private mutating func add(
        _ pair: (a: Int?, b: Int?), _ left: [Int: Node], _ right: [Int: Node], _ contentsA: [NodeContent],
        _ contentsB: [NodeContent], in store: TrajectoryStore
    ) throws {
        // A node that is not there was the same, or has come since the contents were read.
        let (a, b) = (pair.a.flatMap { left[$0] }, pair.b.flatMap { right[$0] })
        switch (a, b) {
        case (let a?, let b?):
            guard let placeA = pair.a, let placeB = pair.b else { return }
            try compare(a, b, contentsA[placeA], contentsB[placeB], in: store)
        case (let a?, nil) where pair.b == nil:
            nodes.append(NodeDifference(address: a.address, change: .removed, fields: [], a: a, b: nil))
            note(a.address)
        case (nil, let b?) where pair.a == nil:
            nodes.append(NodeDifference(address: b.address, change: .added, fields: [], a: nil, b: b))
            note(b.address)
        default: break
        }
    }

    private static func byPlace(_ nodes: [Node]) -> [Int: Node] {
        Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0, $1) })
    }

    /// Children by their places: one by one where few are wanted, else all at once.
    private static func nodes(of parent: Node, at places: [Int], in store: TrajectoryStore) throws -> [Int: Node] {
        guard places.count <= 50 else { return byPlace(try store.children(of: parent)) }
        var nodes: [Int: Node] = [:]
        for place in places { nodes[place] = try store.children(of: parent, offset: place, limit: 1).first }
        return nodes
    }

    private static func fields(_ kind: Node.Kind, _ a: NodeContent, _ b: NodeContent) -> [NodeDifference.Field] {
        var fields: [NodeDifference.Field] = []
        if a.prompt != b.prompt { fields.append(.prompt) }
        if a.model != b.model { fields.append(.model) }
        if a.parameters != b.parameters { fields.append(.parameters) }
        if a.code != b.code { fields.append(.code) }
        if a.answer != b.answer { fields.append(kind == .iteration ? .response : .answer) }
        if a.stdout != b.stdout { fields.append(.stdout) }
        if a.stderr != b.stderr { fields.append(.stderr) }
        if a.variables != b.variables { fields.append(.variables) }
        if a.status != b.status { fields.append(.status) }
        if a.failure != b.failure { fields.append(.failure) }
        return fields
    }

    /// Which child belongs to which: those at the same place, or moved along where more are the same that way. What is left
    /// between two pairs is paired in its order.
    static func pairs<Key: Hashable>(_ a: [Key], _ b: [Key]) -> [(a: Int?, b: Int?)] {
        let inPlace = zip(a, b).count { $0 == $1 }
        let moved = SequenceAlignment.pairs(a, b)
        guard moved.count > inPlace else {
            return (0..<max(a.count, b.count)).map { ($0 < a.count ? $0 : nil, $0 < b.count ? $0 : nil) }
        }
        var pairs: [(a: Int?, b: Int?)] = []
        var start = (a: 0, b: 0)
        for anchor in moved + [(a.count, b.count)] {
            let width = max(anchor.a - start.a, anchor.b - start.b)
            for offset in 0..<width {
                pairs.append(
                    (
                        start.a + offset < anchor.a ? start.a + offset : nil,
                        start.b + offset < anchor.b ? start.b + offset : nil
                    ))
            }
            if anchor.a < a.count { pairs.append((anchor.a, anchor.b)) }
            start = (anchor.a + 1, anchor.b + 1)
        }
        return pairs
    }
}
