/// How a context lies in the REPL.
package enum ContextType: String, Sendable, Codable, CaseIterable {
    /// One `str`.
    case text
    /// `list[str]`, a line each, without the line ends.
    case lines
    /// What `json.loads` makes of it.
    case json
    /// `list`, one JSON value a line.
    case jsonl
    /// `dict[str, str]`, path to text, in path order.
    case files
}

/// A long input. Its bytes are a file of the store, named by their SHA-256; the same bytes are stored once.
package struct Context: Hashable, Sendable {
    /// A file in a context of type `files`: where its text lies in the context's bytes.
    package struct Part: Hashable, Sendable, Codable {
        package let path: String
        /// Half-open, in bytes of the context's UTF-8.
        package let start: Int
        package let end: Int

        package init(path: String, start: Int, end: Int) {
            self.path = path
            self.start = start
            self.end = end
        }
    }

    /// The REPL variable: `context_0`, `context_1` …; `context` is the newest.
    package var name: String
    /// Lower-case hexadecimal SHA-256 of the bytes.
    package var hash: String
    package var byteCount: Int
    package var type: ContextType
    /// Filled for `files` only.
    package var parts: [Part]
    /// Where it came from, for people: a path, an URL, `-`.
    package var source: String

    package init(
        name: String, hash: String, byteCount: Int, type: ContextType, parts: [Part] = [], source: String
    ) {
        self.name = name
        self.hash = hash
        self.byteCount = byteCount
        self.type = type
        self.parts = parts
        self.source = source
    }
}
