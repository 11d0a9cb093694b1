import Trajectory

/// The way from an iteration of a call down to the node that is changed in a fork, seen from that call.
///
/// The path is executed again; everything beside it is answered from the recording.
struct ChangePath: Sendable {
    /// The call in the run that is forked.
    var original: CallID
    /// Of this call, from 1: the first that is not shared.
    var iteration: Int
    /// What lies below that iteration; empty where the iteration itself is changed.
    var rest: ArraySlice<Address.Step>
    var change: Change
    /// The same seen from the sub-call that the way goes on in; none where it ends here.
    var below: [ChangePath] = []
    /// What was answered when the changed sub-call was run again alone: the same change is not paid a second time.
    var tried: [Completion] = []
    /// The blocks of that iteration, to be compared as far as they come before the change.
    var expected: [Int: ReplayedBlock] = [:]

    init(original: CallID, iteration: Int, rest: ArraySlice<Address.Step>, change: Change, tried: [Completion] = []) {
        self.tried = tried
        self.original = original
        self.iteration = iteration
        self.rest = rest
        self.change = change
    }

    /// The way from the root of a run.
    init(from root: CallID, at address: Address, _ change: Change) {
        let first = if case .iteration(let number)? = address.steps.first { number } else { 1 }
        self.init(original: root, iteration: first, rest: address.steps.dropFirst(), change: change)
    }

    /// The block whose code is changed.
    var block: Int? { if case .block(let number)? = rest.first { number } else { nil } }

    /// The sub-call that is changed, or that the way goes on in.
    var call: Int? { if case .call(let number)? = rest.first { number } else { nil } }

    /// Whether that sub-call itself is changed.
    var endsAtCall: Bool { call != nil && rest.count == 1 }

    /// The last block that runs as it did; those after it, and the one that made the changed call, may do otherwise.
    var lastUnchangedBlock: Int {
        if let block { return block - 1 }
        guard let call else { return 0 }
        return expected.filter { $0.value.calls.contains { $0.ordinal == call } }.keys.min().map { $0 - 1 } ?? 0
    }
}
