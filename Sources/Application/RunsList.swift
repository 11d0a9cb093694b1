// The list of runs as it is known: pages around what is on the screen, and which run the cursor is on.

package import Trajectory

package struct RunsList: Sendable {
    package static let pageSize = 64
    private static let pageLimit = 32

    /// Nil until it was asked for.
    package private(set) var count: Int?
    package private(set) var selected = 0
    package var top = 0
    private var selectedID: RunID?
    private var pages: [Int: [Run]] = [:]
    private var isExpired = true

    package init() {}

    package var total: Int { count ?? 0 }

    package func run(at row: Int) -> Run? {
        guard row >= 0, let page = pages[row / Self.pageSize] else { return nil }
        let inside = row % Self.pageSize
        return inside < page.count ? page[inside] : nil
    }

    package var selectedRun: Run? { run(at: selected) }

    package func row(of id: RunID) -> Int? {
        for (page, runs) in pages {
            if let inside = runs.firstIndex(where: { $0.id == id }) { return page * Self.pageSize + inside }
        }
        return nil
    }

    package mutating func select(_ row: Int) {
        selected = min(max(0, row), max(0, total - 1))
        selectedID = run(at: selected)?.id
    }

    /// Moves the window so that the cursor is inside.
    package mutating func scroll(height: Int) {
        top = min(max(0, top), max(0, total - height))
        if selected < top { top = selected }
        if selected >= top + height { top = max(0, selected - height + 1) }
    }

    // MARK: Reading

    package mutating func expire() { isExpired = true }

    /// Pages that must be read to show those rows; nil when nothing must.
    package func wanted(rows: Range<Int>) -> [Int]? {
        guard !isExpired, count != nil else { return pageNumbers(rows) }
        let missing = pageNumbers(rows.clamped(to: 0..<total)).filter { pages[$0] == nil }
        return missing.isEmpty ? nil : missing
    }

    private func pageNumbers(_ rows: Range<Int>) -> [Int] {
        rows.isEmpty ? [0] : Array(rows.lowerBound / Self.pageSize...(rows.upperBound - 1) / Self.pageSize)
    }

    /// Takes what was read and keeps the cursor on its run. New runs stand above; the screen moves along with them
    /// unless it showed the top of the list.
    package mutating func take(count: Int, pages read: [Int: [Run]]) {
        let grown = count - (self.count ?? count)
        if isExpired || grown != 0 { pages = pages.filter { read[$0.key] != nil } }
        for (page, runs) in read { pages[page] = runs }
        if pages.count > Self.pageLimit { pages = read }
        self.count = count
        isExpired = false
        if let selectedID, let row = row(of: selectedID) {
            if top > 0 { top = max(0, top + row - selected) }
            selected = row
        } else if grown > 0, selectedID != nil {
            selected += grown
            if top > 0 { top += grown }
        }
        selected = min(max(0, selected), max(0, count - 1))
        if selectedID == nil || run(at: selected) != nil { selectedID = run(at: selected)?.id }
    }
}
