package import Terminal

/// How the screens look: colours by name, the style of each role, the colours meters run through, and the glyphs.
///
/// A file of it:
///
///     extends = "default"
///
///     [palette]
///     red = "#e06c75"
///     amber = { rgb = "#d7af5f", ansi16 = 3 }
///
///     [roles]
///     status_failed = { fg = "red", attr = "bold" }
///
///     [meter]
///     gradient = ["green", "amber", "red"]
///
///     [glyphs]
///     set = "unicode"
///     running = "●"
///
///     [glyphs.ascii]
///     running = "*"
///
/// Roles and gradient keep the names of their colours, so that a theme that extends another and changes a colour
/// changes it wherever it is used.
package struct Theme: Hashable, Sendable {
    /// How a role looks, with colours by name: of the palette, `#rrggbb`, `ansi:N`, or `none` for the terminal's own.
    package struct RoleStyle: Hashable, Sendable {
        package var foreground: String?
        package var background: String?
        package var attributes: Style.Attributes

        package init(foreground: String? = nil, background: String? = nil, attributes: Style.Attributes = []) {
            self.foreground = foreground
            self.background = background
            self.attributes = attributes
        }
    }

    package var name: String
    /// By the names roles and gradients use.
    package var colors: [String: Color]
    package var roles: [Role: RoleStyle]
    package var gradient: [String]
    /// Used where the terminal can show them.
    package var glyphs: GlyphSet
    /// Used where it cannot.
    package var asciiGlyphs: GlyphSet

    package init(
        name: String,
        colors: [String: Color] = [:],
        roles: [Role: RoleStyle] = [:],
        gradient: [String] = [],
        glyphs: GlyphSet = .unicode,
        asciiGlyphs: GlyphSet = .ascii
    ) {
        self.name = name
        self.colors = colors
        self.roles = roles
        self.gradient = gradient
        self.glyphs = glyphs
        self.asciiGlyphs = asciiGlyphs
    }

    /// The theme as screens use it. A role without a background lies on that of `text`.
    package func palette(hasColor: Bool = true, isASCII: Bool = false) -> Palette {
        let text = roles[.text] ?? RoleStyle()
        var styles: [Role: Style] = [:]
        for role in Role.allCases {
            let style = roles[role] ?? text
            styles[role] = Style(
                foreground: (style.foreground ?? text.foreground).flatMap { color(named: $0) ?? nil },
                background: (style.background ?? text.background).flatMap { color(named: $0) ?? nil },
                attributes: style.attributes
            )
        }
        return Palette(
            styles: styles,
            glyphs: isASCII ? asciiGlyphs : glyphs,
            gradient: gradient.compactMap { color(named: $0) ?? nil },
            hasColor: hasColor
        )
    }

    /// A colour by its name in the palette or written out; `.some(nil)` for `none`, nil where there is no such colour.
    package func color(named name: String) -> Color?? {
        if name == "none" { return .some(nil) }
        return (colors[name] ?? Color(themeText: name)).map { .some($0) }
    }
}

extension Color {
    /// Reads `#rrggbb` or `ansi:N`.
    package init?(themeText text: String, ansi16: UInt8? = nil) {
        if text.hasPrefix("ansi:"), let index = UInt8(text.dropFirst("ansi:".count)), index < 16 {
            self = .ansi(index)
            return
        }
        guard text.hasPrefix("#"), text.utf8.count == 7, text.dropFirst().allSatisfy(\.isHexDigit),
            let value = UInt32(text.dropFirst(), radix: 16)
        else { return nil }
        self = .rgb(UInt8(value >> 16), UInt8(value >> 8 & 255), UInt8(value & 255), ansi16: ansi16)
    }
}

extension Role {
    /// As themes write it: `status_failed`.
    package var themeName: String {
        rawValue.reduce(into: "") { name, character in
            if character.isUppercase { name += "_" }
            name += character.lowercased()
        }
    }
}
