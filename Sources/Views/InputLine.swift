// A line being typed: the text, the cursor in it, what was typed before, and what could be meant.

package import Terminal

/// A one-line editor as a value. Keys go in, the line comes out; nothing is drawn here.
package struct InputLine: Hashable, Sendable {
    /// Characters kept at most. A megabyte that was pasted by mistake is no name and no pattern.
    package static let longest = 2_000

    package private(set) var characters: [Character]
    /// Characters before the cursor.
    package private(set) var cursor: Int
    /// What was entered before, oldest first.
    private let history: [String]
    /// The place in the history that is shown; its count while the line is new.
    private var place: Int
    /// The new line, while an older one is shown.
    private var draft: [Character] = []
    /// What Tab completes to, given by who asks for the line.
    package private(set) var completions: [String]
    /// The one Tab has put into the line.
    package private(set) var chosen: Int?
    private var typed: [Character] = []
    /// Characters after which a new word begins, where completions are words and not whole lines.
    private let wordBreaks: Set<Character>?

    /// - Parameter wordBreaks: makes completions stand for the word at the end of the line, which begins after one of these
    ///   or a blank.
    package init(
        _ text: String = "", history: [String] = [], completions: [String] = [], wordBreaks: Set<Character>? = nil
    ) {
        self.wordBreaks = wordBreaks
        characters = Array(Self.oneLine(text).prefix(Self.longest))
        cursor = characters.count
        self.history = history
        place = history.count
        self.completions = completions
    }

    package var text: String { String(characters) }

    /// What a key did.
    package enum Outcome: Hashable, Sendable {
        case changed, entered, abandoned, ignored
    }

    package mutating func take(_ key: Key) -> Outcome {
        switch key {
        case .enter: return .entered
        case .escape, .control("c"), .control("g"): return .abandoned
        case .tab: return complete(by: 1)
        case .backTab: return complete(by: -1)
        case .up, .control("p"): return recall(place - 1)
        case .down, .control("n"): return recall(place + 1)
        case .backspace where characters.isEmpty: return .abandoned
        default: break
        }
        chosen = nil
        if moves(key) { return .changed }
        switch key {
        case .character(let character): insert([character])
        case .paste(let text): insert(Array(Self.oneLine(text)))
        case .backspace: delete(cursor - 1..<cursor)
        case .delete, .control("d"): delete(cursor..<cursor + 1)
        case .control("u"): delete(0..<cursor)
        case .control("k"): delete(cursor..<characters.count)
        case .control("w"): delete(wordStart..<cursor)
        default: return .ignored
        }
        return .changed
    }

    /// Moves the cursor, for example to where something is wrong.
    package mutating func moveCursor(to place: Int) { cursor = min(max(0, place), characters.count) }

    /// Puts another text in place, for example what an editor made of it.
    package mutating func replace(_ text: String) {
        characters = Array(Self.oneLine(text).prefix(Self.longest))
        cursor = characters.count
        chosen = nil
    }

    /// The history with this line at its end, without repeating itself.
    package static func history(_ history: [String], adding text: String) -> [String] {
        guard !text.isEmpty else { return history }
        return (history.filter { $0 != text } + [text]).suffix(100)
    }

    // MARK: Moving

    private mutating func moves(_ key: Key) -> Bool {
        switch key {
        case .left, .control("b"): cursor = max(0, cursor - 1)
        case .right, .control("f"): cursor = min(characters.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = characters.count
        case .alt("b"): cursor = wordStart
        case .alt("f"): cursor = wordEnd
        default: return false
        }
        return true
    }

    private var wordStart: Int {
        var place = cursor
        while place > 0, characters[place - 1].isWhitespace { place -= 1 }
        while place > 0, !characters[place - 1].isWhitespace { place -= 1 }
        return place
    }

    private var wordEnd: Int {
        var place = cursor
        while place < characters.count, characters[place].isWhitespace { place += 1 }
        while place < characters.count, !characters[place].isWhitespace { place += 1 }
        return place
    }

    // MARK: Changing

    private mutating func insert(_ new: [Character]) {
        let room = Self.longest - characters.count
        guard room > 0 else { return }
        characters.insert(contentsOf: new.prefix(room), at: cursor)
        cursor += min(new.count, room)
    }

    private mutating func delete(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<characters.count)
        guard !range.isEmpty else { return }
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func recall(_ target: Int) -> Outcome {
        guard target >= 0, target <= history.count, target != place else { return .ignored }
        if place == history.count { draft = characters }
        place = target
        characters = target == history.count ? draft : Array(history[target])
        cursor = characters.count
        chosen = nil
        return .changed
    }

    /// Goes through the completions that begin as the line does.
    private mutating func complete(by step: Int) -> Outcome {
        if chosen == nil { typed = characters }
        let kept = typed.prefix(wordStart(in: typed))
        let beginning = String(typed.dropFirst(kept.count)).lowercased()
        let fitting = completions.indices.filter { completions[$0].lowercased().hasPrefix(beginning) }
        guard !fitting.isEmpty else { return .ignored }
        let current = chosen.flatMap { fitting.firstIndex(of: $0) }
        let next = current.map { ($0 + step + fitting.count) % fitting.count } ?? (step > 0 ? 0 : fitting.count - 1)
        chosen = fitting[next]
        characters = Array((kept + completions[fitting[next]]).prefix(Self.longest))
        cursor = characters.count
        return .changed
    }

    private func wordStart(in text: [Character]) -> Int {
        guard let wordBreaks else { return 0 }
        return (text.lastIndex { $0.isWhitespace || wordBreaks.contains($0) } ?? -1) + 1
    }

    /// The first line, cut before anything goes through it by characters.
    private static func oneLine(_ text: String) -> String {
        let beginning = String(decoding: text.utf8.prefix(longest * 4), as: UTF8.self)
        return String(beginning.prefix { !$0.isNewline })
    }
}
