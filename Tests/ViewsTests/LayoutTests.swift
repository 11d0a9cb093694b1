import Terminal
import Testing
import Views

/// Layouts against boxes that are drawn here, one letter a pane, scaled down by 10 columns and 2 rows a character.
@Suite struct LayoutTests {
    @Test func oneTreeAndAPeek() {
        expect(
            Layout(size: Size(columns: 80, rows: 24), focus: .tree),
            """
            MMMMMMMM
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            TTTTTTTT
            --------
            PPPPPPPP
            """
        )
    }

    @Test func theDetailAloneNeedsNoPeek() {
        let layout = Layout(size: Size(columns: 80, rows: 24), focus: .detail)
        #expect(layout.peek == nil)
        #expect(layout.detail == Rect(x: 0, y: 3, width: 80, height: 20))
        #expect(layout.panes == [.detail])
    }

    @Test func theTreeHasTheDetailBesideIt() {
        expect(
            Layout(size: Size(columns: 120, rows: 24), focus: .tree),
            """
            MMMMMMMMMMMM
            ------------
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            TTTTTTDDDDDD
            """
        )
    }

    @Test func threePanesSideBySide() {
        let layout = Layout(size: Size(columns: 200, rows: 60), focus: .tree)
        #expect(layout.panes == [.runs, .tree, .detail])
        let runs = layout.runs?.width ?? 0
        let tree = layout.tree?.width ?? 0
        let detail = layout.detail?.width ?? 0
        #expect(runs + 1 + tree + 1 + detail == 200)
        #expect(runs >= 44 && tree >= 60 && detail >= 60)
    }

    @Test func zoomGivesTheFocusedPaneTheScreen() {
        let layout = Layout(size: Size(columns: 200, rows: 60), focus: .detail, isZoomed: true)
        #expect(layout.panes == [.detail])
        #expect(layout.detail?.width == 200)
    }

    @Test(arguments: [Size(columns: 59, rows: 24), Size(columns: 80, rows: 14), Size(columns: 1, rows: 1)])
    func belowTheSmallestThereIsNothing(size: Size) {
        #expect(Layout(size: size, focus: .tree).isTooSmall)
    }

    /// No two boxes share a cell, all lie inside, and nothing is left over but what is blank on purpose.
    @Test func boxesNeverOverlap() {
        for columns in [60, 79, 80, 109, 110, 120, 179, 180, 200, 300] {
            for rows in [15, 24, 40, 49, 50, 60] {
                for focus in Pane.allCases {
                    for isZoomed in [false, true] {
                        let size = Size(columns: columns, rows: rows)
                        let layout = Layout(size: size, focus: focus, isZoomed: isZoomed)
                        #expect(layout.rect(of: focus) != nil, "\(columns)x\(rows) \(focus)")
                        var cells: [Int: Int] = [:]
                        for rect in boxes(layout) {
                            #expect(rect.intersection(size.bounds) == rect)
                            for y in rect.y..<rect.maxY {
                                for x in rect.x..<rect.maxX { cells[y * columns + x, default: 0] += 1 }
                            }
                        }
                        #expect(cells.values.allSatisfy { $0 == 1 })
                        #expect(cells.count == columns * rows, "\(columns)x\(rows) \(focus)")
                    }
                }
            }
        }
    }

    private func boxes(_ layout: Layout) -> [Rect] {
        [layout.meters, layout.runs, layout.tree, layout.detail, layout.wide, layout.peek, layout.keys].compactMap {
            $0
        }
            + layout.rules + layout.separators
    }

    private func expect(
        _ layout: Layout,
        _ drawing: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let named: [(Character, [Rect])] = [
            ("M", [layout.meters].compactMap { $0 }), ("R", [layout.runs].compactMap { $0 }),
            ("T", [layout.tree].compactMap { $0 }), ("D", [layout.detail].compactMap { $0 }),
            ("P", [layout.peek].compactMap { $0 }), ("K", [layout.keys].compactMap { $0 }), ("-", layout.rules),
            ("|", layout.separators),
        ]
        var lines: [String] = []
        for y in stride(from: 0, to: layout.size.rows, by: 2) {
            var line = ""
            for x in stride(from: 5, to: layout.size.columns, by: 10) {
                line.append(named.first { $0.1.contains { $0.contains(x: x, y: y) } }?.0 ?? " ")
            }
            lines.append(line)
        }
        #expect(lines.joined(separator: "\n") == drawing, sourceLocation: sourceLocation)
    }
}
