import ArgumentParser
import Configuration
import Foundation
import TrajectoryStore

/// `--store`, which every command has.
struct StoreOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The trajectory store to use.", valueName: "path"))
    var store: String?

    /// Where the store lies: the flag, or the place the XDG rules give it.
    func path() throws -> String {
        try store ?? FileLocations(environment: ProcessInfo.processInfo.environment).store
    }

    func open() throws -> TrajectoryStore { try TrajectoryStore(path: try path()) }

    /// For commands that only look: a store that nobody has made yet is made empty, one that cannot be written is read.
    func openForReading() throws -> TrajectoryStore {
        do { return try open() } catch let error as StoreError where error.code == .readOnly {
            return try TrajectoryStore(path: try path(), access: .readOnly)
        }
    }
}
