/// The beginning of a list item: a bullet, or up to nine digits and a point or parenthesis (CommonMark 0.31, section 5.2).
struct ListMarker {
    /// Bytes of the marker, which are columns too.
    let length: Int

    /// Nil when the text begins no item. A paragraph is interrupted only by an item that is not empty and, where it is
    /// numbered, by number one.
    init?(_ text: LineCursor.Bytes, interruptsParagraph: Bool) {
        guard let first = text.first else { return nil }
        if first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: "*") {
            length = 1
        } else {
            let digits = text.prefix(10).prefix(while: \.isASCIIDigit)
            let end = text.dropFirst(digits.count).first
            guard 1...9 ~= digits.count, end == UInt8(ascii: ".") || end == UInt8(ascii: ")") else { return nil }
            if interruptsParagraph, !digits.elementsEqual([UInt8(ascii: "1")]) { return nil }
            length = digits.count + 1
        }
        let rest = text.dropFirst(length)
        guard let next = rest.first else {
            if interruptsParagraph { return nil }
            return
        }
        guard next == .space || next == .tab else { return nil }
        if interruptsParagraph, rest.allSatisfy({ $0 == .space || $0 == .tab }) { return nil }
    }
}

/// Lines that are blocks of their own and hold nothing.
enum SingleLine {
    /// Three or more `*`, `-` or `_` with nothing but blanks between (section 4.1).
    static func isThematicBreak(_ text: LineCursor.Bytes) -> Bool {
        guard let first = text.first, "*-_".utf8.contains(first) else { return false }
        var count = 0
        for byte in text {
            if byte == first { count += 1 } else if byte != .space && byte != .tab { return false }
        }
        return count >= 3
    }

    /// One to six `#` and a blank or nothing (section 4.2).
    static func isHeading(_ text: LineCursor.Bytes) -> Bool {
        let count = text.prefix { $0 == UInt8(ascii: "#") }.count
        guard 1...6 ~= count else { return false }
        let next = text.dropFirst(count).first
        return next == nil || next == .space || next == .tab
    }

    /// The line under a heading: `=` or `-` alone (section 4.3).
    static func isUnderline(_ text: LineCursor.Bytes) -> Bool {
        guard let first = text.first, first == UInt8(ascii: "=") || first == UInt8(ascii: "-") else { return false }
        return text.drop { $0 == first }.allSatisfy { $0 == .space || $0 == .tab }
    }
}
