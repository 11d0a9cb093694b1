import ContextMap
import Trajectory

/// A map as `map --json` prints it.
struct MapJSON: Encodable {
    let map: RunMap

    private struct ContextJSON: Encodable {
        let name: String
        let bytes: Int
        let covered_fraction: Double
        let unread: ByteRanges
    }

    private struct NodeJSON: Encodable {
        let address: String
        let context: String
        let part: NodeReading.Part
        let ranges: ByteRanges
        /// Those of them that are one of several places with the same text; left out where there are none.
        let ambiguous: ByteRanges?
        /// Left out where it is true.
        let read: Bool?
    }

    private enum CodingKeys: String, CodingKey { case contexts, nodes }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let contexts = map.contexts.indices.map { index in
            let coverage = map.coverage(of: index)
            return ContextJSON(
                name: map.name(of: index), bytes: coverage.byteCount, covered_fraction: coverage.fraction,
                unread: coverage.unread)
        }
        try container.encode(contexts, forKey: .contexts)
        let nodes = map.nodes.map { node in
            NodeJSON(
                address: node.address.description, context: map.name(of: node.context), part: node.part,
                ranges: node.ranges, ambiguous: node.ambiguous.isEmpty ? nil : node.ambiguous,
                read: node.isRead ? nil : false)
        }
        try container.encode(nodes, forKey: .nodes)
    }
}
