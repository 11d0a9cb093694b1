// The help of a view: what each key does there.

package import Terminal

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
