// Where everything stands, as a pure function of the size of the screen and of what has the focus.

package import Terminal

/// The boxes of a screen. What is nil is not shown.
package struct Layout: Hashable, Sendable {
    /// Smaller than this, the screen only says so.
    package static let smallest = Size(columns: 60, rows: 15)
    /// From here on the tree has the detail beside it.
    package static let twoPaneColumns = 110
    /// From here on runs, tree and detail stand side by side.
    package static let threePanes = Size(columns: 180, rows: 50)

    package let size: Size
    private let focus: Pane
    /// The two lines on top, which never move.
    package private(set) var meters: Rect?
    package private(set) var runs: Rect?
    package private(set) var tree: Rect?
    package private(set) var detail: Rect?
    /// All of the body, for a pane that has it for itself.
    package private(set) var wide: Rect?
    /// Two lines about the node under the cursor, where no pane shows its detail.
    package private(set) var peek: Rect?
    /// Thin lines, one cell high or wide.
    package private(set) var rules: [Rect] = []
    package private(set) var separators: [Rect] = []
    /// The context in one line, over the keys.
    package private(set) var band: Rect?
    package private(set) var keys: Rect?

    package var isTooSmall: Bool { keys == nil }

    /// - Parameter hasBand: whether there is a context to show in one line.
    package init(size: Size, focus: Pane, isZoomed: Bool = false, hasBand: Bool = false) {
        self.size = size
        self.focus = focus
        guard size.columns >= Self.smallest.columns, size.rows >= Self.smallest.rows else { return }
        let (above, keys) = size.bounds.splitting(lastRows: 1)
        self.keys = keys
        let (meters, rest) = above.splitting(rows: 2)
        self.meters = meters
        var body = rest
        if hasBand {
            let (panes, band) = rest.splitting(lastRows: 1)
            body = panes
            self.band = band
        }

        if focus.isWide {
            wide = underRule(body)
        } else if isZoomed || size.columns < Self.twoPaneColumns {
            single(body, focus)
        } else if size.columns >= Self.threePanes.columns, size.rows >= Self.threePanes.rows {
            let (left, rest) = divide(underRule(body), at: min(72, size.columns * 30 / 100))
            runs = left
            let (middle, right) = divide(rest, at: rest.width * 46 / 100)
            tree = middle
            detail = right
        } else if focus == .runs {
            runs = underRule(body)
        } else {
            let (left, right) = divide(underRule(body), at: min(96, size.columns * 52 / 100))
            tree = left
            detail = right
        }
    }

    package func rect(of pane: Pane) -> Rect? {
        switch pane {
        case .runs: runs
        case .tree: tree
        case .detail: detail
        case .held, .forks, .comparison, .variables, .forecast: focus == pane ? wide : nil
        }
    }

    /// Panes on the screen, from the left.
    package var panes: [Pane] { Pane.allCases.filter { rect(of: $0) != nil } }

    private mutating func single(_ body: Rect, _ focus: Pane) {
        switch focus {
        case .detail: detail = underRule(body)
        default:
            let (above, peek) = body.splitting(lastRows: 2)
            let (pane, rule) = above.splitting(lastRows: 1)
            self.peek = peek
            if focus == .runs { runs = pane } else { tree = pane }
            rules.append(rule)
        }
    }

    private mutating func underRule(_ body: Rect) -> Rect {
        let (rule, rest) = body.splitting(rows: 1)
        rules.append(rule)
        return rest
    }

    private mutating func divide(_ rect: Rect, at columns: Int) -> (left: Rect, right: Rect) {
        let (left, rest) = rect.splitting(columns: columns)
        let (separator, right) = rest.splitting(columns: 1)
        separators.append(separator)
        return (left, right)
    }
}
