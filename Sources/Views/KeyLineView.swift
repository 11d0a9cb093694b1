// The bottom line: the keys that matter here, or what was just said, or what is being typed.

package import Terminal

package enum KeyLineView {
    package static func draw(_ line: KeyLine, into surface: inout Surface, rect: Rect) {
        let x = rect.x + 1
        let width = rect.width - 2
        switch line {
        case .keys(let hints):
            var used = 0
            for hint in fitting(hints, width) {
                used += surface.put(hint.key, x: x + used, y: rect.y, width: width - used, role: .key) + 1
                used += surface.put(hint.label, x: x + used, y: rect.y, width: width - used, role: .dim) + 3
            }
        case .notice(let text), .question(let text):
            surface.put(text, x: x, y: rect.y, width: width, role: .notice)
        case .error(let text):
            surface.put(text, x: x, y: rect.y, width: width, role: .errorOutput)
        case .quiet(let text):
            surface.put(text, x: x, y: rect.y, width: width, role: .dim)
        case .input(let prompt, let line):
            InputLineView.draw(prompt, line, into: &surface, rect: rect)
        case .refusedInput(let prompt, let line, let place, let reason):
            InputLineView.draw(prompt, line, into: &surface, rect: rect)
            InputLineView.draw(reason: reason, at: place, prompt, line, into: &surface, rect: rect)
        }
    }

    /// As many hints as there is room for; help and the way back, which are last, are the last to go.
    private static func fitting(_ hints: [KeyLine.Hint], _ width: Int) -> [KeyLine.Hint] {
        var hints = hints
        func columns(_ hints: [KeyLine.Hint]) -> Int {
            hints.reduce(-3) { $0 + TextWidth.columns(of: $1.key) + TextWidth.columns(of: $1.label) + 4 }
        }
        while hints.count > 1, columns(hints) > width { hints.remove(at: max(0, hints.count - 3)) }
        return hints
    }
}
