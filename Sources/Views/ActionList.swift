// Lists of actions: the help of a view and the palette. Both are made from the key map, so they say what is.

package import Terminal

/// One action as help and palette show it.
package struct ActionLine: Hashable, Sendable {
    package let keys: String
    package let text: String
    /// Why it cannot be done now; nil when it can.
    package let reason: String?

    package init(keys: String, text: String, reason: String? = nil) {
        self.keys = keys
        self.text = text
        self.reason = reason
    }
}

/// A titled group of lines.
package struct ActionGroup: Hashable, Sendable {
    package let title: String
    package let lines: [ActionLine]

    package init(title: String, lines: [ActionLine]) {
        self.title = title
        self.lines = lines
    }
}

package enum HelpView {
    /// Draws groups, from a line on; gives the lines there are.
    @discardableResult
    package static func draw(
        title: String,
        groups: [ActionGroup],
        from first: Int,
        into surface: inout Surface,
        rect: Rect
    ) -> Int {
        surface.fill(rect, role: .text)
        surface.put(title, x: rect.x + 1, y: rect.y, width: rect.width - 2, role: .accent)
        let lines = lines(of: groups)
        let shown = rect.height - 2
        let start = min(max(0, first), max(0, lines.count - shown))
        for (offset, line) in lines[start...].prefix(max(0, shown)).enumerated() {
            let y = rect.y + 2 + offset
            switch line {
            case .title(let text): surface.put(text, x: rect.x + 1, y: y, width: rect.width - 2, role: .heading)
            case .action(let action): draw(action, isSelected: false, &surface, rect, y)
            case .blank: break
            }
        }
        if lines.count > shown {
            let place = start + shown >= lines.count ? "end" : "j for more"
            surface.put(place, endingAt: rect.maxX - 1, y: rect.y, width: 12, role: .dim)
        }
        return lines.count
    }

    private enum Line {
        case title(String)
        case action(ActionLine)
        case blank
    }

    private static func lines(of groups: [ActionGroup]) -> [Line] {
        groups.enumerated().flatMap { index, group in
            (index > 0 ? [.blank] : []) + [Line.title(group.title)] + group.lines.map { .action($0) }
        }
    }

    static func draw(_ action: ActionLine, isSelected: Bool, _ surface: inout Surface, _ rect: Rect, _ y: Int) {
        let keyWidth = 16
        surface.put(action.keys, x: rect.x + 3, y: y, width: keyWidth - 1, role: action.reason == nil ? .key : .dim)
        let x = rect.x + 3 + keyWidth
        let width = rect.maxX - 1 - x
        let used = surface.put(action.text, x: x, y: y, width: width, role: action.reason == nil ? .text : .dim)
        if let reason = action.reason, used + 3 < width {
            surface.put("  \(reason)", x: x + used, y: y, width: width - used, role: .notice)
        }
        if isSelected {
            surface.tint(Rect(x: rect.x + 1, y: y, width: rect.width - 1, height: 1), role: .selection)
            surface.put("▌", x: rect.x, y: y, width: 1, role: .accent)
        }
    }
}

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
