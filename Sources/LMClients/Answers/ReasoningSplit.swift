// Models that think aloud write their reasoning into the text. It is no part of the answer.

/// A model's text, its reasoning taken out: what stands in `<think>…</think>` and the tags other models use for it.
///
/// A section begins with a tag at the beginning of a line, and ends with the tag that closes it or with the text. A closing
/// tag alone ends a section that the chat template had opened. A tag that the text speaks of is left where it is: one inside
/// a fenced block that is closed, in inline code, in quotation marks, or in the middle of a line.
///
/// For example:
///
///     ReasoningSplit("<think>Look first.</think>\nThe code is 7.").answer      // "The code is 7."
package struct ReasoningSplit: Hashable, Sendable {
    /// The text without reasoning; the text itself where there is none.
    package let answer: String
    /// Nil where there is none.
    package let reasoning: String?

    private static let names = ["think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad"]

    private struct Tag {
        let name: Substring
        let isClosing: Bool
        let range: Range<Int>
        /// First on its line.
        let startsLine: Bool
        /// Last on its line.
        let endsLine: Bool
        let isQuoted: Bool
    }

    package init(_ text: String) {
        // Most texts have none of it; a look at the bytes is cheap.
        guard text.utf8.contains(UInt8(ascii: "<")) else {
            (answer, reasoning) = (text, nil)
            return
        }
        let bytes = Array(text.utf8)
        let tags = Self.tags(in: bytes)
        guard !tags.isEmpty else {
            (answer, reasoning) = (text, nil)
            return
        }
        var kept: [UInt8] = []
        var taken: [[UInt8]] = []
        var start = 0
        var index = 0
        while index < tags.count {
            let tag = tags[index]
            if tag.isClosing {
                // Alone, it closes what the template opened: everything before it.
                if !tag.isQuoted, tag.endsLine || tag.startsLine, taken.isEmpty, start == 0 {
                    taken.append(Array(bytes[start..<tag.range.lowerBound]))
                    kept = []
                    start = tag.range.upperBound
                }
                index += 1
                continue
            }
            guard tag.startsLine, !tag.isQuoted else {
                index += 1
                continue
            }
            kept += bytes[start..<tag.range.lowerBound]
            let end = Self.end(of: index, in: tags)
            let stop = end.map { tags[$0].range.lowerBound } ?? bytes.count
            taken.append(Array(bytes[tag.range.upperBound..<stop]))
            start = end.map { tags[$0].range.upperBound } ?? bytes.count
            index = end.map { $0 + 1 } ?? tags.count
        }
        guard !taken.isEmpty else {
            (answer, reasoning) = (text, nil)
            return
        }
        kept += bytes[start...]
        answer = Self.trimmed(String(decoding: kept, as: UTF8.self))
        let sections = taken.map { Self.trimmed(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isEmpty }
        reasoning = sections.isEmpty ? nil : sections.joined(separator: "\n\n")
    }

    /// The tag that closes the one at `index`: inside reasoning nothing is quoted, since drafts in it are cut off anywhere.
    /// Where a section is opened again within itself, the last one that closes counts.
    private static func end(of index: Int, in tags: [Tag]) -> Int? {
        var depth = 1
        var last: Int?
        for next in tags.indices.dropFirst(index + 1) where tags[next].name == tags[index].name {
            if tags[next].isClosing {
                depth -= 1
                last = next
                if depth == 0 { return next }
            } else {
                depth += 1
            }
        }
        return last
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while let first = text.first, first.isNewline || first == " " && text.allSatisfy(\.isWhitespace) {
            text.removeFirst()
        }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    // MARK: - Tags

    private static func tags(in bytes: [UInt8]) -> [Tag] {
        let fences = closedFences(in: bytes)
        var tags: [Tag] = []
        var at = 0
        while let open = bytes[at...].firstIndex(of: UInt8(ascii: "<")) {
            at = open + 1
            let isClosing = at < bytes.count && bytes[at] == UInt8(ascii: "/")
            let nameStart = isClosing ? at + 1 : at
            var nameEnd = nameStart
            while nameEnd < bytes.count, isLetter(bytes[nameEnd]), nameEnd - nameStart < 12 { nameEnd += 1 }
            let name = String(decoding: bytes[nameStart..<nameEnd], as: UTF8.self).lowercased()
            guard names.contains(name) else { continue }
            // Attributes may follow; a tag is short and on one line.
            var end = nameEnd
            while end < bytes.count, end - open < 200, bytes[end] != UInt8(ascii: ">"), bytes[end] != newline,
                bytes[end] != UInt8(ascii: "<")
            { end += 1 }
            guard end < bytes.count, bytes[end] == UInt8(ascii: ">"), end == nameEnd || isBlank(bytes[nameEnd]) else {
                continue
            }
            let before = bytes[..<open].lastIndex(of: newline).map { $0 + 1 } ?? 0
            let after = bytes[end...].firstIndex(of: newline) ?? bytes.count
            let lead = bytes[before..<open]
            let tail = bytes[(end + 1)..<after]
            tags.append(
                Tag(
                    name: Substring(name),
                    isClosing: isClosing,
                    range: open..<end + 1,
                    startsLine: lead.allSatisfy(isBlank),
                    endsLine: tail.allSatisfy(isBlank),
                    isQuoted: fences.contains { $0.contains(open) } || isInline(lead, tail)
                ))
            at = end + 1
        }
        return tags
    }

    /// In inline code or in quotation marks.
    private static func isInline(_ lead: ArraySlice<UInt8>, _ tail: ArraySlice<UInt8>) -> Bool {
        if lead.count(where: { $0 == backtick }) % 2 == 1, tail.contains(backtick) { return true }
        guard let before = lead.last, let after = tail.first else { return false }
        return before == after && [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(before)
    }

    /// Byte ranges of fenced blocks that are closed. One that is not may be a draft that the reasoning breaks off in.
    private static func closedFences(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var open: (start: Int, mark: UInt8, length: Int)?
        var line = 0
        while line < bytes.count {
            let end = bytes[line...].firstIndex(of: newline) ?? bytes.count
            let text = bytes[line..<end].drop(while: isBlank)
            if let mark = text.first, mark == backtick || mark == UInt8(ascii: "~") {
                let length = text.prefix { $0 == mark }.count
                let rest = text.dropFirst(length)
                if let fence = open {
                    if mark == fence.mark, length >= fence.length, rest.allSatisfy(isBlank) {
                        ranges.append(fence.start..<end)
                        open = nil
                    } else if mark == fence.mark, length >= 3, !rest.allSatisfy(isBlank), !rest.contains(backtick) {
                        // A fence that opens while one is open: the first was broken off.
                        open = (line, mark, length)
                    }
                } else if length >= 3, mark != backtick || !rest.contains(backtick) {
                    open = (line, mark, length)
                }
            }
            line = end + 1
        }
        return ranges
    }

    private static let newline = UInt8(ascii: "\n")
    private static let backtick = UInt8(ascii: "`")
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
}
