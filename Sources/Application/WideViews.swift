// The states of the views that have the whole body.

package import Trajectory
package import Views

/// A cursor in a list.
package struct RowCursor: Hashable, Sendable {
    package private(set) var selected = 0
    package private(set) var top = 0

    package init() {}

    package mutating func select(_ row: Int, of count: Int) { selected = min(max(0, row), max(0, count - 1)) }

    /// Makes it one that exists, with the window around it.
    package mutating func settle(count: Int, height: Int) {
        select(selected, of: count)
        top = min(max(0, top), max(0, count - height))
        if selected < top { top = selected }
        if selected >= top + height { top = selected - height + 1 }
    }

    package func visible(of count: Int, height: Int) -> Range<Int> { top..<max(top, min(top + height, count)) }
}

/// The family of the open run.
package struct ForksList: Sendable {
    /// Of which it is the family; nil until it was asked for.
    package var run: RunID?
    package var family: [Run] = []
    package var cursor = RowCursor()
    package var marked: [RunID] = []

    package init() {}

    package var selectedRun: Run? { family.indices.contains(cursor.selected) ? family[cursor.selected] : nil }

    /// Takes the family as it is now, with the cursor on the run it was on.
    package mutating func take(_ family: [Run], of run: RunID) {
        let kept = self.run == run ? selectedRun?.id ?? run : run
        self.run = run
        self.family = family
        marked.removeAll { id in !family.contains { $0.id == id } }
        cursor.select(family.firstIndex { $0.id == kept } ?? 0, of: family.count)
    }

    /// Forks between each run and the eldest.
    package var levels: [RunID: Int] {
        var levels: [RunID: Int] = [:]
        // Each comes after what it was forked from.
        for run in family { levels[run.id] = run.forkedFrom.flatMap { levels[$0] }.map { $0 + 1 } ?? 0 }
        return levels
    }
}

/// A text that has the whole body.
package struct WideText: Sendable {
    package var title: String
    package var subtitle: String
    package var document: Document
    package var scroll = DocumentScroll()

    package init(title: String, subtitle: String = "", document: Document = Document()) {
        self.title = title
        self.subtitle = subtitle
        self.document = document
    }
}

/// How two nodes differ, as far as it is known.
package struct ShownComparison: Sendable {
    package var pairs: [ComparedPair]
    /// Those of `pairs` that are compared already.
    package var done = 0
    package var nodes: [ComparedNode] = []
    package var isWhole = false
    package var text: WideText

    package init(_ pairs: [ComparedPair], text: WideText) {
        self.pairs = pairs
        self.text = text
    }
}

/// What continuing from an edit would take.
package struct ShownForecast: Sendable {
    package var run: RunID
    package var edit: NodeEdit
    /// Nil while it is made.
    package var forecast: TravelForecast?
    package var text: WideText
    /// Whether the fork is being begun.
    package var isBeginning = false

    package init(run: RunID, edit: NodeEdit, text: WideText) {
        self.run = run
        self.edit = edit
        self.text = text
    }
}
