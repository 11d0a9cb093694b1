// A screen too small to be of use says how large it is and how large it ought to be.

package import Terminal

package enum TooSmallView {
    package static func draw(into surface: inout Surface) {
        let size = surface.size
        let smallest = Layout.smallest
        let lines = [
            "The screen is \(size.columns)x\(size.rows).", "\(smallest.columns)x\(smallest.rows) is needed.", "q quits",
        ]
        let top = max(0, (size.rows - lines.count) / 2)
        for (offset, line) in lines.enumerated() {
            let x = max(0, (size.columns - TextWidth.columns(of: line)) / 2)
            surface.put(line, x: x, y: top + offset, width: size.columns, role: offset == 2 ? .dim : .text)
        }
    }
}
