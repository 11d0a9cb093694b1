// The menu, over the lower left of the body: what it is about stays in sight above it.

package import Terminal

package enum ChoiceMenuView {
    package static func draw(_ menu: ChoiceMenu, into surface: inout Surface, rect body: Rect, pen: Pen) {
        let height = min(body.height, menu.choices.count + 2)
        guard height > 2 else { return }
        let rect = Rect(x: body.x, y: body.maxY - height, width: body.width, height: height)
        surface.fill(rect, role: .text)
        let line = String(repeating: pen.glyphs.horizontal, count: rect.width)
        surface.put(line, x: rect.x, y: rect.y, width: rect.width, role: .separator)
        surface.put(menu.title, x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, role: .accent)
        let labelWidth = menu.choices.map { TextWidth.columns(of: $0.label) }.max() ?? 0
        let shown = height - 2
        let first = min(max(0, menu.selected - shown + 1), max(0, menu.choices.count - shown))
        for (offset, choice) in menu.choices.dropFirst(first).prefix(shown).enumerated() {
            let y = rect.y + 2 + offset
            let isPossible = choice.reason == nil
            surface.put(String(choice.key), x: rect.x + 3, y: y, width: 2, role: isPossible ? .key : .dim)
            surface.put(choice.label, x: rect.x + 6, y: y, width: rect.width - 7, role: isPossible ? .text : .dim)
            let x = rect.x + 6 + labelWidth + 3
            let beside = choice.reason ?? choice.detail
            surface.put(beside, x: x, y: y, width: max(0, rect.maxX - 1 - x), role: .dim)
            guard first + offset == menu.selected else { continue }
            surface.tint(Rect(x: rect.x + 1, y: y, width: rect.width - 1, height: 1), role: .selection)
            surface.put(pen.glyphs.cursor, x: rect.x, y: y, width: 1, role: .accent)
        }
    }
}
