import Configuration
import Testing

@Suite struct FileLocationsTests {
    private func locations(_ environment: [String: String], accountHome: String? = nil) throws -> FileLocations {
        try FileLocations(environment: environment, accountHome: accountHome)
    }

    @Test func standardPlacesAreBelowHome() throws {
        let locations = try locations(["HOME": "/home/ann"])
        #expect(locations.store == "/home/ann/.local/state/rlm-tui/trajectories.sqlite")
        #expect(locations.settings == "/home/ann/.config/rlm-tui/config.toml")
        #expect(
            locations.themeFolders == [
                "/home/ann/.config/rlm-tui/themes", "/home/ann/.local/share/rlm-tui/themes",
                "/usr/local/share/rlm-tui/themes", "/usr/share/rlm-tui/themes",
            ]
        )
    }

    @Test func xdgGoesOverHome() throws {
        let locations = try locations([
            "HOME": "/home/ann", "XDG_STATE_HOME": "/state", "XDG_CONFIG_HOME": "/config/", "XDG_DATA_HOME": "/data",
            "XDG_DATA_DIRS": "relative:/opt/share:/data",
        ])
        #expect(locations.store == "/state/rlm-tui/trajectories.sqlite")
        #expect(locations.settings == "/config/rlm-tui/config.toml")
        #expect(
            locations.themeFolders == [
                "/config/rlm-tui/themes", "/data/rlm-tui/themes", "/opt/share/rlm-tui/themes",
            ]
        )
    }

    @Test(arguments: ["state", "./state", "", "~/state", "a\0/b"])
    func valuesThatAreNoAbsolutePathAreIgnored(_ value: String) throws {
        let locations = try locations(["HOME": "/home/ann", "XDG_STATE_HOME": value])
        #expect(locations.stateFolder == "/home/ann/.local/state/rlm-tui")
    }

    @Test func missingHomeIsTakenFromTheAccountOrSaid() throws {
        #expect(try locations([:], accountHome: "/home/bob").stateFolder == "/home/bob/.local/state/rlm-tui")
        #expect(try locations(["HOME": "relative"], accountHome: "/home/bob").stateFolder.hasPrefix("/home/bob"))
        #expect {
            _ = try locations([:])
        } throws: { "\($0)".contains("HOME is not set") }
        // Both folders named: nothing is missing.
        #expect(try locations(["XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"]).store.hasPrefix("/s/"))
    }

    @Test func anInstalledProgramHasItsThemesBesideIt() throws {
        let locations = try FileLocations(
            environment: ["HOME": "/home/ann"],
            executable: "/opt/rlm/bin/rlm-tui",
            accountHome: nil
        )
        #expect(locations.themeFolders.contains("/opt/rlm/share/rlm-tui/themes"))
        #expect(!locations.themeFolders.contains("/opt/themes"))
    }

    @Test func oneThatWasNotInstalledHasThemInItsCheckout() throws {
        let locations = try FileLocations(
            environment: ["HOME": "/home/ann"],
            executable: "/home/ann/src/rlm-tui/.build-release/x86_64-unknown-linux-gnu/release/rlm-tui",
            accountHome: nil
        )
        #expect(locations.themeFolders.contains("/home/ann/src/rlm-tui/themes"))
    }
}
