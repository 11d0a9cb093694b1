// How two texts differ: by lines, and by words within a line.

/// The lines of two texts side by side, what is the same folded away.
///
/// For example:
///
///     TextComparison("valve 7 ok\n", "valve 9 ok\n").lines
///     // removed "valve [7] ok", added "valve [9] ok"
package struct TextComparison: Sendable {
    /// Part of a line.
    package struct Part: Hashable, Sendable {
        package var text: String
        /// Whether the other text has something else there.
        package var isChanged: Bool
    }

    package enum Line: Hashable, Sendable {
        case same(String)
        case removed([Part])
        case added([Part])
        /// So many lines that are the same and are left out.
        case folded(Int)
    }

    package let lines: [Line]

    /// Lines of context that are kept around what differs.
    private static let kept = 2
    /// Words of a line up to which two lines are compared word by word.
    private static let wordLimit = 4_000

    package init(_ a: String, _ b: String) {
        let left = Self.split(a)
        let right = Self.split(b)
        var lines: [Line] = []
        var removed: [String] = []
        var added: [String] = []
        func flush() {
            lines += Self.changed(removed, added)
            removed = []
            added = []
        }
        for step in SequenceAlignment.steps(left, right) {
            switch (step.a, step.b) {
            case (let line?, nil): removed.append(left[line])
            case (nil, let line?): added.append(right[line])
            case (let line?, _?):
                flush()
                lines.append(.same(left[line]))
            case (nil, nil): break
            }
        }
        flush()
        self.lines = Self.folded(lines)
    }

    package var isSame: Bool {
        lines.allSatisfy {
            switch $0 {
            case .same, .folded: true
            case .removed, .added: false
            }
        }
    }

    private static func split(_ text: String) -> [String] {
        guard !text.isEmpty else { return [] }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Lines that stand in one place of both texts and differ: paired in their order, word by word.
    private static func changed(_ removed: [String], _ added: [String]) -> [Line] {
        var lines: [Line] = []
        let pairs = min(removed.count, added.count)
        var left: [[Part]] = []
        var right: [[Part]] = []
        for index in 0..<pairs {
            let (a, b) = words(removed[index], added[index])
            left.append(a)
            right.append(b)
        }
        left += removed.dropFirst(pairs).map { [Part(text: $0, isChanged: true)] }
        right += added.dropFirst(pairs).map { [Part(text: $0, isChanged: true)] }
        lines += left.map { .removed($0) }
        lines += right.map { .added($0) }
        return lines
    }

    /// Two lines word by word.
    package static func words(_ a: String, _ b: String) -> ([Part], [Part]) {
        let left = tokens(a)
        let right = tokens(b)
        guard left.count <= wordLimit, right.count <= wordLimit else {
            return ([Part(text: a, isChanged: true)], [Part(text: b, isChanged: true)])
        }
        var first: [Part] = []
        var second: [Part] = []
        func add(_ text: String, isChanged: Bool, to parts: inout [Part]) {
            if parts.last?.isChanged == isChanged {
                parts[parts.count - 1].text += text
            } else {
                parts.append(Part(text: text, isChanged: isChanged))
            }
        }
        for step in SequenceAlignment.steps(left, right) {
            switch (step.a, step.b) {
            case (let word?, nil): add(left[word], isChanged: true, to: &first)
            case (nil, let word?): add(right[word], isChanged: true, to: &second)
            case (let word?, _?):
                add(left[word], isChanged: false, to: &first)
                add(left[word], isChanged: false, to: &second)
            case (nil, nil): break
            }
        }
        // Two lines that share only a word here and there are read more easily as two lines.
        let same = first.filter { !$0.isChanged }.reduce(0) { $0 + $1.text.utf8.count }
        guard same * 3 >= min(a.utf8.count, b.utf8.count) else {
            return ([Part(text: a, isChanged: true)], [Part(text: b, isChanged: true)])
        }
        return (first, second)
    }

    /// Runs of letters and digits, runs of blanks, and everything else by itself.
    private static func tokens(_ line: String) -> [String] {
        var tokens: [String] = []
        var kind = 0
        for character in line {
            let next = character.isLetter || character.isNumber || character == "_" ? 1 : character.isWhitespace ? 2 : 3
            if next == kind, next != 3 {
                tokens[tokens.count - 1].append(character)
            } else {
                tokens.append(String(character))
            }
            kind = next
        }
        return tokens
    }

    private static func folded(_ lines: [Line]) -> [Line] {
        var result: [Line] = []
        var index = 0
        while index < lines.count {
            guard case .same = lines[index] else {
                result.append(lines[index])
                index += 1
                continue
            }
            var end = index
            while end < lines.count, case .same = lines[end] { end += 1 }
            let before = index == 0 ? 0 : kept
            let after = end == lines.count ? 0 : kept
            if end - index > before + after + 1 {
                result += lines[index..<index + before]
                result.append(.folded(end - index - before - after))
                result += lines[end - after..<end]
            } else {
                result += lines[index..<end]
            }
            index = end
        }
        return result
    }
}
