import ArgumentParser
import Application
import Configuration
import Engine
import Foundation
import Terminal
import Trajectory
import TrajectoryStore

/// `--theme`, and the way into the explorer that all commands share.
struct ThemeOption: ParsableArguments {
    @Option(help: ArgumentHelp("A theme's name, or the path of a theme file.", valueName: "name"))
    var theme: String?

    /// Opens the explorer and returns when the person has left it and every run that they started in it has ended.
    ///
    /// - Parameter keeper: where the REPL of the run that goes on is kept when it has ended.
    func explore(
        _ store: TrajectoryStore, run: RunID?, control: (any RunControl)? = nil, keeper: REPLKeeper = REPLKeeper()
    ) async throws {
        let desk = TravelDesk(store: store, keeper: keeper)
        do {
            try await MainActor.run { try explore(store, run: run, control: control, desk) }
        } catch {
            await desk?.close()
            throw error
        }
        await desk?.close()
    }

    /// Main thread only.
    @MainActor
    private func explore(
        _ store: TrajectoryStore, run: RunID?, control: (any RunControl)?, _ desk: TravelDesk?
    ) throws {
        let doorbell = Doorbell()
        let (palette, warnings) = try resolve()
        let screen = try CursesScreen(doorbell: doorbell)
        let outcome: ExplorerOutcome
        do {
            defer { screen.close() }
            outcome = try runExplorer(
                screen: screen, store: store,
                options: ExplorerOptions(
                    run: run, palette: palette, warnings: warnings, control: control, travel: desk,
                    doorbell: doorbell, services: .terminal))
        }
        switch outcome {
        case .quit, .stopped, .leftHeld: return
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
