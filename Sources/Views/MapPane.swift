// The context map, before it is drawn.

/// A cell of a band: a stretch of a context.
package struct BandCell: Hashable, Sendable {
    /// From 0, nothing of it was read, to 1, all was.
    package var share: Double
    /// How many times it was read.
    package var times: Double
    /// The greatest depth at which it was read; nil where it was not.
    package var depth: Int?
    /// Whether the node under the tree's cursor read some of it.
    package var isChosen: Bool

    package init(share: Double, times: Double, depth: Int?, isChosen: Bool) {
        self.share = share
        self.times = times
        self.depth = depth
        self.isChosen = isChosen
    }
}

/// A context as one line.
package struct BandLine: Hashable, Sendable {
    package var name: String
    package var cells: [BandCell]
    /// From 0 to 1.
    package var fraction: Double

    package init(name: String, cells: [BandCell], fraction: Double) {
        self.name = name
        self.cells = cells
        self.fraction = fraction
    }
}

package struct MapPane: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package var start: Int
        package var text: String
        package var isRead: Bool

        package init(start: Int, text: String, isRead: Bool) {
            self.start = start
            self.text = text
            self.isRead = isRead
        }
    }

    package var name: String
    package var byteCount: Int
    package var fraction: Double
    /// The stretch that the band shows, in bytes.
    package var range: Range<Int>
    package var cells: [BandCell]
    package var cursorCell: Int
    package var cursor: Int
    /// From 1; nil while it is not known.
    package var lineNumber: Int?
    /// Addresses of the nodes that read what is under the cursor.
    package var readers: [String]
    package var lines: [Line]
    package var currentLine: Int
    package var isTextFocused: Bool
    /// Stands in place of everything while there is no map.
    package var hint: String?

    package init(hint: String) {
        self.init(name: "context", byteCount: 0, fraction: 0, range: 0..<0, cells: [])
        self.hint = hint
    }

    package init(name: String, byteCount: Int, fraction: Double, range: Range<Int>, cells: [BandCell]) {
        self.name = name
        self.byteCount = byteCount
        self.fraction = fraction
        self.range = range
        self.cells = cells
        cursorCell = 0
        cursor = 0
        readers = []
        lines = []
        currentLine = 0
        isTextFocused = false
    }
}
