// What a person has changed and not run yet.

package import Trajectory

/// Edits of one run, by node, with the way back and forth between their states.
package struct PendingEdits: Hashable, Sendable {
    package private(set) var edits: [NodeEdit] = []
    private var undone: [[NodeEdit]] = []
    private var earlier: [[NodeEdit]] = []

    package init() {}

    package var isEmpty: Bool { edits.isEmpty }
    package var canUndo: Bool { !earlier.isEmpty }
    package var canRedo: Bool { !undone.isEmpty }

    package subscript(address: Address) -> NodeEdit? { edits.first { $0.address.steps == address.steps } }

    /// Puts an edit in place of the node's earlier one; one that changes nothing takes it away.
    package mutating func set(_ edit: NodeEdit) {
        earlier.append(edits)
        undone = []
        edits.removeAll { $0.address == edit.address }
        if !edit.isEmpty { edits.append(edit) }
        edits.sort { $0.address.isBefore($1.address) }
    }

    package mutating func undo() {
        guard let state = earlier.popLast() else { return }
        undone.append(edits)
        edits = state
    }

    package mutating func redo() {
        guard let state = undone.popLast() else { return }
        earlier.append(edits)
        edits = state
    }

    /// What has been run is no longer to be undone.
    package mutating func remove(_ address: Address) {
        edits.removeAll { $0.address.steps == address.steps }
        earlier = []
        undone = []
    }

    // MARK: What follows

    /// Whether a node may come out otherwise once the edits have run: what comes after one in its iteration, later
    /// iterations, and the calls above it. Sub-calls of one batch do not depend on each other.
    /// - Parameter place: of sub-calls, where they stand in their iteration, as far as it was read.
    package func isStale(_ address: Address, place: (Address) -> CallPlace?) -> Bool {
        edits.contains { $0.address.steps != address.steps && Self.follows(address, $0.address, place) }
    }

    private static func follows(_ address: Address, _ edited: Address, _ place: (Address) -> CallPlace?) -> Bool {
        guard let fork = zip(edited.steps, address.steps).enumerated().first(where: { $0.element.0 != $0.element.1 })
        else {
            // One stands above the other: what is above is made of it, and what is below is made anew.
            return true
        }
        func callPlace(in address: Address) -> CallPlace? {
            place(Address(steps: Array(address.steps.prefix(fork.offset + 1))))
        }
        switch fork.element {
        case (.iteration(let first), .iteration(let second)): return second > first
        case (.block(let first), .block(let second)): return second > first
        case (.block(let first), .call): return callPlace(in: address)?.block.map { $0 >= first } ?? true
        case (.call, .block(let second)): return callPlace(in: edited)?.block.map { second >= $0 } ?? true
        case (.call(let first), .call(let second)):
            guard second > first else { return false }
            guard let batch = callPlace(in: edited)?.batch else { return true }
            return callPlace(in: address)?.batch != batch
        case (.iteration, _), (.block, _), (.call, _): return false
        }
    }
}

/// Where a sub-call stands among the blocks and batches of its iteration.
package struct CallPlace: Hashable, Sendable {
    package let block: Int?
    package let batch: Int?

    package init(block: Int?, batch: Int?) {
        self.block = block
        self.batch = batch
    }
}
