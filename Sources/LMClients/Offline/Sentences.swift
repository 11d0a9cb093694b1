/// Cuts a text into sentences: at line ends, and after `.`, `!` or `?` before a blank.
enum Sentences {
    static func all(in text: Substring) -> [Substring] {
        var sentences: [Substring] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        var index = start
        func end(at place: Substring.Index) {
            let piece = trimmed(text[start..<place])
            if !piece.isEmpty { sentences.append(piece) }
        }
        while index < bytes.endIndex {
            let byte = bytes[index]
            let next = bytes.index(after: index)
            if byte == 0x0a || byte == 0x0d {
                end(at: index)
                start = next
            } else if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?"),
                next < bytes.endIndex, bytes[next] == 0x20, !isAbbreviation(text[start..<index])
            {
                end(at: next)
                start = next
            }
            index = next
        }
        end(at: bytes.endIndex)
        return sentences
    }

    /// Whether the dot after this belongs to a title or an initial.
    private static func isAbbreviation(_ text: Substring) -> Bool {
        let word = text.utf8.suffix(5).reversed().prefix { $0 != 0x20 }
        return word.count == 1
            || ["rd", "rm", "srm", "ts", "on", "sv", ".e.i", ".g.e", "e.i", "g.e"]
                .contains(String(decoding: Array(word), as: UTF8.self).lowercased())
    }

    private static func trimmed(_ piece: Substring) -> Substring {
        var piece = piece
        while let last = piece.utf8.last, last <= 0x20 { piece = Substring(piece.unicodeScalars.dropLast()) }
        while let first = piece.utf8.first, first <= 0x20 { piece = Substring(piece.unicodeScalars.dropFirst()) }
        return piece
    }
}
