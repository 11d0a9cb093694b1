import Foundation
package import Terminal
package import Testing

/// Compares a surface with the golden screen `Snapshots/NAME.screen` beside the test.
///
/// With `RECORD_SNAPSHOTS=1` in the environment it is recorded instead, and the test fails this once, so that nobody
/// records by accident.
package func expectScreen(
    _ surface: Surface,
    named name: String,
    file: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectScreen(surface.text(), named: name, file: file, sourceLocation: sourceLocation)
}

/// The same for a screen that is text already, such as what a terminal multiplexer captured.
package func expectScreen(
    _ text: String,
    named name: String,
    file: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let golden = GoldenScreen(name: name, besideTest: file)
    let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
    if let complaint = golden.complaint(about: text, isRecording: isRecording) {
        Issue.record(Comment(rawValue: complaint), sourceLocation: sourceLocation)
    }
}

/// A file that keeps how a screen should look, in text. The file ends with a line feed that is not the screen's.
package struct GoldenScreen: Sendable {
    package let path: String

    package init(name: String, besideTest file: String) {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Snapshots")
        path = folder.appendingPathComponent("\(name).screen").path
    }

    /// Why the test should fail; nil when the screen is as recorded. When recording it writes the file and says so.
    package func complaint(about text: String, isRecording: Bool) -> String? {
        if isRecording {
            do {
                let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path))
            } catch {
                return "\(path) could not be written: \(error)"
            }
            return "recorded \(path); look at it, and run again without RECORD_SNAPSHOTS"
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            return "there is no \(path); record it with RECORD_SNAPSHOTS=1. The screen is:\n\(text)"
        }
        let expected = String(decoding: data, as: UTF8.self)
        return expected == text + "\n" ? nil : Self.comparison(expected: expected, actual: text + "\n", path: path)
    }

    /// Rows that differ, one above the other.
    private static func comparison(expected: String, actual: String, path: String) -> String {
        let golden = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let own = actual.split(separator: "\n", omittingEmptySubsequences: false)
        var lines = ["the screen differs from \(path):"]
        for row in 0..<max(golden.count, own.count) {
            let one = row < golden.count ? golden[row] : nil
            let other = row < own.count ? own[row] : nil
            guard one != other else { continue }
            lines.append("row \(row)")
            lines.append("  - \(one ?? "(none)")")
            lines.append("  + \(other ?? "(none)")")
        }
        lines.append("The whole screen is:\n\(actual)")
        return lines.joined(separator: "\n")
    }
}
