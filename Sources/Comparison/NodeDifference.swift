package import Trajectory

/// A node in which two runs differ.
package struct NodeDifference: Sendable {
    package enum Change: String, Sendable, Codable {
        case changed, added, removed
    }

    /// What of a node differs. The order is that of cause and effect: what is sent before what comes back.
    package enum Field: String, Sendable, Codable, CaseIterable {
        case prompt, model, parameters, code, response, answer, stdout, stderr, variables, status, failure
    }

    /// The node's address; in the second run, but for a node that only the first has.
    package var address: Address
    package var change: Change
    /// Empty for nodes that only one of the two has.
    package var fields: [Field]
    package var a: Node?
    package var b: Node?

    /// Whether what went into the node differs, as against what came of it.
    var differsAtItsBeginning: Bool {
        change != .changed || fields.contains { [.prompt, .model, .parameters, .code, .response].contains($0) }
    }
}
