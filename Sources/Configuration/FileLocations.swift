import Foundation

/// Where the program's files are, by the XDG Base Directory Specification, from an environment that is handed in.
///
/// A value that is not an absolute path is ignored, as the specification says.
package struct FileLocations: Hashable, Sendable {
    /// Why there is no place for the program's files.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// `$XDG_STATE_HOME/rlm-tui`.
    package let stateFolder: String
    /// `$XDG_CONFIG_HOME/rlm-tui`.
    package let configurationFolder: String
    /// Where themes are looked for, the first one wins: the user's, then those that came with the program.
    package let themeFolders: [String]

    /// The store of trajectories where `--store` names no other.
    package var store: String { stateFolder + "/trajectories.sqlite" }
    package var settings: String { configurationFolder + "/config.toml" }
    /// The user's own themes.
    package var themesFolder: String { configurationFolder + "/themes" }

    /// Throws `Failure` when neither the environment nor the user's account says where home is.
    ///
    /// - Parameters:
    ///   - executable: the program's path; an installed one has its themes at `../share/rlm-tui/themes`.
    ///   - accountHome: what to use when `HOME` is missing.
    package init(
        environment: [String: String],
        executable: String? = nil,
        accountHome: String? = FileLocations.accountHome()
    ) throws(Failure) {
        func path(_ name: String) -> String? { Self.absolute(environment[name]) }
        let home = path("HOME") ?? Self.absolute(accountHome)

        func folder(_ name: String, _ standard: String) throws(Failure) -> String {
            if let path = path(name) { return path }
            guard let home else {
                throw Failure(
                    description: "HOME is not set to an absolute path, so there is no place for the program's files: "
                        + "set HOME or \(name)"
                )
            }
            return Self.join(home, standard)
        }
        stateFolder = Self.join(try folder("XDG_STATE_HOME", ".local/state"), "rlm-tui")
        configurationFolder = Self.join(try folder("XDG_CONFIG_HOME", ".config"), "rlm-tui")

        var folders = [configurationFolder + "/themes"]
        if let data = try? folder("XDG_DATA_HOME", ".local/share") { folders.append(Self.join(data, "rlm-tui/themes")) }
        if let executable = Self.absolute(executable) {
            let folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
            folders.append(Self.join(folder.deletingLastPathComponent().path, "share/rlm-tui/themes"))
            // One that was not installed lies in CHECKOUT/.build…/TRIPLE/release, and the themes beside Package.swift.
            let parts = folder.pathComponents
            if let build = parts.lastIndex(where: { $0.hasPrefix(".build") }), build > 0 {
                folders.append("/" + parts[1..<build].joined(separator: "/") + "/themes")
            }
        }
        let shared = environment["XDG_DATA_DIRS"].flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/local/share:/usr/share"
        folders += shared.split(separator: ":").compactMap { Self.absolute(String($0)) }
            .map { Self.join($0, "rlm-tui/themes") }
        var seen: Set<String> = []
        themeFolders = folders.filter { seen.insert($0).inserted }
    }

    /// The home of the user's account, whatever the environment says.
    package static func accountHome() -> String? { FileManager.default.homeDirectoryForCurrentUser.path }

    private static func absolute(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        return path
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
