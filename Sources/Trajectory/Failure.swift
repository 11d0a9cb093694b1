/// Why a call, block or completion failed, as it is recorded and as the REPL's exceptions carry it.
package struct Failure: Hashable, Sendable, Error, Codable, CustomStringConvertible {
    /// A short word in snake case: `rate_limited`, `timeout`, `no_key`, `refused`, `bad_response`, `cancelled`,
    /// `limit`, `NameError`… Kinds of Python exceptions keep their Python name.
    package let kind: String
    /// What happened and what to do, for people; never holds a key.
    package let message: String

    package init(kind: String, message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { "\(kind): \(message)" }
}
