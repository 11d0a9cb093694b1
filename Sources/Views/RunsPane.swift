// The rows of the list of runs as the view takes them.

/// The runs that are on the screen.
package struct RunsPane: Sendable {
    /// Nil where a row has not been read yet.
    package var rows: [RunHeader?]
    /// The row of the whole list that `rows` begins with.
    package var first: Int
    package var total: Int
    /// Of the whole list.
    package var selected: Int
    /// The run whose tree is open beside the list.
    package var openRow: Int?

    package init(rows: [RunHeader?], first: Int, total: Int, selected: Int, openRow: Int? = nil) {
        self.rows = rows
        self.first = first
        self.total = total
        self.selected = selected
        self.openRow = openRow
    }
}
