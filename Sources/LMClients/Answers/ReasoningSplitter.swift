/// Keeps what a model thought apart from what it answered, where both come in one text: `<think>…</think>` and its
/// relatives, closed or not, one or several; also a closing tag alone, where the server's template had put the opening
/// one into the prompt. A tag that is only spoken of, in a code fence, in inline code or in the middle of a sentence,
/// stays as it is, and a text without reasoning comes out byte by byte as it went in.
///
/// Pieces may be cut anywhere; the result is the same.
///
/// For example:
///
///     let split = ReasoningSplitter.split("<think>2+2…</think>\n4")
///     split.text       // "4"
///     split.reasoning  // "2+2…"
package struct ReasoningSplitter: Sendable {
    /// What a piece adds to the answer.
    package struct Addition: Hashable, Sendable {
        /// Whether all text so far has turned out to be reasoning, so that the answer starts anew.
        package var isAnew = false
        package var text = ""
    }

    /// The answer so far.
    package private(set) var text = ""
    private var sections: [String] = []

    /// Read and not yet decided: at most a tag and the character after it.
    private var pending: [UInt8] = []
    private var position = TextPosition()
    /// Blanks before anything else: part of the answer where that begins at once, and not where reasoning goes before it.
    private var leadingBlanks: [UInt8] = []
    /// The section of reasoning that is open.
    private var open: Section?
    /// A closing tag came after text that followed a section: the text was reasoning if more comes.
    private var hasStrayEnd = false
    /// A closing tag alone in a code fence, by its place in `text`: it counts if the fence turns out to be a draft that was
    /// broken off.
    private var doubtfulEnd: Range<Int>?
    /// Opening tags in the fence, which the next closing ones belong to.
    private var tagsInFence = 0

    private struct Section {
        var family: Int
        var bytes: [UInt8] = []
        var position = TextPosition()
        /// Tags of other families that are open in here, and those that are spoken of in a fence.
        var others: [Int: Int] = [:]
        var tagsInFence = 0
    }

    package init() {}

    /// Splits a whole text. `reasoning` is nil where there is none.
    package static func split(_ text: String) -> (text: String, reasoning: String?) {
        var splitter = ReasoningSplitter()
        _ = splitter.read(text)
        _ = splitter.finish()
        return (splitter.text, splitter.reasoning)
    }

    /// The reasoning so far, its sections a blank line apart; nil where there is none.
    package var reasoning: String? {
        let all = (sections + [open.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""])
            .map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
        return all.isEmpty ? nil : all.joined(separator: "\n\n")
    }

    /// Takes a piece in.
    package mutating func read(_ piece: String) -> Addition {
        pending.append(contentsOf: piece.utf8)
        return decide(isEnd: false)
    }

    /// Ends the text.
    package mutating func finish() -> Addition { decide(isEnd: true) }

    // MARK: -

    private mutating func decide(isEnd: Bool) -> Addition {
        var addition = Addition()
        var answer: [UInt8] = []
        var index = 0
        loop: while index < pending.count {
            let byte = pending[index]
            guard ReasoningTag.canBegin(byte) else {
                pass(byte, &answer, &addition)
                index += 1
                continue
            }
            switch ReasoningTag.read(pending[index...]) {
            case .unfinished where !isEnd: break loop
            case .none, .unfinished:
                pass(byte, &answer, &addition)
                index += 1
            case .tag(let tag):
                let next = pending[(index + tag.length)...]
                if next.isEmpty, !isEnd { break loop }
                if isMeant(tag, before: next, &answer, &addition) {
                    index += tag.length
                } else {
                    for _ in 0..<tag.length {
                        pass(pending[index], &answer, &addition)
                        index += 1
                    }
                }
            }
        }
        pending.removeSubrange(..<index)
        if isEnd {
            if doubtfulEnd != nil {
                // The last line may close the fence.
                position.pass(0x0a)
                if position.isInFence { believeDoubtfulEnd(isEnd: true, &answer, &addition) }
            }
            if sections.isEmpty, open == nil { answer += leadingBlanks }
            leadingBlanks = []
        }
        flush(&answer, &addition)
        return addition
    }

    private mutating func flush(_ answer: inout [UInt8], _ addition: inout Addition) {
        guard !answer.isEmpty else { return }
        let piece = String(decoding: answer, as: UTF8.self)
        text += piece
        addition.text += piece
        answer = []
    }

    private mutating func pass(_ byte: UInt8, _ answer: inout [UInt8], _ addition: inout Addition) {
        if open != nil {
            open?.bytes.append(byte)
            open?.position.pass(byte)
            return
        }
        if byte > 0x20 {
            if hasStrayEnd { makeReasoning(&answer, &addition) }
            if sections.isEmpty { answer += leadingBlanks }
            leadingBlanks = []
            answer.append(byte)
        } else if hasStrayEnd {
            return
        } else if text.isEmpty, answer.isEmpty {
            leadingBlanks.append(byte)
        } else {
            answer.append(byte)
        }
        position.pass(byte)
        if byte == 0x0a { endLine(&answer, &addition) }
    }

    /// Whether a tag is meant as one; it is then neither text nor reasoning.
    private mutating func isMeant(
        _ tag: ReasoningTag, before next: ArraySlice<UInt8>, _ answer: inout [UInt8], _ addition: inout Addition
    ) -> Bool {
        guard var section = open else {
            switch tag.kind {
            case .empty: return position.begins(before: next)
            case .opening:
                guard position.begins(before: next) else {
                    if position.isInFence { tagsInFence += 1 } else { position.tagsSpokenOf += 1 }
                    return false
                }
                if position.isFresh { dropUnseen(&answer, &addition) }
                open = Section(family: tag.family)
            case .closing:
                guard position.ends(before: next), !position.isInFence || tagsInFence == 0 else {
                    if position.isInFence {
                        doubt(tag, before: next, &answer, &addition)
                    } else {
                        position.tagsSpokenOf = max(0, position.tagsSpokenOf - 1)
                    }
                    return false
                }
                if sections.isEmpty { makeReasoning(&answer, &addition) } else { hasStrayEnd = true }
            }
            return true
        }
        defer { if open != nil { open = section } }
        if section.position.isEnclosed(before: next) { return false }
        switch tag.kind {
        case .empty: return false
        case .opening:
            if section.position.isInFence {
                section.tagsInFence += 1
            } else if tag.family != section.family {
                section.others[tag.family, default: 0] += 1
            }
            return false
        case .closing:
            if section.position.isInFence, section.tagsInFence > 0 {
                section.tagsInFence -= 1
                return false
            }
            if tag.family != section.family, let count = section.others[tag.family], count > 0 {
                section.others[tag.family] = count - 1
                return false
            }
            sections.append(String(decoding: section.bytes, as: UTF8.self))
            open = nil
            position.restart()
            return true
        }
    }

    private mutating func doubt(
        _ tag: ReasoningTag, before next: ArraySlice<UInt8>, _ answer: inout [UInt8], _ addition: inout Addition
    ) {
        if tagsInFence > 0 {
            tagsInFence -= 1
        } else if doubtfulEnd == nil, position.mayEnd(before: next) {
            flush(&answer, &addition)
            doubtfulEnd = text.utf8.count..<text.utf8.count + tag.length
        }
    }

    private mutating func endLine(_ answer: inout [UInt8], _ addition: inout Addition) {
        if position.hasBrokenFence, doubtfulEnd != nil {
            believeDoubtfulEnd(isEnd: false, &answer, &addition)
        } else if !position.isInFence {
            doubtfulEnd = nil
            tagsInFence = 0
        }
    }

    /// What came before the closing tag in the fence was reasoning; what came after it is read again.
    private mutating func believeDoubtfulEnd(
        isEnd: Bool, _ answer: inout [UInt8], _ addition: inout Addition
    ) {
        guard let end = doubtfulEnd else { return }
        flush(&answer, &addition)
        let all = Array(text.utf8)
        sections.append(String(decoding: all[..<end.lowerBound], as: UTF8.self))
        begin(&addition)
        let waiting = pending
        pending = Array(all[min(end.upperBound, all.count)...])
        let more = decide(isEnd: isEnd)
        pending = waiting
        addition.isAnew = true
        addition.text += more.text
    }

    /// A byte order mark before the reasoning is no part of the answer.
    private mutating func dropUnseen(_ answer: inout [UInt8], _ addition: inout Addition) {
        guard sections.isEmpty else { return }
        answer = []
        guard !text.isEmpty else { return }
        text = ""
        addition = Addition(isAnew: true)
    }

    /// All text so far was reasoning.
    private mutating func makeReasoning(_ answer: inout [UInt8], _ addition: inout Addition) {
        flush(&answer, &addition)
        sections.append(text)
        begin(&addition)
    }

    private mutating func begin(_ addition: inout Addition) {
        text = ""
        leadingBlanks = []
        hasStrayEnd = false
        doubtfulEnd = nil
        tagsInFence = 0
        addition = Addition(isAnew: true)
        position.restart()
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        var rest = Substring(self)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
