import Terminal
import TestSupport
import Testing

@Suite struct GeometryTests {
    @Test func sizeIsReadAsTheFlagHasIt() {
        #expect(Size("120x40") == Size(columns: 120, rows: 40))
        for wrong in ["", "120", "x40", "120x", "0x5", "120x40x2", "-1x5", "120 x 40", "99999x5"] {
            #expect(Size(wrong) == nil, "\(wrong)")
        }
    }

    @Test func splittingNeverLeavesTheRectangle() {
        let rect = Rect(x: 2, y: 3, width: 10, height: 4)
        let (left, right) = rect.splitting(columns: 4)
        #expect(left == Rect(x: 2, y: 3, width: 4, height: 4))
        #expect(right == Rect(x: 6, y: 3, width: 6, height: 4))
        #expect(rect.splitting(columns: 99).right.isEmpty)
        #expect(rect.splitting(rows: -1).top.isEmpty)
        #expect(rect.splitting(lastRows: 1).bottom == Rect(x: 2, y: 6, width: 10, height: 1))
        #expect(rect.inset(left: 6, right: 6).width == 0)
        #expect(rect.intersection(Rect(x: 0, y: 0, width: 3, height: 4)) == Rect(x: 2, y: 3, width: 1, height: 1))
        #expect(rect.intersection(Rect(x: 50, y: 0, width: 3, height: 4)).isEmpty)
        #expect(rect.row(3) == Rect(x: 2, y: 6, width: 10, height: 1))
        #expect(rect.row(4).isEmpty)
    }
}
