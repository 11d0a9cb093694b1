import Configuration
import Terminal
import Testing

@Suite struct AppearanceTests {
    private let utf8 = ["LANG": "de_DE.UTF-8", "TERM": "xterm-256color"]

    private func appearance(
        _ flag: String? = nil,
        _ environment: [String: String] = [:],
        theme: String? = nil
    ) -> Appearance {
        Appearance(
            flag: flag,
            environment: utf8.merging(environment) { $1 },
            settings: Settings(theme: theme)
        )
    }

    @Test func flagOverEnvironmentOverFileOverDefault() {
        #expect(appearance("a", ["RLM_TUI_THEME": "b"], theme: "c").themeName == "a")
        #expect(appearance(nil, ["RLM_TUI_THEME": "b"], theme: "c").themeName == "b")
        #expect(appearance(nil, ["RLM_TUI_THEME": ""], theme: "c").themeName == "c")
        #expect(appearance().themeName == "default")
    }

    @Test func noColorLeavesAttributes() {
        #expect(appearance().hasColor)
        #expect(appearance(nil, ["NO_COLOR": ""]).hasColor)
        let (palette, _) = appearance(nil, ["NO_COLOR": "1"]).palette(from: ThemeLibrary(folders: []))
        for role in Role.allCases {
            for isSelected in [false, true] {
                let style = palette.style(role: role, isSelected: isSelected, shade: 100)
                #expect(style.foreground == nil && style.background == nil)
            }
        }
        #expect(palette.style(role: .statusFailed).attributes == .bold)
        // The bar of the selection is still to be seen.
        #expect(palette.style(role: .text, isSelected: true).attributes == .reverse)
    }

    @Test(arguments: [
        (["LANG": "C"], true), (["LANG": ""], true), (["LANG": "C.utf8"], false), (["LC_ALL": "C"], true),
        (["LANG": "C", "LC_CTYPE": "en_US.UTF-8"], false), (["LC_ALL": "", "LANG": "fr_FR.UTF-8@euro"], false),
        (["TERM": "linux"], true), (["TERM": "vt100"], true), (["TERM": "tmux-256color"], false),
        (["LANG": "de_DE.ISO-8859-1"], true),
    ])
    func asciiWhereTheTerminalHasNoMore(_ environment: [String: String], isASCII: Bool) {
        let appearance = appearance(nil, environment)
        #expect(appearance.isASCII == isASCII)
        let (palette, _) = appearance.palette(from: ThemeLibrary(folders: []))
        #expect(palette.glyphs == (isASCII ? .ascii : .unicode))
    }
}
