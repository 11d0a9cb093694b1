import Testing
import Views

/// Rows against a list that is made the slow way.
@Suite struct TreeRowsTests {
    private typealias Slot = TreeRows.Slot

    @Test func aFreshTreeIsItsRoot() {
        let rows = TreeRows()
        #expect(rows.count == 1)
        #expect(rows.row(at: 0) == .node([]))
        #expect(rows.row(at: 1) == nil)
    }

    @Test func openBranchesStandBelowTheirNode() {
        var rows = TreeRows()
        rows.open([], .init(children: 3))
        rows.open([.child(1)], .init(blocks: 2, children: 2))
        #expect(
            flat(rows) == [
                .node([]), .node([.child(0)]), .node([.child(1)]), .node([.child(1), .block(0)]),
                .node([.child(1), .block(1)]), .node([.child(1), .child(0)]), .node([.child(1), .child(1)]),
                .node([.child(2)]),
            ]
        )
    }

    @Test func queuedChildrenShareARow() {
        var rows = TreeRows()
        rows.open([], .init(children: 2))
        rows.open([.child(0)], .init(children: 40, queuedTail: 36))
        #expect(rows.count == 1 + 2 + 4 + 1)
        #expect(rows.row(at: 6) == .queued(parent: [.child(0)], children: 4..<40))
        #expect(rows.index(of: [.child(0), .child(39)]) == 6)
        #expect(rows.indexOfQueued(in: [.child(0)]) == 6)
        #expect(rows.row(at: 7) == .node([.child(1)]))
    }

    @Test func aMillionSiblingsCostNothing() {
        var rows = TreeRows()
        rows.open([], .init(children: 1))
        rows.open([.child(0)], .init(children: 1_000_000))
        rows.open([.child(0), .child(999_998)], .init(children: 5))
        #expect(rows.count == 1_000_007)
        #expect(rows.row(at: 1_000_006) == .node([.child(0), .child(999_999)]))
        #expect(rows.index(of: [.child(0), .child(999_999)]) == 1_000_006)
        #expect(rows.row(at: 1_000_005) == .node([.child(0), .child(999_998), .child(4)]))
    }

    @Test func whatIsClosedOpensAgainWithWhatWasOpenBelow() {
        var rows = TreeRows()
        rows.open([], .init(children: 2))
        rows.open([.child(0)], .init(children: 3))
        rows.open([.child(0), .child(2)], .init(children: 4))
        let before = flat(rows)
        rows.close([.child(0)])
        #expect(rows.count == 3)
        #expect(rows.index(of: [.child(0), .child(1)]) == nil)
        #expect(rows.nearestIndex(of: [.child(0), .child(1)]) == 1)
        rows.open([.child(0)], .init(children: 3))
        #expect(flat(rows) == before)
    }

    @Test func growthAndShrinkingNeverLoseAPlace() {
        var random = SplitMix(seed: 7)
        var rows = TreeRows()
        rows.open([], .init(children: 4))
        for _ in 0..<400 {
            let paths = rows.openPaths
            let parent = paths[random.number(below: paths.count)]
            let counts = rows.counts(of: parent) ?? .init(children: 0)
            switch random.number(below: 4) {
            case 0 where counts.children > 0 && parent.count < 5:
                let child = parent + [.child(random.number(below: counts.children))]
                let children = random.number(below: 6)
                rows.open(
                    child,
                    .init(blocks: random.number(below: 3), children: children, queuedTail: random.number(below: 4))
                )
            case 1: rows.recount(parent, .init(blocks: counts.blocks, children: counts.children + 1, queuedTail: 0))
            case 2 where !parent.isEmpty: rows.close(parent)
            default: rows.recount(parent, .init(blocks: counts.blocks, children: counts.children, queuedTail: 2))
            }
            #expect(flat(rows) == slowly(rows, path: []))
        }
        #expect(rows.count > 20)
        for (index, row) in flat(rows).enumerated() {
            guard case .node(let path) = row else { continue }
            #expect(rows.index(of: path) == index)
        }
    }

    private func flat(_ rows: TreeRows) -> [TreeRows.Row?] { (0..<rows.count).map { rows.row(at: $0) } }

    private func slowly(_ rows: TreeRows, path: TreeRows.Path) -> [TreeRows.Row?] {
        var list: [TreeRows.Row?] = [.node(path)]
        guard rows.isOpen(path), let counts = rows.counts(of: path) else { return list }
        for block in 0..<counts.blocks { list += slowly(rows, path: path + [.block(block)]) }
        let single = counts.children - counts.queuedTail
        for child in 0..<single { list += slowly(rows, path: path + [.child(child)]) }
        if counts.queuedTail > 0 { list.append(.queued(parent: path, children: single..<counts.children)) }
        return list
    }
}

/// SplitMix64, for tests that want the same numbers every time.
struct SplitMix {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func number(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }
}
