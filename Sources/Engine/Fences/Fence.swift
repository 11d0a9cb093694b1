/// An opening fence: three or more backticks or tildes (CommonMark 0.31, section 4.5).
struct Fence {
    let character: UInt8
    let length: Int
    /// Columns before it, which are taken off the lines within.
    let indentation: Int
    let language: String

    /// Nil when the text, behind `indentation` columns of blanks, opens no fence.
    init?(opening text: LineCursor.Bytes, indentation: Int) {
        guard let character = text.first, character == UInt8(ascii: "`") || character == UInt8(ascii: "~") else {
            return nil
        }
        let length = text.prefix { $0 == character }.count
        guard length >= 3 else { return nil }
        let info = text.dropFirst(length)
        // An info string after backticks holds none itself: otherwise it is inline code.
        guard character == UInt8(ascii: "~") || !info.contains(UInt8(ascii: "`")) else { return nil }
        self.character = character
        self.length = length
        self.indentation = indentation
        let words = String(decoding: info, as: UTF8.self).drop(while: \.isWhitespace)
        language = words.prefix { !$0.isWhitespace && $0 != "{" && $0 != "," }.lowercased()
    }

    /// Whether the text, behind less than four columns of blanks, closes it.
    func isClosed(by text: LineCursor.Bytes) -> Bool {
        let run = text.prefix { $0 == character }.count
        return run >= length && text.dropFirst(run).allSatisfy { $0 == .space || $0 == .tab }
    }
}
