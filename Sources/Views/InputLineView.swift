// The line being typed, at the bottom of the screen.

package import Terminal

package enum InputLineView {
    package static func draw(_ prompt: String, _ line: InputLine, into surface: inout Surface, rect: Rect) {
        let x = rect.x + 1
        let width = rect.width - 2
        let start = x + surface.put(prompt, x: x, y: rect.y, width: width, role: .key)
        let room = max(1, rect.maxX - 1 - start)
        // Characters as they are drawn; the part shown is the one the cursor is in.
        let texts = line.characters.map { TextCells.sanitise(String($0)) }
        let widths = texts.map { TextWidth.columns(of: $0) }
        var first = line.cursor
        var used = 1
        while first > 0, used + widths[first - 1] <= room {
            first -= 1
            used += widths[first]
        }
        var column = start
        var cursorColumn = start
        for index in first..<texts.count {
            if index == line.cursor { cursorColumn = column }
            guard column + widths[index] <= start + room else { break }
            column += surface.put(texts[index], x: column, y: rect.y, width: widths[index], role: .text)
        }
        if line.cursor == texts.count { cursorColumn = column }
        // The terminal's own cursor is hidden; this one does not blink.
        surface.tint(Rect(x: cursorColumn, y: rect.y, width: 1, height: 1), role: .selection)
    }
}
