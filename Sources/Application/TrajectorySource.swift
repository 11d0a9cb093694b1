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
    func answer(of call: CallID) throws -> String?
    func prompt(of call: CallID) throws -> [Message]
    func contexts(of run: RunID) throws -> [Context]

    /// Sub-calls of an iteration at places before `end` that have not succeeded; nil where they are more than `limit`.
    func frontier(of iteration: Node, blocks: Int, before end: Int, limit: Int) throws -> [FrontierCall]?
    /// Failed, cancelled, limited, held and stale nodes of a run, in the order of addresses.
    func problems(in run: RunID) throws -> [Address]
    /// Nodes of a run whose title, prompt, answer, code or output holds a text, `limit` at most.
    func search(_ pattern: SearchPattern, in run: RunID, limit: Int) throws -> RunSearch
}

extension TrajectoryStore: TrajectorySource {}
