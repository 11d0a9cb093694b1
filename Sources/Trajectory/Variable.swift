/// A variable of the REPL as it was after a block.
package struct Variable: Hashable, Sendable, Codable {
    package let name: String
    /// Type with the length of sized things: `list[40]`, `str`, `int`.
    package let type: String
    /// Rough size in bytes; nil where it cannot be told cheaply.
    package let byteCount: Int?
    /// The beginning of its `repr`, at most 200 characters.
    package let preview: String
    /// Whether the block made or changed it.
    package let isChanged: Bool

    package init(name: String, type: String, byteCount: Int?, preview: String, isChanged: Bool) {
        self.name = name
        self.type = type
        self.byteCount = byteCount
        self.preview = preview
        self.isChanged = isChanged
    }
}
