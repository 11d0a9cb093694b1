import Foundation
import Terminal

/// The themes there are: those of the folders, and the built-in ones.
package struct ThemeLibrary: Sendable {
    /// Where `NAME.toml` is looked for; the first one wins.
    package let folders: [String]

    private static let chainLimit = 8
    /// A theme is small; more is none.
    private static let sizeLimit = 1 << 20

    package init(folders: [String]) { self.folders = folders }

    /// The built-in theme.
    package static let `default`: Theme = {
        let text = String(decoding: PackageResources.default_toml, as: UTF8.self)
        let (theme, warnings) = ThemeParser.parse(
            TOMLDocument(text: text, file: "default.toml"),
            name: "default",
            base: Theme(name: "default")
        )
        assert(warnings.isEmpty, "\(warnings)")
        return theme
    }()

    /// The themes that are part of the program, wherever it was copied to.
    private static let builtIn: [String: [UInt8]] = [
        "light": PackageResources.light_toml, "contrast": PackageResources.contrast_toml,
        "mono": PackageResources.mono_toml,
    ]

    /// All names, sorted.
    package var names: [String] {
        var names = Set(["default"] + Self.builtIn.keys)
        for folder in folders {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for file in files where file.hasSuffix(".toml") && Self.isName(file.dropLast(5)) {
                names.insert(String(file.dropLast(5)))
            }
        }
        return names.sorted()
    }

    /// The theme of a name, or of a path that ends in `.toml`. What cannot be used is said and left out; a theme that
    /// is not there at all gives the built-in one.
    package func theme(named name: String) -> (theme: Theme, warnings: [ConfigurationWarning]) {
        load(name, chain: [])
    }

    private func load(_ name: String, chain: [String]) -> (theme: Theme, warnings: [ConfigurationWarning]) {
        let path: String
        let text: String
        if let found = self.path(of: name) {
            path = found
            guard let read = Self.read(path) else {
                let message = "cannot be read as UTF-8 text of at most 1 MB"
                return (Self.default, [ConfigurationWarning(file: path, line: nil, message: message)])
            }
            text = read
        } else if let builtIn = Self.builtIn[name] {
            path = "\(name).toml"
            text = String(decoding: builtIn, as: UTF8.self)
        } else if name == "default" {
            return (Self.default, [])
        } else {
            let shown = TextCells.sanitise(name)
            let message = "there is no theme '\(shown)'; known are \(names.joined(separator: ", "))"
            return (Self.default, [ConfigurationWarning(file: chain.last ?? "theme", line: nil, message: message)])
        }
        let document = TOMLDocument(text: text, file: path)
        var base = Self.default
        var warnings: [ConfigurationWarning] = []
        if let baseName = ThemeParser.baseName(in: document) {
            let isBuiltIn = baseName == "default" && name == "default"
            if !isBuiltIn && (chain.contains(path) || chain.count >= Self.chainLimit) {
                warnings.append(
                    ConfigurationWarning(
                        file: path,
                        line: document.line(of: ["extends"]),
                        message: "'extends' goes round in a circle; the built-in theme is used"
                    )
                )
            } else if !isBuiltIn {
                let loaded = load(baseName, chain: chain + [path])
                base = loaded.theme
                warnings += loaded.warnings
            }
        }
        let (theme, own) = ThemeParser.parse(document, name: name, base: base)
        return (theme, warnings + own)
    }

    private func path(of name: String) -> String? {
        if name.hasSuffix(".toml") { return name }
        guard Self.isName(name) else { return nil }
        return folders.map { "\($0)/\(name).toml" }.first { FileManager.default.isReadableFile(atPath: $0) }
    }

    /// Letters, digits, `-` and `_`: never a way to another folder.
    private static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0))
            }
    }

    private static func read(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: sizeLimit + 1), data.count <= sizeLimit else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}
