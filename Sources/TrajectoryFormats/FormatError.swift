// Why a file could not be imported, or written.
internal import Foundation

/// Says which file, what it looks like, and what to do.
package struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var message: String
    /// Whether it is a pipe, a device and the like, which was not even opened.
    package var isSpecial = false

    package var description: String { message }

    static func unreadable(_ path: String, _ number: Int32) -> FormatError {
        FormatError(
            file: path,
            message:
                "'\(path)' cannot be read (\(String(cString: strerror(number)))); check the path and its permissions"
        )
    }

    /// - Parameter kind: What it is, with its article.
    static func special(_ path: String, _ kind: String) -> FormatError {
        if kind == "a folder" { return FormatError(file: path, message: "'\(path)' is a folder; name the files in it") }
        return FormatError(
            file: path,
            message: "'\(path)' is \(kind) and was passed over; only plain files can be imported",
            isSpecial: true
        )
    }
}
