import Configuration
import Foundation
import LMClients

/// The settings file and where things lie, read once; what is wrong with the file is said once.
struct Preferences {
    let environment: [String: String]
    let locations: FileLocations
    let settings: Settings
    let warnings: [ConfigurationWarning]

    /// Throws `FileLocations.Failure` where there is no home.
    static func load() throws -> Preferences {
        let environment = ProcessInfo.processInfo.environment
        let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let locations = try FileLocations(environment: environment, executable: executable ?? CommandLine.arguments[0])
        let (settings, warnings) = Settings.load(
            path: locations.settings, providers: ClientRegistry.providers.map(\.word))
        return Preferences(environment: environment, locations: locations, settings: settings, warnings: warnings)
    }
}
