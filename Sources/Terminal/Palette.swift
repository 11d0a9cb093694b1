/// A resolved theme: the style of each role, the colours meters run through and the glyphs. `Configuration` makes them
/// of TOML; `Palette.plain` needs no file.
package struct Palette: Hashable, Sendable {
    private var styles: [Style]
    package var glyphs: GlyphSet
    /// From an empty to a full meter; empty means the style of `meterFill` all along.
    package var gradient: [Color]
    /// False where `NO_COLOR` is set: attributes are all that is left.
    package var hasColor: Bool

    /// Roles that are missing look like `text`.
    package init(
        styles: [Role: Style] = [:],
        glyphs: GlyphSet = .unicode,
        gradient: [Color] = [],
        hasColor: Bool = true
    ) {
        let text = styles[.text] ?? Style()
        self.styles = Role.allCases.map { styles[$0] ?? text }
        self.glyphs = glyphs
        self.gradient = gradient
        self.hasColor = hasColor
    }

    package subscript(role: Role) -> Style {
        get { styles[role.index] }
        set { styles[role.index] = newValue }
    }

    /// How a cell looks: its role's style, a meter's shade, and the bar of the selection under it.
    package func style(role: Role, isSelected: Bool = false, shade: UInt8 = 0) -> Style {
        var style = self[role]
        if shade > 0, let first = gradient.first {
            let place = Double(shade - 1) / 254 * Double(gradient.count - 1)
            let index = min(Int(place), gradient.count - 1)
            let next = min(index + 1, gradient.count - 1)
            style.foreground =
                gradient.count == 1
                ? first : gradient[index].mixed(with: gradient[next], fraction: place - Double(index))
        }
        if isSelected, role != .selection {
            let selection = self[.selection]
            style.background = selection.background ?? style.background
            style.attributes.formUnion(selection.attributes)
            if role == .text { style.foreground = selection.foreground ?? style.foreground }
        }
        if !hasColor {
            style.foreground = nil
            style.background = nil
            if isSelected || role == .selection { style.attributes.insert(.reverse) }
        }
        return style
    }

    package func style(of cell: Cell) -> Style {
        style(role: cell.role, isSelected: cell.isSelected, shade: cell.shade)
    }

    /// Attributes and the eight colours every terminal has.
    package static let plain = Palette(
        styles: [
            .dim: Style(attributes: .dim),
            .accent: Style(foreground: .ansi(6), attributes: .bold),
            .heading: Style(attributes: .bold),
            .selection: Style(attributes: .reverse),
            .separator: Style(attributes: .dim),
            .key: Style(attributes: .bold),
            .statusFailed: Style(foreground: .ansi(1), attributes: .bold),
            .statusHeld: Style(foreground: .ansi(3), attributes: .bold),
            .statusRunning: Style(foreground: .ansi(6)),
            .statusSucceeded: Style(foreground: .ansi(2)),
            .stale: Style(foreground: .ansi(3)),
            .codeKeyword: Style(attributes: .bold),
            .codeComment: Style(attributes: .dim),
            .errorOutput: Style(foreground: .ansi(1)),
            .meterEmpty: Style(attributes: .dim),
            .notice: Style(foreground: .ansi(3)),
            .peek: Style(attributes: .dim),
        ])
}
