// Queries for comparing nodes without loading their texts: each text is stored once, so equal rows are equal texts.
internal import Foundation
package import Trajectory

/// What a node holds, as references to stored texts: two that are equal hold the same. Comparable within one store alone.
package struct NodeContent: Hashable, Sendable {
    /// A reference to a stored text, prompt or list of variables.
    package struct Reference: Hashable, Sendable {
        let row: Int64
    }

    /// What was sent: the prompt of a call, all messages of an iteration.
    package var prompt: Reference?
    /// The answer of a call, the response of an iteration.
    package var answer: Reference?
    package var code: Reference?
    package var stdout: Reference?
    package var stderr: Reference?
    package var variables: Reference?
    package var status: Status
    package var failure: Failure?
    package var model: String?
    /// Sampling parameters as a JSON object.
    package var parameters: String?
    /// Whether there may be more below it.
    package var isRecursive: Bool
    /// Of a sub-call: the block that made it, by its ordinal; no part of what is compared.
    package var block: Int?

    /// The same but for where it stands.
    package var withoutPlace: NodeContent {
        var content = self
        content.block = nil
        return content
    }
}

extension TrajectoryStore {
    /// What a node itself holds. Of a call and an iteration the attempt that the address names, else the current one.
    package func content(of node: Node) throws -> NodeContent {
        try readers.read { connection in
            let found =
                switch node.id {
                case .call(let id):
                    try connection.statement(composed: Self.contentOfCall)
                        .bind(node.address.attempt).bind(id.rawValue).first(Self.content)
                case .iteration(let id):
                    try connection.statement(composed: Self.contentOfIteration)
                        .bind(node.address.attempt).bind(id.rawValue).first(Self.content)
                case .block(let id):
                    try connection.statement(composed: Self.contentOfBlock).bind(id.rawValue).first(Self.content)
                }
            guard let found else { throw StoreError.noSuchNode("there is no \(node.address) any more", path) }
            return found
        }
    }

    /// What the blocks (current attempts) and the sub-calls of an iteration hold, each by ordinal: in the order of
    /// `children(of:)`.
    package func contents(ofIteration id: IterationID) throws -> (blocks: [NodeContent], calls: [NodeContent]) {
        try readers.read { connection in
            let blocks = try connection.statement(composed: Self.contentOfBlocks).bind(id.rawValue).rows(Self.content)
            let calls = try connection.statement(composed: Self.contentOfCalls).bind(id.rawValue).rows(Self.content)
            return (blocks, calls)
        }
    }

    // MARK: - Columns

    /// `content(_:)` reads the columns by their places.
    private static let callColumns = """
        SELECT c.prompt, coalesce(k.response, c.answer), NULL, NULL, NULL, NULL, coalesce(k.status, c.status),
            coalesce(k.failure, c.failure), coalesce(k.model, c.model), k.parameters, c.kind = 'rlm', b.ordinal
        FROM call c LEFT JOIN block b ON b.id = c.block LEFT JOIN completion k ON k.call = c.id
        """
    private static let contentOfCall = callColumns + " AND k.attempt = coalesce(?1, c.attempt) WHERE c.id = ?2"
    private static let contentOfCalls =
        callColumns + " AND k.attempt = c.attempt WHERE c.iteration = ? ORDER BY c.ordinal"
    private static let contentOfIteration = """
        SELECT k.messages, k.response, NULL, NULL, NULL, NULL, i.status, coalesce(k.failure, i.failure), k.model,
            k.parameters, 1, NULL
        FROM iteration i LEFT JOIN completion k ON k.iteration = i.id AND k.attempt = coalesce(?1, i.attempt)
        WHERE i.id = ?2
        """
    private static let blockColumns = """
        SELECT NULL, NULL, b.code, b.stdout, b.stderr, b.variables, b.status, b.failure, NULL, NULL, 0, NULL
        FROM block b
        """
    private static let contentOfBlock = blockColumns + " WHERE b.id = ?"
    private static let contentOfBlocks = blockColumns + " WHERE b.iteration = ? AND b.current = 1 ORDER BY b.ordinal"

    private static func content(_ row: Statement) -> NodeContent {
        func reference(_ column: Int32) -> NodeContent.Reference? {
            row.optionalID(column).map { NodeContent.Reference(row: $0) }
        }
        return NodeContent(
            prompt: reference(0),
            answer: reference(1),
            code: reference(2),
            stdout: reference(3),
            stderr: reference(4),
            variables: reference(5),
            status: Status(rawValue: row.text(6)) ?? .failed,
            failure: row.failure(7),
            model: row.optionalText(8),
            parameters: row.optionalText(9),
            isRecursive: row.int(10) == 1,
            block: row.optionalInt(11)
        )
    }
}
