// A long text in the person's own pager.

import Foundation
import Terminal

/// `$PAGER`, or `less`.
enum Pager {
    /// Shows a text and waits until it was seen. Throws `ServiceError`.
    ///
    /// - Parameter command: instead of what the environment says.
    static func show(_ text: String, command: String? = nil) throws {
        var environment = ProcessInfo.processInfo.environment
        if let command { environment["PAGER"] = command }
        let status = try LentTerminal.withFile("text.txt", readable(text)) { file in
            try LentTerminal.run("${PAGER:-less}", on: file.path, environment: environment)
        }
        if status == 126 || status == 127 {
            throw ServiceError("The pager was not found; set PAGER to a program that shows a file.")
        }
    }

    /// The text with its lines, and nothing in it that a pager might pass on to the terminal.
    static func readable(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { line in
            TextCells.sanitise(TextCells.expandingTabs(String(line)))
        }.joined(separator: "\n")
    }
}
