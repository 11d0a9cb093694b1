import ArgumentParser
import Application
import Configuration
import Foundation
import Terminal
import Trajectory
import TrajectoryStore

/// `--theme`, and the way into the explorer that all commands share.
struct ThemeOption: ParsableArguments {
    @Option(help: ArgumentHelp("A theme's name, or the path of a theme file.", valueName: "name"))
    var theme: String?

    /// Opens the explorer and returns when the person leaves it. Main thread only.
    @MainActor
    func explore(_ store: TrajectoryStore, run: RunID?, control: (any RunControl)? = nil) throws {
        let doorbell = Doorbell()
        let (palette, warnings) = try resolve()
        let screen = try CursesScreen(doorbell: doorbell)
        let outcome: ExplorerOutcome
        do {
            defer { screen.close() }
            outcome = try runExplorer(
                screen: screen, store: store,
                options: ExplorerOptions(
                    run: run, palette: palette, warnings: warnings, control: control, doorbell: doorbell,
                    services: .terminal))
        }
        switch outcome {
        case .quit, .stopped: return
        case .interrupted, .hangup, .terminated: throw SilentExit(status: .cancelled)
        }
    }

    /// The palette to draw with, and what was wrong with the files it came from.
    func resolve() throws -> (palette: Palette, warnings: [String]) {
        let preferences = try Preferences.load()
        let appearance = Appearance(
            flag: theme, environment: preferences.environment, settings: preferences.settings)
        let (palette, warnings) = appearance.palette(from: ThemeLibrary(folders: preferences.locations.themeFolders))
        return (palette, (preferences.warnings + warnings).map(\.description))
    }
}
