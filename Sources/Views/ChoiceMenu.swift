// A few things to choose from, each with a key of its own.

package import Terminal

/// A short menu as a value: keys go in, a choice comes out.
package struct ChoiceMenu: Hashable, Sendable {
    package struct Choice: Hashable, Sendable {
        /// Chooses it at once.
        package let key: Character
        package let label: String
        /// Beside the label, for example a size.
        package let detail: String
        /// Why it cannot be chosen; nil when it can.
        package let reason: String?

        package init(key: Character, label: String, detail: String = "", reason: String? = nil) {
            self.key = key
            self.label = label
            self.detail = detail
            self.reason = reason
        }
    }

    package let title: String
    package let choices: [Choice]
    package private(set) var selected: Int

    /// - Parameter selected: the choice the cursor begins on; nil is the first that can be made.
    package init(title: String, choices: [Choice], selected: Int? = nil) {
        self.title = title
        self.choices = choices
        self.selected = selected ?? choices.firstIndex { $0.reason == nil } ?? 0
    }

    /// What a key did.
    package enum Outcome: Hashable, Sendable {
        /// The place of the choice.
        case chosen(Int)
        case abandoned
        case moved
        /// Why the choice cannot be made.
        case refused(String)
        case ignored
    }

    package mutating func take(_ key: Key) -> Outcome {
        switch key {
        case .escape, .control("c"): return .abandoned
        case .enter: return choose(selected)
        case .down, .tab, .control("n"): return move(by: 1)
        case .up, .backTab, .control("p"): return move(by: -1)
        case .character(let character):
            if let place = choices.firstIndex(where: { $0.key == character }) { return choose(place) }
            switch character {
            case "j": return move(by: 1)
            case "k": return move(by: -1)
            case "q": return .abandoned
            default: return .ignored
            }
        default: return .ignored
        }
    }

    private func choose(_ place: Int) -> Outcome {
        guard choices.indices.contains(place) else { return .ignored }
        return choices[place].reason.map { .refused($0) } ?? .chosen(place)
    }

    private mutating func move(by step: Int) -> Outcome {
        guard !choices.isEmpty else { return .ignored }
        selected = (selected + step + choices.count) % choices.count
        return .moved
    }
}
