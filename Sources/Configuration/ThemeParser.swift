import Terminal

/// Reads the TOML of a theme on top of the one it extends.
struct ThemeParser {
    private var theme: Theme
    private let reader: TOMLReader

    /// What a file says before the theme it extends is known.
    static func baseName(in document: TOMLDocument) -> String? {
        guard case .string(let name) = document.root["extends"] else { return nil }
        return name
    }

    /// - Parameter base: what holds where the file says nothing.
    static func parse(_ document: TOMLDocument, name: String, base: Theme) -> (Theme, [ConfigurationWarning]) {
        var parser = ThemeParser(theme: base, reader: TOMLReader(document))
        parser.theme.name = name
        parser.read()
        return (parser.theme, parser.reader.warnings)
    }

    private init(theme: Theme, reader: TOMLReader) {
        self.theme = theme
        self.reader = reader
    }

    private mutating func read() {
        var root = reader.root
        _ = root.string("extends")
        _ = root.string("name")
        if let palette = root.section("palette") { readPalette(palette) }
        if let roles = root.section("roles") { readRoles(roles) }
        if var meter = root.section("meter") {
            if let names = meter.strings("gradient") {
                let known = names.compactMap { colorName($0, in: meter, key: "gradient") }
                if known.count == names.count { theme.gradient = known }
            }
            meter.finish(known: ["gradient"])
        }
        if let glyphs = root.section("glyphs") { readGlyphs(glyphs) }
        root.finish(known: ["extends", "name", "palette", "roles", "meter", "glyphs"])
    }

    private mutating func readPalette(_ section: TOMLReader.Section) {
        var section = section
        for key in section.keys {
            switch section.value(key) {
            case .string(let text):
                guard let color = Color(themeText: text) else {
                    section.warn(key, "'\(text)' is not a colour: write \"#rrggbb\" or \"ansi:N\" with N from 0 to 15")
                    continue
                }
                theme.colors[key] = color
            case .table(let values):
                var table = TOMLReader.Section(reader: reader, path: section.path + [key], values: values)
                let text = table.string("rgb") ?? ""
                let index = table.integer("ansi16", minimum: 0)
                if let color = Color(themeText: text, ansi16: index.flatMap { $0 < 16 ? UInt8($0) : nil }) {
                    if let index, index > 15 { table.warn("ansi16", "'ansi16' must be at most 15, not \(index)") }
                    theme.colors[key] = color
                } else {
                    table.warn("rgb", "'\(text)' is not a colour: write { rgb = \"#rrggbb\", ansi16 = N }")
                }
                table.finish(known: ["rgb", "ansi16"])
            default:
                section.warn(key, "'\(key)' must be a colour: \"#rrggbb\" or { rgb = \"#rrggbb\", ansi16 = N }")
            }
        }
    }

    private mutating func readRoles(_ section: TOMLReader.Section) {
        var section = section
        for role in Role.allCases {
            guard var values = section.section(role.themeName) else { continue }
            // A colour that is left out stays as in the theme this one extends.
            var style = theme.roles[role] ?? Theme.RoleStyle()
            if let name = values.string("fg"), let known = colorName(name, in: values, key: "fg") {
                style.foreground = known
            }
            if let name = values.string("bg"), let known = colorName(name, in: values, key: "bg") {
                style.background = known
            }
            if let names = values.strings("attr") { style.attributes = attributes(names, in: values) }
            values.finish(known: ["fg", "bg", "attr"])
            theme.roles[role] = style
        }
        section.finish(known: Role.allCases.map(\.themeName))
    }

    private func attributes(_ names: [String], in section: TOMLReader.Section) -> Style.Attributes {
        var result: Style.Attributes = []
        for name in names.flatMap({ $0.split(separator: " ") }) where name != "none" {
            if let attribute = Style.Attributes.names.first(where: { $0.name == name })?.attribute {
                result.insert(attribute)
            } else {
                let known = Style.Attributes.names.map(\.name).joined(separator: ", ")
                section.warn("attr", "'\(name)' is not an attribute; known are \(known)")
            }
        }
        return result
    }

    private mutating func readGlyphs(_ section: TOMLReader.Section) {
        var section = section
        switch section.string("set") {
        case nil, "unicode": break
        case "ascii": theme.glyphs = theme.asciiGlyphs
        case .some(let other): section.warn("set", "'\(other)' is not a set of glyphs; known are unicode and ascii")
        }
        if var ascii = section.section("ascii") {
            read(&ascii, into: \.asciiGlyphs, isASCII: true)
            ascii.finish()
        }
        read(&section, into: \.glyphs, isASCII: false)
        section.finish()
    }

    private mutating func read(
        _ section: inout TOMLReader.Section,
        into target: WritableKeyPath<Theme, GlyphSet>,
        isASCII: Bool
    ) {
        func isGood(_ glyph: String, _ key: String) -> Bool {
            let isDrawable = TextWidth.columns(of: glyph) == 1 && TextCells.sanitise(glyph) == glyph
            guard isDrawable, !isASCII || glyph.utf8.allSatisfy({ $0 < 0x80 }) else {
                section.warn(
                    key,
                    "'\(TextCells.sanitise(glyph))' is not a glyph: it must be one character, one column wide"
                        + (isASCII ? ", of ASCII" : "")
                )
                return false
            }
            return true
        }
        for (key, path) in GlyphSet.named {
            if let glyph = section.string(key), isGood(glyph, key) { theme[keyPath: target][keyPath: path] = glyph }
        }
        for (key, path) in GlyphSet.namedRows {
            guard let glyphs = section.strings(key) else { continue }
            let count = theme[keyPath: target][keyPath: path].count
            guard glyphs.count == count else {
                section.warn(key, "'\(key)' must have \(count) glyphs, not \(glyphs.count)")
                continue
            }
            if glyphs.allSatisfy({ isGood($0, key) }) { theme[keyPath: target][keyPath: path] = glyphs }
        }
    }

    /// The name of a colour there is.
    private func colorName(_ name: String, in section: TOMLReader.Section, key: String) -> String? {
        if theme.color(named: name) != nil { return name }
        section.warn(key, "'\(name)' is not a colour of the palette")
        return nil
    }
}
