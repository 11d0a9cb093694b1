package import Trajectory

package final class TrajectoryStore: Sendable {
    package enum Access: Sendable { case readWrite, readOnly }
    package let path: String

    package init(path: String, access: Access = .readWrite) throws {
        self.path = path
        throw notBuilt(path)
    }
    package var contextFolder: String { path }
    package func writer() throws -> TrajectoryWriter { throw notBuilt(path) }
    package func observe(_ onChange: @escaping @Sendable (Set<RunID>) -> Void) -> StoreObservation {
        StoreObservation(end: {})
    }
    package func hasForeignChange() -> Bool { false }
    package func close() throws {}
    package func runs(limit: Int, offset: Int = 0) throws -> [Run] { throw notBuilt(path) }
    package func runCount() throws -> Int { throw notBuilt(path) }
    package func run(_ id: RunID) throws -> Run { throw notBuilt(path) }
    package func run(matching text: String) throws -> Run { throw notBuilt(path) }
    package func root(of run: RunID) throws -> Node { throw notBuilt(path) }
    package func children(of node: Node, offset: Int = 0, limit: Int = .max) throws -> [Node] { throw notBuilt(path) }
    package func node(at address: Address, in run: RunID) throws -> Node { throw notBuilt(path) }
    package func node(_ id: NodeID, address: Address) throws -> Node { throw notBuilt(path) }
    package func iterationDetail(_ id: IterationID) throws -> IterationDetail { throw notBuilt(path) }
    package func completions(of id: NodeID) throws -> [Completion] { throw notBuilt(path) }
    package func answer(of call: CallID) throws -> String? { throw notBuilt(path) }
    package func prompt(of call: CallID) throws -> [Message] { throw notBuilt(path) }
    package func contexts(of run: RunID) throws -> [Context] { throw notBuilt(path) }
    package func contextPath(_ hash: String) -> String { path }
    package func walk(run: RunID, _ visit: (Node) throws -> Void) throws { throw notBuilt(path) }
    package func integrityCheck() throws -> [String] { throw notBuilt(path) }
}
func notBuilt(_ path: String) -> StoreError { StoreError(code: .io, path: path, message: "not built yet") }
