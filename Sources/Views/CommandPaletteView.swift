// The palette: every action that fits what was typed, with its key, and why not where it cannot be done.

package import Terminal

package enum CommandPaletteView {
    package static func draw(
        actions: [ActionLine],
        selected: Int,
        into surface: inout Surface,
        rect: Rect
    ) {
        surface.fill(rect, role: .text)
        surface.put("Commands", x: rect.x + 1, y: rect.y, width: rect.width - 2, role: .accent)
        let shown = max(0, rect.height - 2)
        if actions.isEmpty {
            surface.put("No command is called that.", x: rect.x + 3, y: rect.y + 2, width: rect.width - 4, role: .dim)
        }
        let first = min(max(0, selected - shown + 1), max(0, actions.count - shown))
        for (offset, action) in actions.dropFirst(first).prefix(shown).enumerated() {
            HelpView.draw(action, isSelected: first + offset == selected, &surface, rect, rect.y + 2 + offset)
        }
    }
}
