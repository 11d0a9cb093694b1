// Pausing, holding, and deciding what is held.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    /// The run of this process that commands are meant for: the open one, or the only one that goes on.
    var commandedRun: RunID? {
        if let open, ownRuns.going.contains(open.id) { return open.id }
        return ownRuns.going.count == 1 ? ownRuns.going.first : nil
    }

    /// The hold that commands are meant for: in the list the one under the cursor, elsewhere that of the node there.
    var heldUnderCursor: Hold? {
        guard let open, let holds = open.holds else { return nil }
        switch focus {
        case .held: return holds.indices.contains(held.selected) ? holds[held.selected] : nil
        case .tree, .detail: return open.selectedNode.flatMap { open.hold(of: $0.address) }
        default: return nil
        }
    }

    mutating func performHolding(_ action: Action) -> [Command] {
        switch action {
        case .pause:
            guard let run = commandedRun else { return [] }
            let isPausing = !ownRuns.paused.contains(run)
            notice = .notice(
                isPausing ? "Paused: no new request leaves; s lets one go, P goes on." : "The run goes on.")
            return [.pause(run, isPausing)]
        case .step:
            notice = .quiet("One request leaves.")
            return commandedRun.map { [.step($0)] } ?? []
        case .holdRules:
            guard let run = commandedRun else { return [] }
            let rules = ownRuns.holdRules[run] ?? []
            waiting = .holdRules(
                Self.holdRuleLine(rules.joined(separator: HoldRuleText.separator)), run, at: nil, reason: "")
        case .showHeld: showWide(.held)
        case .letGo:
            guard let hold = heldUnderCursor else { return [] }
            return letGo(hold)
        case .letAllGo: return letAllGo()
        default: break
        }
        return []
    }

    // MARK: Rules

    /// Tab goes through the words that a rule is made of.
    private static func holdRuleLine(_ text: String) -> InputLine {
        InputLine(text, completions: HoldRuleText.words, wordBreaks: HoldRuleText.breaks)
    }

    mutating func typeHoldRules(_ key: Key, _ line: InputLine, _ run: RunID, _ at: Int?, _ reason: String) -> [Command]
    {
        var line = line
        switch line.take(key) {
        case .abandoned: waiting = nil
        case .entered:
            waiting = .holdRules(line, run, at: nil, reason: "")
            return [.setHoldRules(run, HoldRuleText.rules(of: line.text).map(\.text))]
        case .changed: waiting = .holdRules(line, run, at: nil, reason: "")
        case .ignored: waiting = .holdRules(line, run, at: at, reason: reason)
        }
        return []
    }

    /// Points at the character where a rule went wrong, in the line as it was typed.
    mutating func take(_ problem: HoldRuleProblem) {
        guard case .holdRules(var line, let run, _, _)? = waiting else { return }
        let rules = HoldRuleText.rules(of: line.text)
        let start = rules.indices.contains(problem.rule) ? rules[problem.rule].start : 0
        let place = min(line.characters.count, start + problem.column - 1)
        line.moveCursor(to: place)
        waiting = .holdRules(line, run, at: place, reason: "column \(place + 1): \(problem.message)")
    }

    /// The rules of a run are others now, or it goes on or not.
    mutating func take(_ state: OwnRunStates) {
        let ended = ownRuns.going.subtracting(state.going)
        if case .holdRules(_, let run, nil, _)? = waiting, let rules = state.holdRules[run] {
            waiting = nil
            notice = .notice(
                rules.isEmpty
                    ? "No rule holds anything."
                    : "Holds \(rules.joined(separator: HoldRuleText.separator))")
        }
        ownRuns = state
        if !ended.isEmpty { ownRunsEnded(ended) }
    }

    // MARK: Decisions

    private mutating func letGo(_ hold: Hold) -> [Command] {
        guard let open else { return [] }
        let edit = open.edits[hold.address]
        if edit != nil { self.open?.edits.remove(hold.address) }
        let (decision, changed) = Self.decision(edit, hold)
        let how = edit.map { ", with another \($0.words)" } ?? ""
        notice = .notice("\(hold.address) \(going("goes on", "may go on"))\(how).")
        return [.decide(open.id, [hold.id], decision, changed)]
    }

    /// What becomes of what was let go: a run whose engine has left is gone on with by itself.
    private func going(_ now: String, _ later: String) -> String {
        guard let run = open?.run, !header(run).isLive(at: self.now) else { return now }
        return "\(later); C goes on with the run"
    }

    /// Lets all go in one decision, and those with a change of their own by themselves.
    private mutating func letAllGo() -> [Command] {
        guard let open, let holds = open.holds else { return [] }
        var commands: [Command] = []
        let edited = holds.filter { open.edits[$0.address] != nil }
        for hold in edited { commands += letGo(hold) }
        let others = holds.filter { open.edits[$0.address] == nil }.map(\.id)
        if !others.isEmpty { commands.append(.decide(open.id, others, .release, nil)) }
        notice = .notice("\(pen.figures.grouped(holds.count)) \(going("go on", "may go on")).")
        return commands
    }

    /// What an edit of a held node means: an answer by hand is one, everything else goes with it when it is let go.
    private static func decision(_ edit: NodeEdit?, _ hold: Hold) -> (Hold.Decision, NodeEdit?) {
        guard let edit else { return (.release, nil) }
        if let answer = edit.response { return (.answer(answer), nil) }
        if hold.stage == .beforeRun, let code = edit.code {
            return (.release, NodeEdit(address: edit.address, code: code))
        }
        return (.release, edit)
    }

    mutating func answerDropping(_ hold: Hold, _ key: Key) -> [Command] {
        switch key {
        case .character("y"):
            waiting = nil
            guard let open else { return [] }
            self.open?.edits.remove(hold.address)
            notice = .notice("\(hold.address) was dropped: its code sees a failed sub-call.")
            return [.decide(open.id, [hold.id], .drop, nil)]
        case .character("n"), .escape, .character("q"): waiting = nil
        default: break
        }
        return []
    }
}

/// Several rules on one line.
enum HoldRuleText {
    static let separator = "; "
    static let breaks: Set<Character> = ["&", "|", "(", ")", "!", ";", ":"]
    static let words = [
        "all", "before-deliver:", "before-run:", "before-send:", "depth>", "depth>=", "error", "model:", "tokens>",
        "tokens>=",
    ]

    /// The rules of a line with the character each begins at, from 0. A `;` within a regular expression parts nothing.
    static func rules(of line: String) -> [(text: String, start: Int)] {
        var rules: [(text: String, start: Int)] = []
        var text = ""
        var start = 0
        var isInRegex = false
        var isEscaped = false
        func end() {
            let blanks = text.prefix { $0.isWhitespace }.count
            let trimmed = String(text.dropFirst(blanks))
            if !trimmed.allSatisfy(\.isWhitespace) { rules.append((trimmed, start + blanks)) }
        }
        for (place, character) in line.enumerated() {
            if character == ";", !isInRegex {
                end()
                text = ""
                start = place + 1
                continue
            }
            if character == "/", !isEscaped { isInRegex.toggle() }
            isEscaped = character == "\\" && !isEscaped
            text.append(character)
        }
        end()
        return rules
    }
}
