// Why a file could not be imported, or written.
internal import Foundation

/// Says which file, what it looks like, and what to do.
package struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var message: String

    package var description: String { message }

    static func unreadable(_ path: String, _ number: Int32) -> FormatError {
        FormatError(
            file: path,
            message:
                "'\(path)' cannot be read (\(String(cString: strerror(number)))); check the path and its permissions"
        )
    }
}
