import Trajectory
import TrajectoryStore

/// What a person names a node by: `RUN` or `RUN:ADDRESS`, with `@n` for an attempt.
struct NodeArgument {
    let run: Run
    let node: Node

    /// - Parameter text: `7f3a`, `latest:i2.c4`, `7f3a:i2.c4@2`, or a file.
    init(_ text: String, in store: TrajectoryStore) async throws {
        // A file's name may hold a colon; what stands after the last one is an address only where it reads as one.
        if let colon = text.lastIndex(of: ":"), (try? Address(String(text[text.index(after: colon)...]))) != nil {
            run = try await RunArgument(String(text[..<colon])).resolve(in: store)
            node = try Self.node(at: String(text[text.index(after: colon)...]), of: run.id, in: store)
        } else {
            run = try await RunArgument(text).resolve(in: store)
            node = try store.root(of: run.id)
        }
    }

    /// The node at an address that somebody wrote.
    static func node(at address: String, of run: RunID, in store: TrajectoryStore) throws -> Node {
        let parsed: Address
        do throws(Address.ParseError) { parsed = try Address(address) } catch { throw UsageError(error.description) }
        return try store.node(at: parsed, in: run)
    }
}
