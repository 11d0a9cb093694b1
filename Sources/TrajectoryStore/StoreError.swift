// Every error this room throws: one struct that says what happened, to which file, and what to do.

/// Why the store could not do what was asked of it. SQLite's and GRDB's own errors never leave this room.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
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
