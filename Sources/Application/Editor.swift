// A text in the person's own editor.

import Foundation

/// `$VISUAL`, `$EDITOR`, or `vi`.
enum Editor {
    /// Lets a person edit a text and waits for it. Nil when it is unchanged, and when the editor ended with a failure,
    /// which is how one gives up. Throws `ServiceError`.
    ///
    /// - Parameter command: instead of what the environment says.
    static func edit(_ text: String, named name: String = "text.txt", command: String? = nil) throws -> String? {
        var environment = ProcessInfo.processInfo.environment
        if let command { environment["VISUAL"] = command }
        return try LentTerminal.withFile(name, text) { file in
            let status = try LentTerminal.run("${VISUAL:-${EDITOR:-vi}}", on: file.path, environment: environment)
            if status == 126 || status == 127 {
                throw ServiceError("The editor was not found; set EDITOR to a program that edits a file.")
            }
            guard status == 0 else { return nil }
            guard let data = try? Data(contentsOf: file) else {
                throw ServiceError("The editor left no file; the text is as it was.")
            }
            var edited = String(decoding: data, as: UTF8.self)
            // Editors end the last line; the text did not have to.
            if edited.hasSuffix("\n"), !text.hasSuffix("\n") { edited.removeLast() }
            return edited == text ? nil : edited
        }
    }
}
