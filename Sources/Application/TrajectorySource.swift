// What the explorer reads, as an interface: the store, or in tests a tree that exists only as arithmetic.

package import Trajectory
package import TrajectoryStore
package import Views

/// Reads of one store. Every method throws `StoreError`.
package protocol TrajectorySource: Sendable {
    func runs(limit: Int, offset: Int) throws -> [Run]
    func runCount() throws -> Int
    func run(_ id: RunID) throws -> Run
    func root(of run: RunID) throws -> Node
    func children(of node: Node, offset: Int, limit: Int) throws -> [Node]
    func node(at address: Address, in run: RunID) throws -> Node
    func node(_ id: NodeID, address: Address) throws -> Node
    func iterationDetail(_ id: IterationID) throws -> IterationDetail
    func completions(of id: NodeID) throws -> [Completion]
    /// The attempt that the address names, else the one that counts, with its prompt.
    func completion(of node: Node) throws -> Completion?
    func answer(of call: CallID) throws -> String?
    func prompt(of call: CallID) throws -> [Message]
    func contexts(of run: RunID) throws -> [Context]
    /// What makes the map of a run's contexts; nil where there are none to map.
    func mapReading(of run: RunID) -> RunMapReading?

    /// Sub-calls of an iteration at ordinals below `end` that have not succeeded; nil where they are more than `limit`.
    func unsettledCalls(
        of iteration: IterationID, before end: Int, limit: Int
    ) throws -> [(ordinal: Int, status: Status)]?
    /// How many nodes of a run failed, were cancelled, met a limit, are held or stale.
    func problemCounts(in run: RunID, blocksApart: Bool) throws -> [Problem: Int]
    /// The next of them after a node, or the one before it, round the end.
    func nextProblem(
        after address: Address, in run: RunID, backwards: Bool, blocksApart: Bool
    ) throws -> FoundProblem?
    /// Nodes of a run of which a text fits, in the order of addresses, from the one after `address` on.
    func search(
        in run: RunID, after address: Address?, limit: Int, isCancelled: () -> Bool,
        matching matches: (String) throws -> Bool
    ) throws -> SearchPage

    /// What of a run is or was held, in the order of holding.
    func holds(in run: RunID, isOpen: Bool?) throws -> [Hold]
    /// The run's family: the eldest, then each fork after what it was forked from.
    func family(of run: RunID) throws -> [Run]
    /// Tells in which nodes the two differ, the first ones as soon as they are known.
    func compare(
        _ pair: ComparedPair, isCancelled: () -> Bool, tell: ([ComparedNode], _ isWhole: Bool) -> Void
    ) throws
}

extension TrajectorySource {
    /// Of a source whose nodes have one attempt each.
    package func completion(of node: Node) throws -> Completion? { try completions(of: node.id).last }

    /// Of a source that has no contexts.
    package func mapReading(of run: RunID) -> RunMapReading? { nil }
}

extension TrajectoryStore: TrajectorySource {
    package func mapReading(of run: RunID) -> RunMapReading? { RunMapReading(store: self, run: run) }
}
