package import Terminal

/// Which theme, and how much of it this terminal can show. A flag goes over the environment, that over the settings,
/// and those over the default.
package struct Appearance: Hashable, Sendable {
    package let themeName: String
    /// False where `NO_COLOR` is set to anything but nothing (no-color.org).
    package let hasColor: Bool
    /// Where the locale is not UTF-8, or the terminal has no such glyphs.
    package let isASCII: Bool

    /// - Parameter flag: what `--theme` says.
    package init(flag: String?, environment: [String: String], settings: Settings) {
        let named = [flag, environment["RLM_TUI_THEME"], settings.theme].compactMap { $0 }.first { !$0.isEmpty }
        themeName = named ?? "default"
        hasColor = environment["NO_COLOR", default: ""].isEmpty
        isASCII = !Self.isUTF8(environment) || ["linux", "vt100", "vt220"].contains(environment["TERM"] ?? "")
    }

    /// The palette, and what of the theme's files could not be used.
    package func palette(from library: ThemeLibrary) -> (palette: Palette, warnings: [ConfigurationWarning]) {
        let (theme, warnings) = library.theme(named: themeName)
        return (theme.palette(hasColor: hasColor, isASCII: isASCII), warnings)
    }

    /// As POSIX has it: `LC_ALL` over `LC_CTYPE` over `LANG`.
    private static func isUTF8(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let codeset = locale.lowercased().replacing("-", with: "")
        return codeset.contains(".utf8") || codeset == "utf8"
    }
}
