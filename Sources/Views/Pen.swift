// What every view needs to draw with: glyphs, figures and the clock as they are for this frame.

package import Foundation
package import Terminal

/// The means of drawing one frame.
package struct Pen: Sendable {
    package let glyphs: GlyphSet
    package let figures: Figures
    package let now: Date
    /// In which dates are written.
    package let timeZone: TimeZone

    package init(glyphs: GlyphSet = .unicode, now: Date, timeZone: TimeZone = .gmt) {
        self.glyphs = glyphs
        self.now = now
        self.timeZone = timeZone
        figures = Figures(isASCII: glyphs.isASCII)
    }

    package func date(_ date: Date) -> CivilDate { CivilDate(date, offset: timeZone.secondsFromGMT(for: date)) }
}

extension Surface {
    /// Draws spans one after the other, at most `width` columns in all, cut with an ellipsis. Returns the columns used.
    @discardableResult
    mutating func put(spans: [Span], x: Int, y: Int, width: Int) -> Int {
        let needed = spans.reduce(0) { $0 + TextWidth.columns(of: $1.text) }
        var used = 0
        for span in spans where used < width {
            let room = width - used
            let drawn = put(span.text, x: x + used, y: y, width: room, role: span.role)
            used += drawn
        }
        // Where the cut fell between two spans, no span was cut itself.
        if needed > width, used == width, width > 0 { put("…", x: x + width - 1, y: y, width: 1, role: .dim) }
        return used
    }

    /// Draws a text so that it ends before column `end`. Returns the column it begins at.
    @discardableResult
    mutating func put(_ text: String, endingAt end: Int, y: Int, width: Int, role: Role) -> Int {
        let columns = min(width, TextWidth.columns(of: text))
        put(text, x: end - columns, y: y, width: columns, role: role)
        return end - columns
    }

    /// Draws spans so that they end before column `end`. Returns the column they begin at.
    @discardableResult
    mutating func put(spans: [Span], endingAt end: Int, y: Int, width: Int) -> Int {
        let columns = min(width, spans.reduce(0) { $0 + TextWidth.columns(of: $1.text) })
        put(spans: spans, x: end - columns, y: y, width: columns)
        return end - columns
    }
}
