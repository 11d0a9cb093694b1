// Breaks the line of a document into the rows of a pane, by columns of the terminal and at spaces where it can.

import Terminal

/// Rows of one line.
package enum LineWrap {
    private struct Piece {
        var text: String
        var width: Int
        var role: Role
        var isSpace: Bool
    }

    private static let tabStop = 4

    /// - Parameters:
    ///   - width: columns there are, the gutter included.
    ///   - wraps: whether a long line goes on below; otherwise it is one row, to be clipped by who draws it.
    ///   - column: the first column shown of a line that is one row.
    package static func rows(
        of line: DocumentLine,
        width: Int,
        wraps: Bool,
        from column: Int = 0,
        pattern: SearchPattern? = nil
    ) -> [[Span]] {
        let gutterWidth = line.gutter.reduce(0) { $0 + TextWidth.columns(of: $1.text) }
        let room = max(1, width - gutterWidth)
        let pieces = pieces(of: line.spans, matches: pattern?.matches(in: line.text) ?? [])
        let isOneRow = line.isOneRow || !(wraps || line.isHeading)
        let ranges = isOneRow ? [start(in: pieces, column: column)..<pieces.count] : ranges(of: pieces, room: room)
        let indent = [Span(String(repeating: " ", count: gutterWidth))]
        return ranges.enumerated().map { index, range in
            let lead = gutterWidth == 0 ? [] : index == 0 ? line.gutter : indent
            return lead + spans(pieces[range])
        }
    }

    /// How many rows a line has; at least 1.
    package static func rowCount(of line: DocumentLine, width: Int, wraps: Bool) -> Int {
        guard !line.isOneRow, wraps || line.isHeading else { return 1 }
        let gutterWidth = line.gutter.reduce(0) { $0 + TextWidth.columns(of: $1.text) }
        let room = max(1, width - gutterWidth)
        // Bytes are never fewer than columns: cheap for the lines that fit, which are most. Tabs are the exception.
        let bytes = line.spans.reduce(0) { $0 + $1.text.utf8.count }
        if bytes <= room, !line.spans.contains(where: { $0.text.utf8.contains(9) }) { return 1 }
        return ranges(of: pieces(of: line.spans), room: room).count
    }

    /// Columns of a line without its gutter.
    package static func columns(of line: DocumentLine) -> Int { pieces(of: line.spans).reduce(0) { $0 + $1.width } }

    /// The piece that stands at a column.
    private static func start(in pieces: [Piece], column: Int) -> Int {
        var left = column
        var index = 0
        while index < pieces.count, left > 0 {
            left -= pieces[index].width
            index += 1
        }
        return index
    }

    /// Characters with their widths. Those that a match of a search touches have the role of a selection.
    private static func pieces(of spans: [Span], matches: [Range<Int>] = []) -> [Piece] {
        var pieces: [Piece] = []
        var column = 0
        var offset = 0
        var next = 0
        for span in spans {
            for character in span.text {
                let bytes = character.utf8.count
                while next < matches.count, matches[next].upperBound <= offset { next += 1 }
                let isMatch = next < matches.count && matches[next].lowerBound < offset + bytes
                let role = isMatch ? Role.selection : span.role
                offset += bytes
                if character == "\t" {
                    for _ in 0..<(tabStop - column % tabStop) {
                        pieces.append(Piece(text: " ", width: 1, role: role, isSpace: true))
                        column += 1
                    }
                    continue
                }
                let text = String(character)
                let isPlain = character.isASCII && character >= " " && character != "\u{7F}"
                let width = isPlain ? 1 : TextWidth.columns(of: text)
                pieces.append(Piece(text: text, width: width, role: role, isSpace: character == " "))
                column += width
            }
        }
        return pieces
    }

    private static func ranges(of pieces: [Piece], room: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        var used = 0
        var lastSpace: Int?
        var index = 0
        while index < pieces.count {
            let piece = pieces[index]
            if used + piece.width > room, index > start {
                // A break at a space keeps words whole, unless it would leave half the row empty.
                // The blank at a break belongs to neither row.
                var end = index
                if !piece.isSpace, let space = lastSpace, space + 1 - start > room / 2 { end = space }
                ranges.append(start..<end)
                start = end < pieces.count && pieces[end].isSpace ? end + 1 : end
                index = start
                used = 0
                lastSpace = nil
                continue
            }
            if piece.isSpace { lastSpace = index }
            used += piece.width
            index += 1
        }
        if start < pieces.count || ranges.isEmpty { ranges.append(start..<pieces.count) }
        return ranges
    }

    private static func spans(_ pieces: ArraySlice<Piece>) -> [Span] {
        var spans: [Span] = []
        for piece in pieces {
            if spans.last?.role == piece.role {
                spans[spans.count - 1].text += piece.text
            } else {
                spans.append(Span(piece.text, piece.role))
            }
        }
        return spans
    }
}
