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
        let first = firstShown(line.cursor, widths, room)
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

    /// Why a line was refused, on the row above it, from the column of the character where it went wrong.
    package static func draw(
        reason: String, at place: Int, _ prompt: String, _ line: InputLine, into surface: inout Surface, rect: Rect
    ) {
        let start = rect.x + 1 + TextWidth.columns(of: prompt)
        let widths = line.characters.map { TextWidth.columns(of: TextCells.sanitise(String($0))) }
        let first = firstShown(line.cursor, widths, max(1, rect.maxX - 1 - start))
        let before = widths[min(first, place)..<min(place, widths.count)].reduce(0, +)
        let column = min(start + before, rect.maxX - 2)
        let y = rect.y - 1
        surface.fill(Rect(x: rect.x, y: y, width: rect.width, height: 1), role: .text)
        let needed = TextWidth.columns(of: reason) + 2
        if column + needed < rect.maxX {
            surface.put("v \(reason)", x: column, y: y, width: rect.maxX - column - 1, role: .errorOutput)
        } else {
            let end = surface.put(
                reason + " ", endingAt: max(rect.x + 1, column), y: y, width: column - 1, role: .errorOutput)
            surface.put("v", x: max(end, column), y: y, width: 1, role: .errorOutput)
        }
    }

    /// The first character on the screen, so that the cursor is on it too.
    private static func firstShown(_ cursor: Int, _ widths: [Int], _ room: Int) -> Int {
        var first = cursor
        var used = 1
        while first > 0, used + widths[first - 1] <= room {
            first -= 1
            used += widths[first]
        }
        return first
    }
}
