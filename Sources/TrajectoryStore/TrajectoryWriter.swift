package import Foundation
package import Trajectory

package final class TrajectoryWriter: Sendable {
    init() {}
    package func storeContext(file path: String) async throws -> (hash: String, byteCount: Int) { throw notBuilt("") }
    package func storeContext(bytes: Data) async throws -> (hash: String, byteCount: Int) { throw notBuilt("") }
    package func begin(run: NewRun) async throws -> CallID { throw notBuilt("") }
    package func beginIteration(
        of call: CallID, completion: NewCompletion
    ) async throws -> (IterationID, CompletionID) { throw notBuilt("") }
    package func beginCalls(_ calls: [NewCall]) async throws -> [StartedCall] { throw notBuilt("") }
    package func enqueueStart(call: CallID) {}
    package func enqueuePartialResponse(_ id: CompletionID, text: String) {}
    package func finish(completion: CompletionID, _ result: CompletionResult) async throws { throw notBuilt("") }
    package func beginAttempt(of node: NodeID, completion: NewCompletion) async throws -> CompletionID {
        throw notBuilt("")
    }
    package func beginBlock(in iteration: IterationID, ordinal: Int, code: String) async throws -> BlockID {
        throw notBuilt("")
    }
    package func finish(block: BlockID, _ result: BlockRecord) async throws { throw notBuilt("") }
    package func finish(iteration: IterationID, status: Status) async throws { throw notBuilt("") }
    package func finish(call: CallID, status: Status, answer: String?, failure: Failure?) async throws {
        throw notBuilt("")
    }
    package func finish(call: CallID, completion: CompletionID, _ result: CompletionResult) async throws {
        throw notBuilt("")
    }
    package func finish(
        run: RunID, status: Status, stopReason: StopReason, answer: String?, failure: Failure?
    ) async throws { throw notBuilt("") }
    package func enqueueHeartbeat(run: RunID) {}
    package func setStatus(run: RunID, _ status: Status) async throws { throw notBuilt("") }
    package func flush() async throws { throw notBuilt("") }
    package func importing<T: Sendable>(
        _ body: @escaping @Sendable (ImportTransaction) throws -> T
    ) async throws -> T { throw notBuilt("") }
}
package final class ImportTransaction {}
