import Glibc

/// A call to the operating system that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, as in "could not …".
    package let action: String
    /// An `errno`.
    package let code: Int32

    package init(action: String, code: Int32) {
        self.action = action
        self.code = code
    }

    /// The last call of this thread that failed.
    package static func last(_ action: String) -> SystemError { SystemError(action: action, code: errno) }

    package var description: String { "could not \(action): \(String(cString: strerror(code)))" }
}
