// How the explorer gives commands to engines of its own process. What came of them it reads in the store, like everything.

package import Trajectory

/// A run whose engine works in this process.
package protocol RunControl: AnyObject, Sendable {
    var id: RunID { get }
    var isFinished: Bool { get }
    /// Stops it cleanly: what is in flight is cancelled, what was paid for is kept. Returns at once.
    func cancel()

    var isPaused: Bool { get }
    /// No new request leaves until `unpause`; those in flight end and are kept.
    func pause()
    func unpause()
    /// Lets one request leave while it is paused.
    func step()

    /// The rules that hold its requests, blocks and answers, as they were written.
    var holdRuleTexts: [String] { get }
    /// Puts other rules in their place, or none. Throws `HoldRuleProblem`, and leaves them as they were then.
    func setHoldRules(_ rules: [String]) throws
    /// Decides what becomes of what is held: a hold is decided once. Throws `StoreError`.
    func decide(_ holds: [HoldID], _ decision: Hold.Decision, edit: NodeEdit?) async throws
    /// Ends it where it stands, to be resumed: what is held stays held, nothing is cancelled.
    func leaveHeld()
}

/// Goes back to stored runs. Every method throws what `TravelProblem` says in a sentence, or `StoreError`.
package protocol TravelControl: Sendable {
    /// What continuing from an edit would take; nothing is sent.
    func forecast(_ edit: NodeEdit, of run: RunID) async throws -> TravelForecast
    /// Runs one node again, alone. Gives the address of the attempt.
    func rerun(_ edit: NodeEdit, of run: RunID) async throws -> Address
    /// Continues a run from an edit as a fork of its own, which goes on when this returns.
    func fork(_ edit: NodeEdit, of run: RunID) async throws -> any RunControl
    /// Goes on with a run that was broken off, or waits for what was held.
    func resume(_ run: RunID) async throws -> any RunControl
    /// Decides holds of a run whose engine has left.
    func decide(_ holds: [HoldID], _ decision: Hold.Decision, edit: NodeEdit?) async throws
    /// Gives a run a name, a note, or both; an empty text takes it away.
    func describe(_ run: RunID, name: String?, note: String?) async throws
    /// Why Python would not take code, with the line; nil where it would.
    func problem(inCode code: String) throws -> String?
}

/// What a person changes about a node before it runs again. Nothing set means: once more, as it was.
package struct NodeEdit: Hashable, Sendable {
    /// Without an attempt.
    package var address: Address
    /// What a sub-call is asked, in place of its last user message; of the root, the question.
    package var prompt: String?
    /// What stands in for the model's answer: of an iteration its whole message, of a sub-call its answer.
    package var response: String?
    package var code: String?
    /// `PROVIDER/NAME`.
    package var model: String?
    /// Sampling parameters in place of the run's own, key by key.
    package var sampling: [String: String]?

    package init(
        address: Address, prompt: String? = nil, response: String? = nil, code: String? = nil, model: String? = nil,
        sampling: [String: String]? = nil
    ) {
        self.address = Address(steps: address.steps)
        self.prompt = prompt
        self.response = response
        self.code = code
        self.model = model
        self.sampling = sampling
    }

    package var isEmpty: Bool {
        prompt == nil && response == nil && code == nil && model == nil && sampling == nil
    }

    /// `prompt and model`; `nothing` where it only runs again.
    package var words: String {
        let parts = [
            prompt.map { _ in "prompt" }, response.map { _ in "answer" }, code.map { _ in "code" },
            model.map { "model \($0)" }, sampling.map { _ in "parameters" },
        ].compactMap { $0 }
        return parts.isEmpty ? "nothing" : parts.joined(separator: " and ")
    }
}

/// What continuing from an edit would take. Nil is what nobody can know before.
package struct TravelForecast: Hashable, Sendable {
    /// Sub-calls that would be asked of a model, and those that are answered from the store.
    package var liveCalls: Int?
    package var recordedCalls: Int
    /// Turns of the root's model.
    package var iterations: Int?
    /// About how many, in and out, if it goes on as it did.
    package var tokens: Int?
    /// US dollars, likewise.
    package var cost: Double?
    /// What of the code that runs again may not repeat, a line each.
    package var cannotRepeat: [String]

    package init(
        liveCalls: Int?, recordedCalls: Int, iterations: Int?, tokens: Int?, cost: Double?, cannotRepeat: [String] = []
    ) {
        self.liveCalls = liveCalls
        self.recordedCalls = recordedCalls
        self.iterations = iterations
        self.tokens = tokens
        self.cost = cost
        self.cannotRepeat = cannotRepeat
    }
}

/// A hold rule that cannot be read.
package struct HoldRuleProblem: Error, Hashable, Sendable {
    /// Which of the rules it is, from 0.
    package let rule: Int
    /// In characters, from 1.
    package let column: Int
    package let message: String

    package init(rule: Int, column: Int, message: String) {
        self.rule = rule
        self.column = column
        self.message = message
    }
}

/// Why something about a stored run cannot be done, in a sentence.
package struct TravelProblem: Error, Hashable, Sendable {
    package let message: String

    package init(_ message: String) { self.message = message }
}
