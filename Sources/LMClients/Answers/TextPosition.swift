/// Where in a Markdown text a reader stands, as far as it tells a tag that is meant from one that is spoken of: on a line
/// of its own, in a code fence, in inline code, behind a quotation mark.
struct TextPosition {
    /// Whether nothing but blanks has come since the beginning or the last section of reasoning.
    private(set) var isFresh = true
    /// The beginning of a character that cannot be seen, which leaves a text fresh.
    private var unseen: [UInt8] = []
    private(set) var isInFence = false
    /// Whether a fence has opened while another was open, so that the first must have been broken off.
    private(set) var hasBrokenFence = false
    /// Opening tags on this line that were only spoken of.
    var tagsSpokenOf = 0

    private var fence: (mark: UInt8, length: Int)?
    /// The line so far, its beginning at least.
    private var line: [UInt8] = []
    private var lineLength = 0
    /// The last bytes before here, on this line.
    private var last: (UInt8, UInt8, UInt8) = (0, 0, 0)
    private var lastVisible: UInt8 = 0
    /// The length of the backtick run that has opened inline code on this line.
    private var inlineCode: Int?
    private var run = 0
    /// Whether the stars or underscores before here open an emphasis, as against ending one.
    private var opensEmphasis = false

    private static let keptOfLine = 256
    private static let unseenMarks = ["\u{FEFF}", "\u{200B}", "\u{2060}", "\u{A0}", "\u{3000}"].map { Array($0.utf8) }

    /// Takes in a byte of text.
    mutating func pass(_ byte: UInt8) {
        if byte == 0x0a {
            endLine()
            return
        }
        if byte == UInt8(ascii: "`") { run += 1 } else if run > 0 { endRun() }
        if Self.isEmphasis(byte), !Self.isEmphasis(last.2) { opensEmphasis = last.2 <= 0x20 }
        if lineLength < Self.keptOfLine { line.append(byte) }
        lineLength += 1
        last = (last.1, last.2, byte)
        if isFresh, passUnseen(byte) { return }
        if byte > 0x20 {
            lastVisible = byte
            isFresh = false
        }
    }

    /// Whether a byte at the beginning belongs to a byte order mark or to a blank that is not ASCII's.
    private mutating func passUnseen(_ byte: UInt8) -> Bool {
        unseen.append(byte)
        guard let mark = Self.unseenMarks.first(where: { $0.starts(with: unseen) }) else {
            unseen = []
            return false
        }
        if mark.count == unseen.count { unseen = [] }
        return true
    }

    /// Forgets what came before a section of reasoning that ends here. The line goes on, but as a new beginning.
    mutating func restart() {
        self = TextPosition()
    }

    // MARK: What a tag here is

    /// Whether an opening tag here, with `next` after it, begins reasoning. `next` is empty at the end of the text.
    func begins(before next: ArraySlice<UInt8>) -> Bool {
        if isFresh { return true }
        guard !isCode, !isQuotation else { return false }
        if isLineStart { return true }
        guard !isQuoted, !isSpokenOf, let byte = next.first else { return false }
        if byte == 0x0a || byte == 0x0d { return true }
        // In the middle of a line: between two sentences, and with its content right behind it.
        return byte > 0x20 && ".!?".utf8.contains(lastVisible)
    }

    /// Whether a closing tag here ends reasoning whose opening tag was in the prompt.
    func ends(before next: ArraySlice<UInt8>) -> Bool {
        if isBehindFence { return true }
        guard !isCode, !isQuotation, tagsSpokenOf == 0 else { return false }
        if isLineStart { return true }
        guard !isEnclosed(before: next), !isSpokenOf else { return false }
        if last.2 > 0x20 { return true }
        guard let byte = next.first else { return ".!?:;".utf8.contains(lastVisible) }
        return (byte == 0x0a || byte == 0x0d) && ".!?:;".utf8.contains(lastVisible)
    }

    /// Whether a closing tag here, in a fence, is alone on its line: then it ends reasoning if the fence never does.
    func mayEnd(before next: ArraySlice<UInt8>) -> Bool {
        isInFence && isLineStart && (next.first.map { $0 == 0x0a || $0 == 0x0d } ?? true)
    }

    /// Whether a tag here stands between quotation marks or backticks.
    func isEnclosed(before next: ArraySlice<UInt8>) -> Bool { isQuoted && Self.isQuote(first: next) }

    // MARK: Pieces

    private var isCode: Bool { isInFence || inlineCode != nil && run == 0 || run > 0 && opensInlineCode }
    /// A run of backticks right before here opens inline code unless it closes some.
    private var opensInlineCode: Bool { inlineCode != run }

    private var isLineStart: Bool { lineLength <= 3 && line.allSatisfy { $0 == 0x20 } }

    /// Whether the marks before here, on a line of their own, would close the fence that is open.
    private var isBehindFence: Bool {
        guard let fence, lineLength <= Self.keptOfLine else { return false }
        let marks = Self.withoutContainers(line[...])
        return marks.count >= fence.length && marks.allSatisfy { $0 == fence.mark }
    }

    /// Whether a tag here is an item of a list, in a heading, or called a tag on its line.
    private var isSpokenOf: Bool {
        let words = Self.withoutContainers(line[...])
        if words.isEmpty || words.first == UInt8(ascii: "#") { return true }
        let text = String(decoding: words, as: UTF8.self).lowercased()
        return ["tag", "token", "marker", "delimiter"].contains { text.contains($0) }
    }

    /// A block quote, or code by its indentation.
    private var isQuotation: Bool {
        guard let first = line.firstIndex(where: { $0 > 0x20 }) else { return lineLength > 3 || line.contains(0x09) }
        return line[first] == UInt8(ascii: ">") || first > 3 || line[..<first].contains(0x09)
    }

    /// Whether the character before here opens a quotation, a bracket or an emphasis.
    private var isQuoted: Bool {
        if Self.isEmphasis(last.2) { return opensEmphasis }
        if "\"'`([{\\".utf8.contains(last.2) { return true }
        return Self.quotationMarks.contains([last.0, last.1, last.2]) || Self.quotationMarks.contains([last.1, last.2])
    }

    private static func isQuote(first next: ArraySlice<UInt8>) -> Bool {
        guard let byte = next.first else { return false }
        return "\"'`)]}*_".utf8.contains(byte) || quotationMarks.contains { next.starts(with: $0) }
    }

    private static func isEmphasis(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "*") || byte == UInt8(ascii: "_") }

    private static let quotationMarks = ["“", "”", "‘", "’", "«", "»", "‹", "›", "„", "「", "」"].map { Array($0.utf8) }

    private mutating func endRun() {
        if inlineCode == nil { inlineCode = run } else if inlineCode == run { inlineCode = nil }
        run = 0
    }

    private mutating func endLine() {
        readFence()
        line.removeAll(keepingCapacity: true)
        lineLength = 0
        last = (0, 0, 0)
        lastVisible = 0
        inlineCode = nil
        run = 0
        tagsSpokenOf = 0
    }

    /// Takes in a whole line that may open or close a fence, also in a list item or a block quote.
    private mutating func readFence() {
        var rest = Self.withoutContainers(line[...])
        guard let mark = rest.first, mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return }
        let length = rest.prefix { $0 == mark }.count
        rest = rest.dropFirst(length)
        if let open = fence {
            guard mark == open.mark, length >= open.length else { return }
            if rest.allSatisfy({ $0 <= 0x20 }) { fence = nil } else if !rest.contains(mark) { hasBrokenFence = true }
        } else {
            guard length >= 3, mark != UInt8(ascii: "`") || !rest.contains(mark) else { return }
            fence = (mark, length)
        }
        isInFence = fence != nil
        if !isInFence { hasBrokenFence = false }
    }

    private static func withoutContainers(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = line
        while true {
            rest = rest.drop { $0 <= 0x20 }
            guard let first = rest.first else { return rest }
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            let marker: Int
            if first == UInt8(ascii: ">") {
                rest = rest.dropFirst()
                continue
            } else if "-*+".utf8.contains(first) {
                marker = 1
            } else if (1...9).contains(digits), let end = rest.dropFirst(digits).first, ".)".utf8.contains(end) {
                marker = digits + 1
            } else {
                return rest
            }
            guard let blank = rest.dropFirst(marker).first, blank <= 0x20 else { return rest }
            rest = rest.dropFirst(marker)
        }
    }
}
