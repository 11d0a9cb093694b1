package import REPL
package import Trajectory

/// A context that was checked and stored, with what a model is told of it.
package struct OpenedContext: Sendable {
    package var context: Context
    /// Absolute path of its stored bytes.
    package var path: String
    /// Its size in a person's words: `20,971,520 characters`.
    package var length: String
    package var beginning: String
    /// What a person should know of it, such as files of a folder that were passed over: a line each.
    package var notices: [String] = []

    package var mounted: MountedContext { MountedContext(context: context, path: path) }
}

/// Why a context cannot be used: what, where, and what to do.
package struct ContextError: Error, Hashable, Sendable, CustomStringConvertible {
    package let source: String
    package let problem: String

    package init(source: String, problem: String) {
        self.source = source
        self.problem = problem
    }

    /// Never with a query or password of a URL in it.
    package var description: String { "context \(ContextAddress.shown(source)): \(problem)" }
}
