import Foundation

/// The folders of `PATH` that are absolute; where it is not set, those that a shell would look in.
enum SearchPath {
    static var folders: [String] {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
            .split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }
}
