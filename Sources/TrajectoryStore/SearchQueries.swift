// Search through the texts of one run.
internal import Foundation
package import Trajectory

/// A node that holds what was searched for, and where in it.
package struct SearchHit: Sendable, Hashable {
    package enum Field: String, Sendable, CaseIterable, Codable {
        case title, prompt, answer, reasoning, code, output, failure
    }

    package var id: NodeID
    package var address: Address
    /// The first field that holds it, in the order they are named.
    package var field: Field
}

/// Hits in the order of the tree.
package struct SearchPage: Sendable, Hashable {
    package var hits: [SearchHit]
    /// Whether nothing is left after these; the next page begins after the last hit.
    package var isLast: Bool
}

extension TrajectoryStore {
    /// Searches titles, prompts, answers, reasoning, code, output and failures of a run in the order of the tree, and
    /// stops after `limit` nodes. A page at a time is in memory; other readers and writers are not held up.
    ///
    /// What an iteration was sent is not searched: it says again what stands in answers and outputs.
    /// - Parameters:
    ///   - address: Where to go on: what comes after this node.
    ///   - isCancelled: Asked between pages; ends the search with what was found, as not the last page.
    ///   - matches: Whether a text holds what is searched for.
    package func search(
        in run: RunID,
        after address: Address? = nil,
        limit: Int,
        isCancelled: () -> Bool = { false },
        matching matches: (String) throws -> Bool
    ) throws -> SearchPage {
        try withoutActuallyEscaping(matches) { matches in
            try withoutActuallyEscaping(isCancelled) { isCancelled in
                let walk = SearchWalk(store: self, limit: limit, isCancelled: isCancelled, matches: matches)
                let start = address.map(TreePlaces.path(of:))
                let isWhole = try walk.visit(root: try root(of: run), after: start)
                return SearchPage(hits: walk.hits, isLast: isWhole)
            }
        }
    }
}

/// One search on its way through the tree.
private final class SearchWalk {
    private let store: TrajectoryStore
    private let limit: Int
    private let isCancelled: () -> Bool
    private let matches: (String) throws -> Bool
    private(set) var hits: [SearchHit] = []
    private static let page = 500

    init(
        store: TrajectoryStore,
        limit: Int,
        isCancelled: @escaping () -> Bool,
        matches: @escaping (String) throws -> Bool
    ) {
        self.store = store
        self.limit = limit
        self.isCancelled = isCancelled
        self.matches = matches
    }

    /// A node's texts by field, in the order of `SearchHit.Field`.
    private typealias Texts = [(field: SearchHit.Field, text: String?)]

    /// Gives whether everything was seen.
    func visit(root: Node, after start: TreePlaces.Path?) throws -> Bool {
        if start == nil {
            guard case .call(let id) = root.id else { return true }
            let texts: Texts = [
                (.title, root.title), (.prompt, try store.prompt(of: id).map(\.content).joined(separator: "\n")),
                (.answer, try store.answer(of: id)), (.failure, root.failure?.description),
            ]
            guard try note(root.id, root.address, texts) else { return false }
        }
        return try visit(callID(root), root.address, after: start?[...])
    }

    private func callID(_ node: Node) -> Int64 {
        if case .call(let id) = node.id { id.rawValue } else { 0 }
    }

    /// Adds a node that holds the text. Says whether to go on.
    private func note(_ id: NodeID, _ address: Address, _ texts: Texts) throws -> Bool {
        if hits.count >= limit { return false }
        let found = try texts.first { _, text in try text.map(matches) ?? false }
        if let found { hits.append(SearchHit(id: id, address: address, field: found.field)) }
        return true
    }

    /// What is below an `rlm` call. `start` is the rest of the path after which to begin; empty and nil mean all.
    private func visit(_ call: Int64, _ address: Address, after start: ArraySlice<Int>?) throws -> Bool {
        var next = start?.first ?? 1
        for segment in try store.readers.read({ try NodeRows(connection: $0, path: store.path).segments(of: call) }) {
            while next <= segment.last {
                if isCancelled() { return false }
                guard let iteration = try store.readers.read({ try iteration(next, of: segment.call, $0) }) else {
                    break
                }
                let here = address.appending(.iteration(next))
                let isStart = start?.first == next
                if !isStart {
                    let id = NodeID.iteration(IterationID(rawValue: iteration.id))
                    guard try note(id, here, iteration.texts) else { return false }
                }
                guard try visit(in: iteration.id, here, after: isStart ? start?.dropFirst() : nil) else { return false }
                next += 1
            }
        }
        return true
    }

    /// The blocks and sub-calls of an iteration.
    private func visit(in iteration: Int64, _ address: Address, after start: ArraySlice<Int>?) throws -> Bool {
        let offset = TreePlaces.path(of: Address(steps: [.call(1)]))[0] - 1
        let first = start?.first ?? 0
        if first < offset {
            for block in try store.readers.read({ try blocks(of: iteration, $0) }) where block.ordinal > first {
                let id = NodeID.block(BlockID(rawValue: block.id))
                guard try note(id, address.appending(.block(block.ordinal)), block.texts) else { return false }
            }
        }
        var next = max(1, first - offset)
        while true {
            if isCancelled() { return false }
            let found = try store.readers.read { try calls(of: iteration, from: next, $0) }
            for call in found {
                let here = address.appending(.call(call.ordinal))
                let isStart = first == offset + call.ordinal
                if !isStart {
                    guard try note(.call(CallID(rawValue: call.id)), here, call.texts) else { return false }
                }
                if call.isRecursive {
                    guard try visit(call.id, here, after: isStart ? start?.dropFirst() : nil) else { return false }
                }
            }
            guard let last = found.last else { return true }
            next = last.ordinal + 1
        }
    }

    // MARK: Rows

    private func iteration(
        _ ordinal: Int,
        of call: Int64,
        _ connection: Connection
    ) throws -> (id: Int64, texts: Texts)? {
        let find = try connection.statement(
            """
            SELECT i.id, i.title, coalesce(t.content, k.partial), r.content, i.failure
            FROM iteration i LEFT JOIN completion k ON k.iteration = i.id AND k.attempt = i.attempt
            LEFT JOIN text t ON t.id = k.response LEFT JOIN text r ON r.id = k.reasoning
            WHERE i.call = ? AND i.ordinal = ?
            """
        )
        return try find.bind(call).bind(ordinal).first { row in
            (
                row.id(0),
                [
                    (.title, row.text(1)), (.answer, row.optionalText(2)), (.reasoning, row.optionalText(3)),
                    (.failure, row.failure(4)?.description),
                ]
            )
        }
    }

    private func blocks(
        of iteration: Int64,
        _ connection: Connection
    ) throws -> [(id: Int64, ordinal: Int, texts: Texts)] {
        let find = try connection.statement(
            """
            SELECT b.id, b.ordinal, b.title, a.content, code.content, out.content, err.content, b.failure
            FROM block b JOIN text code ON code.id = b.code LEFT JOIN text out ON out.id = b.stdout
            LEFT JOIN text err ON err.id = b.stderr LEFT JOIN text a ON a.id = b.answer
            WHERE b.iteration = ? AND b.current = 1 ORDER BY b.ordinal
            """
        )
        return try find.bind(iteration).rows { row in
            (
                row.id(0), row.int(1),
                [
                    (.title, row.text(2)), (.answer, row.optionalText(3)), (.code, row.text(4)),
                    (.output, row.optionalText(5)), (.output, row.optionalText(6)),
                    (.failure, row.failure(7)?.description),
                ]
            )
        }
    }

    private func calls(
        of iteration: Int64,
        from ordinal: Int,
        _ connection: Connection
    ) throws -> [(id: Int64, ordinal: Int, isRecursive: Bool, texts: Texts)] {
        let find = try connection.statement(
            """
            SELECT c.id, c.ordinal, c.kind, c.title, m.parent, p.content, coalesce(t.content, k.partial), r.content,
                c.failure, c.prompt
            FROM call c LEFT JOIN completion k ON k.call = c.id AND k.attempt = c.attempt
            LEFT JOIN message m ON m.id = c.prompt LEFT JOIN text p ON p.id = m.text
            LEFT JOIN text t ON t.id = coalesce(k.response, c.answer) LEFT JOIN text r ON r.id = k.reasoning
            WHERE c.iteration = ? AND c.ordinal >= ? ORDER BY c.ordinal LIMIT ?
            """
        )
        return try find.bind(iteration).bind(ordinal).bind(Self.page).rows { row in
            var prompt = row.optionalText(5)
            // Most prompts are one message.
            if row.int(4) != 0 {
                prompt = try store.messages(endingAt: row.optionalID(9), connection).map(\.content)
                    .joined(separator: "\n")
            }
            return (
                row.id(0), row.int(1), row.text(2) == Call.Kind.rlm.rawValue,
                [
                    (.title, row.text(3)), (.prompt, prompt), (.answer, row.optionalText(6)),
                    (.reasoning, row.optionalText(7)), (.failure, row.failure(8)?.description),
                ]
            )
        }
    }
}
