// The bottom line: the keys that matter here, or what was just said, or what is being typed.

package import Terminal

package enum KeyLineView {
    package static func draw(_ line: KeyLine, into surface: inout Surface, rect: Rect) {
        let x = rect.x + 1
        let width = rect.width - 2
        switch line {
        case .keys(let hints):
            var used = 0
            for hint in hints {
                let needed = TextWidth.columns(of: hint.key) + 1 + TextWidth.columns(of: hint.label)
                guard used + needed <= width else { return }
                used += surface.put(hint.key, x: x + used, y: rect.y, width: width - used, role: .key) + 1
                used += surface.put(hint.label, x: x + used, y: rect.y, width: width - used, role: .dim) + 3
            }
        case .notice(let text), .question(let text):
            surface.put(text, x: x, y: rect.y, width: width, role: .notice)
        case .error(let text):
            surface.put(text, x: x, y: rect.y, width: width, role: .errorOutput)
        case .input(let prompt, let text):
            let used = surface.put(prompt, x: x, y: rect.y, width: width, role: .key)
            let typed = surface.put(
                text,
                x: x + used,
                y: rect.y,
                width: max(0, width - used - 1),
                role: .text,
                truncation: .start
            )
            // The terminal's own cursor is hidden; this one does not blink.
            surface.put(" ", x: x + used + typed, y: rect.y, width: 1)
            surface.tint(Rect(x: x + used + typed, y: rect.y, width: 1, height: 1), role: .selection)
        }
    }
}
