import Configuration
import Foundation
import Terminal
import Testing

@Suite struct ThemeTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("themes").path

    /// A program that was copied away from its folders has its themes with it.
    @Test(arguments: ["default", "light", "contrast", "mono"])
    func builtInThemesNeedNoFolder(name: String) {
        let (theme, warnings) = ThemeLibrary(folders: []).theme(named: name)
        #expect(warnings.isEmpty)
        #expect(theme.name == name)
        #expect(theme == ThemeLibrary(folders: [Self.folder]).theme(named: name).theme)
    }
    static let shipped = ThemeLibrary(folders: [folder])
    static var names: [String] { shipped.names }

    /// A library with files of these names and texts.
    private func library(_ files: [String: String], run: (ThemeLibrary) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        try run(ThemeLibrary(folders: [folder.path]))
    }

    @Test func shippedThemesAreThere() {
        #expect(Self.names == ["contrast", "default", "light", "mono"])
    }

    @Test(arguments: ThemeTests.names)
    func shippedThemesHaveNoWarnings(_ name: String) {
        let (theme, warnings) = Self.shipped.theme(named: name)
        #expect(warnings.isEmpty, "\(warnings)")
        #expect(theme.name == name)
        #expect(Set(theme.roles.keys) == Set(Role.allCases))
    }

    /// WCAG 2 AA: text has a ratio of 4.5 to what it lies on, in full colour and in 256, the selected row too.
    @Test(arguments: ThemeTests.names)
    func textIsReadable(_ name: String) {
        let palette = Self.shipped.theme(named: name).theme.palette()
        for role in Role.allCases where ![.separator, .meterEmpty, .meterFill].contains(role) {
            for isSelected in [false, true] {
                let style = palette.style(role: role, isSelected: isSelected)
                guard let foreground = style.foreground, let background = style.background else { continue }
                #expect(foreground.contrast(with: background) >= 4.5, "\(role) selected \(isSelected)")
                let coarse = foreground.inThe256.contrast(with: background.inThe256)
                #expect(coarse >= 4.5, "\(role) selected \(isSelected) in 256 colours")
                #expect(foreground.nearest16 != background.nearest16 || isSelected, "\(role) in 16 colours")
            }
        }
    }

    @Test func colourMeansSomething() {
        let palette = ThemeLibrary.default.palette()
        func hue(_ role: Role) -> (red: Int, green: Int, blue: Int) {
            let color = palette[role].foreground?.components ?? (red: 0, green: 0, blue: 0)
            return (Int(color.red), Int(color.green), Int(color.blue))
        }
        let failed = hue(.statusFailed)
        #expect(failed.red > failed.green + 60 && failed.red > failed.blue + 60)
        for role in [Role.statusHeld, .stale, .notice] {
            let held = hue(role)
            #expect(held.red > held.blue + 60 && held.green > held.blue + 60, "\(role)")
        }
        let succeeded = hue(.statusSucceeded)
        #expect(succeeded.green > succeeded.red + 40 && succeeded.green > succeeded.blue + 40)
        // Nothing else is green.
        for role in Role.allCases where role != .statusSucceeded {
            let other = hue(role)
            #expect(!(other.green > other.red + 20 && other.green > other.blue + 20), "\(role)")
        }
    }

    @Test func changedColoursReachTheRolesThatUseThem() throws {
        try library(["mine.toml": "extends = \"default\"\n[palette]\nred = \"#ff0000\"\n"]) { library in
            let (theme, warnings) = library.theme(named: "mine")
            #expect(warnings.isEmpty)
            #expect(
                theme.palette()[.statusFailed].foreground == .rgb(255, 0, 0, ansi16: nil)
            )
            #expect(theme.palette()[.accent] == ThemeLibrary.default.palette()[.accent])
            #expect(library.names == ["contrast", "default", "light", "mine", "mono"])
        }
    }

    @Test(
        arguments: [
            ("[palette]\nred = \"#ff\"", 2, "not a colour"), ("[palette]\nred = 5", 2, "must be a colour"),
            ("[palette]\nred = { rgb = \"#112233\", ansi16 = 16 }", 2, "at most 15"),
            ("[roles]\n\ntext = { fg = \"nope\" }", 3, "'nope' is not a colour of the palette"),
            ("[roles]\ntxt = { fg = \"red\" }", 2, "'txt' is unknown"),
            ("[roles]\ntext = { fg = \"red\", weight = 1 }", 2, "'weight' is unknown"),
            ("[roles]\ntext = { attr = \"blink\" }", 2, "'blink' is not an attribute"),
            ("[roles.text]\nattr = [\"bold\", 3]", 2, "must be strings"),
            ("[meter]\ngradient = [\"red\", \"nope\"]", 2, "'nope' is not a colour"),
            ("[glyphs]\nrunning = \"ab\"", 2, "is not a glyph"), ("[glyphs]\nrunning = \"漢\"", 2, "is not a glyph"),
            ("[glyphs]\nrunning = \"\\u001B\"", 2, "is not a glyph"),
            ("[glyphs.ascii]\nrunning = \"●\"", 2, "of ASCII"),
            ("[glyphs]\nshades = [\"a\"]", 2, "must have 4 glyphs"),
            ("[glyphs]\nset = \"emoji\"", 2, "not a set of glyphs"),
            ("extends = 3", 1, "must be a string"), ("extends = \"nowhere\"", nil, "there is no theme 'nowhere'"),
            ("colour = = 1", 1, "no TOML"),
        ] as [(String, Int?, String)]
    )
    func wrongLinesAreSaidAndPassedOver(_ text: String, line: Int?, message: String) throws {
        try library(["mine.toml": text]) { library in
            let (theme, warnings) = library.theme(named: "mine")
            let warning = try #require(warnings.first { $0.message.contains(message) }, "\(warnings)")
            #expect(warning.line == line)
            #expect(warning.file.hasSuffix("mine.toml"))
            #expect(theme.palette().glyphs == .unicode)
            #expect(theme.palette()[.dim] == ThemeLibrary.default.palette()[.dim])
        }
    }

    @Test func circlesEnd() throws {
        try library(["a.toml": "extends = \"b\"", "b.toml": "extends = \"a\"\n[palette]\nred = \"#ff0000\""]) {
            library in
            let (theme, warnings) = library.theme(named: "a")
            #expect(warnings.contains { $0.message.contains("circle") })
            #expect(theme.colors["red"] == .rgb(255, 0, 0, ansi16: nil))
        }
    }

    @Test func aDefaultOfTheUsersOwnExtendsTheBuiltIn() throws {
        try library(["default.toml": "extends = \"default\"\n[palette]\nred = \"#ff0000\""]) { library in
            let (theme, warnings) = library.theme(named: "default")
            #expect(warnings.isEmpty)
            #expect(theme.colors["red"] == .rgb(255, 0, 0, ansi16: nil))
            #expect(theme.colors["green"] == ThemeLibrary.default.colors["green"])
        }
    }

    @Test(arguments: ["../secret", "a/b", "", ".", "no\u{1B}[31m", "missing"])
    func namesAreNoPaths(_ name: String) throws {
        let (theme, warnings) = Self.shipped.theme(named: name)
        #expect(theme == ThemeLibrary.default)
        #expect(warnings.count == 1)
        #expect(!warnings[0].message.contains("\u{1B}"))
    }

    @Test func unreadableFilesAreSaid() throws {
        try library(["bin.toml": "x"]) { library in
            let path = library.folders[0] + "/bin.toml"
            try Data([0xFF, 0xC0]).write(to: URL(fileURLWithPath: path))
            let (theme, warnings) = library.theme(named: path)
            #expect(theme == ThemeLibrary.default && warnings.count == 1)
        }
    }
}

extension Color {
    /// As a terminal of 256 colours shows it.
    fileprivate var inThe256: Color {
        let index = Int(nearest256)
        if index >= 232 {
            let grey = UInt8(8 + (index - 232) * 10)
            return .rgb(grey, grey, grey, ansi16: nil)
        }
        let steps: [UInt8] = [0, 95, 135, 175, 215, 255]
        let cube = index - 16
        return .rgb(steps[cube / 36], steps[cube / 6 % 6], steps[cube % 6], ansi16: nil)
    }
}
