package import LMClients
package import Trajectory

/// Where the dispatcher gets its clients from: `ClientRegistry` in the program, scripted ones in tests.
package protocol ClientSource: Sendable {
    func client(for model: Model) throws(CompletionError) -> any LMClient
}

extension ClientRegistry: ClientSource {}
