/// How many columns text takes, by the one table of widths. Nobody counts `String.count`.
package enum TextWidth {
    /// Columns that `Surface.put` would use for the text on one line.
    package static func columns(of text: String) -> Int {
        var clusters = ClusterIterator(text)
        var columns = 0
        while let cluster = clusters.next() { columns += cluster.width }
        return columns
    }

    /// The longest beginning that takes at most `columns`, sanitised.
    package static func prefix(_ text: String, columns: Int) -> String {
        var result = ""
        var used = 0
        var clusters = ClusterIterator(text)
        while let cluster = clusters.next(), used + cluster.width <= columns {
            cluster.append(to: &result)
            used += cluster.width
        }
        return result
    }

    /// The longest end that takes at most `columns`, sanitised.
    package static func suffix(_ text: String, columns: Int) -> String {
        var pieces: [(text: String, width: Int)] = []
        var clusters = ClusterIterator(text)
        while let cluster = clusters.next() {
            var piece = ""
            cluster.append(to: &piece)
            pieces.append((piece, cluster.width))
        }
        var used = 0
        var start = pieces.count
        while start > 0, used + pieces[start - 1].width <= columns {
            start -= 1
            used += pieces[start].width
        }
        return pieces[start...].map(\.text).joined()
    }

    /// The text made to take exactly `columns`: blanks added on the right, or cut with an ellipsis.
    package static func padded(_ text: String, columns: Int) -> String {
        let own = self.columns(of: text)
        if own <= columns { return TextCells.sanitise(text) + String(repeating: " ", count: columns - own) }
        let cut = prefix(text, columns: columns - 1) + (columns > 0 ? "…" : "")
        return cut + String(repeating: " ", count: max(0, columns - self.columns(of: cut)))
    }

    /// The text as lines of at most `columns`, broken at blanks where there are some, inside words where not; line ends
    /// of the text begin a new line. Indentation stays, blanks at a break go. Sanitised. A character wider than
    /// `columns` is left out.
    ///
    /// Stops after `lineLimit` lines, so that the beginning of a long text costs no more than it shows.
    package static func wrap(_ text: String, columns: Int, lineLimit: Int = .max) -> [String] {
        guard columns > 0, lineLimit > 0 else { return [] }
        var wrapping = Wrapping(columns: columns, lineLimit: lineLimit)
        var clusters = ClusterIterator(text)
        var previous: UInt32 = 0
        while wrapping.lines.count < lineLimit, let cluster = clusters.next() {
            defer { previous = cluster.source }
            if cluster.source == 10 || cluster.source == 13 {
                if cluster.source == 13 || previous != 13 { wrapping.endLine() }
            } else {
                wrapping.add(cluster)
            }
        }
        if wrapping.lines.count < lineLimit { wrapping.endLine() }
        return wrapping.lines
    }
}

/// Lines under way: a line, the blanks after it, and the word that will follow them or begin the next line.
private struct Wrapping {
    let columns: Int
    let lineLimit: Int
    var lines: [String] = []
    private var line = ""
    private var lineColumns = 0
    private var blanks = 0
    private var word = ""
    private var wordColumns = 0

    init(columns: Int, lineLimit: Int) {
        self.columns = columns
        self.lineLimit = lineLimit
    }

    mutating func add(_ cluster: Cluster) {
        if cluster.base == 0x20 && cluster.markCount == 0 || cluster.base == TextCells.tab {
            takeWord()
            blanks += cluster.width
            return
        }
        guard cluster.width <= columns else { return }
        if wordColumns + cluster.width > columns {
            // A word longer than a line is broken where the line is full.
            takeWord()
            emit()
        }
        cluster.append(to: &word)
        wordColumns += cluster.width
    }

    /// Ends a line of the text; blanks at its end go.
    mutating func endLine() {
        takeWord()
        emit()
    }

    private mutating func takeWord() {
        guard wordColumns > 0 else { return }
        if lineColumns + blanks + wordColumns > columns {
            if lineColumns > 0 { emit() }
            blanks = 0
        }
        line += String(repeating: " ", count: blanks) + word
        lineColumns += blanks + wordColumns
        blanks = 0
        word = ""
        wordColumns = 0
    }

    private mutating func emit() {
        if lines.count < lineLimit { lines.append(line) }
        line = ""
        lineColumns = 0
        blanks = 0
    }
}
