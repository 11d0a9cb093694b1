// Every error this room throws: one struct that says what happened, to which file, and what to do.

/// Why the store could not do what was asked of it. SQLite's and GRDB's own errors never leave this room.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// `displaced`: the store's place has come to belong to another file, and what was recorded is beside it.
        case displaced
        case cannotOpen, notADatabase, newerVersion, locked, readOnly, diskFull, noSuchRun, ambiguousRun, noSuchNode,
            corrupt, io
    }

    package var code: Code
    /// The store's file, or the context file that was read or written.
    package var path: String
    /// A sentence with its remedy.
    package var message: String

    package init(code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    package var description: String { message }
}

extension StoreError {
    /// A row that must be there is not.
    static func lost(_ path: String) -> StoreError {
        StoreError(
            code: .corrupt,
            path: path,
            message: "a row that the trajectory store '\(path)' refers to is missing; check it with 'rlm-tui doctor'"
        )
    }

    static func noSuchNode(_ what: String, _ path: String) -> StoreError {
        StoreError(code: .noSuchNode, path: path, message: "\(what) in the trajectory store '\(path)'")
    }

    static func ended(_ what: String, _ path: String) -> StoreError {
        StoreError(
            code: .noSuchNode,
            path: path,
            message: "\(what) in the trajectory store '\(path)' has ended; what is recorded does not change"
        )
    }
}
