// The runs whose engines work in this process: the one the explorer was opened on, and those it has started since.

package import Trajectory

/// Their controls, by run. Of the main thread alone.
final class OwnRuns {
    private(set) var controls: [RunID: any RunControl] = [:]

    init(_ first: (any RunControl)?) { if let first { add(first) } }

    func add(_ control: any RunControl) { controls[control.id] = control }

    subscript(run: RunID) -> (any RunControl)? { controls[run] }

    var state: OwnRunStates {
        let going = controls.values.filter { !$0.isFinished }
        return OwnRunStates(
            started: Set(controls.keys), going: Set(going.map(\.id)), paused: Set(going.filter(\.isPaused).map(\.id)),
            holdRules: Dictionary(uniqueKeysWithValues: going.map { ($0.id, $0.holdRuleTexts) }))
    }
}

/// How the runs of this process are, as far as the store does not say.
package struct OwnRunStates: Hashable, Sendable {
    /// Every run that was started here.
    package var started: Set<RunID>
    package var going: Set<RunID>
    package var paused: Set<RunID>
    /// Of those that go on.
    package var holdRules: [RunID: [String]]

    package init(
        started: Set<RunID> = [], going: Set<RunID> = [], paused: Set<RunID> = [], holdRules: [RunID: [String]] = [:]
    ) {
        self.started = started
        self.going = going
        self.paused = paused
        self.holdRules = holdRules
    }
}
