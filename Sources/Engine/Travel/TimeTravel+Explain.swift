import LMClients
import Synchronization
package import Trajectory
import TrajectoryStore

/// Which difference between two runs leads from the answer of one to that of the other.
package struct Explanation: Sendable, Hashable {
    /// The first difference with which the one run gives the other's answer; nil where none does.
    package var address: Address?
    /// What the one run answered with everything up to that difference taken from the other.
    package var answer: String?
    /// Forks that were made to find out, named `explain`.
    package var forks: [RunID]
    /// How many of them came to a point where a model would have had to be asked.
    package var unfinished: Int
}

extension TimeTravel {
    /// Finds the first difference that leads from one run's answer to the other's: by forks of the first run that take more
    /// and more of the differences from the second, halving what is left each time. Everything is answered from the store,
    /// and nothing is asked of a model; where a fork would have to, it counts as not having come to the other answer.
    ///
    /// It takes for granted that once enough is taken over, taking over more does not undo it; where that is not so, it
    /// finds one such difference, and not always the first.
    ///
    /// - Parameter differences: in the order of time, with what the second run has there: the answer of a sub-call, the
    ///   response of an iteration.
    package func explain(
        _ run: Run, becoming other: Run, by differences: [(address: Address, text: String)]
    ) async throws -> Explanation {
        var explanation = Explanation(forks: [], unfinished: 0)
        guard !differences.isEmpty, run.answer != other.answer else { return explanation }
        /// Whether the first `count` differences are enough.
        func isEnough(_ count: Int) async throws -> String? {
            let client = SilentClients()
            let travel = TimeTravel(store: store, clients: client, options: options)
            var overrides: [Address: String] = [:]
            for difference in differences.prefix(count).dropFirst() { overrides[difference.address] = difference.text }
            let fork = try await travel.fork(
                run, at: differences[0].address, Change(response: differences[0].text),
                name: "explain: \(count) of \(differences.count) differences", overrides: overrides, alsoRecorded: other
            )
            let result = await fork.result()
            explanation.forks.append(fork.id)
            if client.wasAsked { explanation.unfinished += 1 }
            return !client.wasAsked && result.answer == other.answer ? result.answer : nil
        }
        guard var answer = try await isEnough(differences.count) else { return explanation }
        var (tooFew, enough) = (0, differences.count)
        while enough - tooFew > 1 {
            try Task.checkCancellation()
            let middle = (tooFew + enough) / 2
            if let found = try await isEnough(middle) { (enough, answer) = (middle, found) } else { tooFew = middle }
        }
        explanation.address = differences[enough - 1].address
        explanation.answer = answer
        return explanation
    }
}

/// Models that are never asked: a request to one fails, and is remembered.
private final class SilentClients: ClientSource, LMClient {
    let provider = "recorded"
    private let asked = Mutex(false)

    var wasAsked: Bool { asked.withLock { $0 } }

    func client(for model: Model) throws(CompletionError) -> any LMClient { self }

    func complete(
        _ request: CompletionRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(CompletionError) -> CompletionResponse {
        asked.withLock { $0 = true }
        throw CompletionError(
            code: .refused, model: request.model, message: "this was not recorded, and nothing is asked to explain it")
    }
}
