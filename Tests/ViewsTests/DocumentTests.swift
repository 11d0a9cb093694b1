import Terminal
import Testing
import TestSupport
import Views

@Suite struct DocumentTests {
    @Test func linesAreFoundWhereTheyAre() {
        let lines = TextLines("one\r\ntwo\n\nfour")
        #expect((0..<lines.count).map { String(lines.line($0)) } == ["one", "two", "", "four"])
        #expect(TextLines("").count == 0)
        #expect(TextLines("\n").count == 1)
        #expect(TextLines("end\n").count == 1)
    }

    /// A line of ten megabytes is cut into pieces that are its text, none torn inside a scalar.
    @Test func aVeryLongLineIsCutIntoPieces() {
        let text = String(repeating: "wörd ", count: 20_000) + String(repeating: "é", count: 30_000)
        let lines = TextLines(text + "\nnext")
        #expect(lines.count > 20)
        #expect((0..<lines.count - 1).map { String(lines.line($0)) }.joined() == text)
        #expect((0..<lines.count).allSatisfy { lines.line($0).utf8.count <= 4_200 })
        #expect(!lines.isContinuation(0) && lines.isContinuation(1) && !lines.isContinuation(lines.count - 1))
    }

    @Test func rowsWrapAtSpaces() {
        let line = DocumentLine([Span("alpha beta gamma", .text)], gutter: [Span("1 ", .dim)])
        let rows = LineWrap.rows(of: line, width: 12, wraps: true)
        #expect(rows.map { $0.map(\.text).joined() } == ["1 alpha beta", "  gamma"])
        #expect(LineWrap.rowCount(of: line, width: 12, wraps: true) == 2)
        #expect(LineWrap.rows(of: line, width: 12, wraps: false).count == 1)
    }

    @Test func noRowIsWiderThanItsPane() {
        var hostile = HostileText(seed: 5)
        for _ in 0..<500 {
            let line = DocumentLine([Span(hostile.next(), .text), Span(hostile.next(), .codeString)])
            let rows = LineWrap.rows(of: line, width: 20, wraps: true, pattern: SearchPattern("a"))
            #expect(rows.count == LineWrap.rowCount(of: line, width: 20, wraps: true))
            for row in rows where row.reduce(0, { $0 + $1.text.count }) > 1 {
                #expect(row.reduce(0) { $0 + TextWidth.columns(of: $1.text) } <= 20)
            }
        }
    }

    @Test func scrollingStopsAtBothEnds() {
        let document = Document([.heading("Title"), .text(TextLines(numbered(1...100)), .output)])
        let size = Size(columns: 40, rows: 10)
        var scroll = DocumentScroll()
        scroll.move(by: -5, in: document, size: size)
        #expect(scroll.line == 0)
        scroll.move(by: 1_000_000, in: document, size: size)
        #expect(shown(scroll, document, size).last == "line 100")
        #expect(shown(scroll, document, size).count == 10)
        scroll.move(by: -1, in: document, size: size)
        #expect(shown(scroll, document, size).last == "line 99")
        scroll.moveToStart()
        #expect(shown(scroll, document, size).first == "Title")
    }

    @Test func aDocumentOfTenMegabytesIsReadAtItsEndAtOnce() {
        let text = String(
            repeating: "a line of eighty characters or so, as logs have them by the million, \n",
            count: 150_000
        )
        let document = Document([.text(TextLines(text + "needle here\nlast"), .output)])
        let size = Size(columns: 30, rows: 20)
        var scroll = DocumentScroll()
        let clock = ContinuousClock()
        let took = clock.measure {
            scroll.moveToEnd(of: document, size: size)
            #expect(shown(scroll, document, size).last == "last")
        }
        #expect(took < .milliseconds(100))
        let found = document.line(matching: SearchPattern("needle"), after: -1, backwards: false)
        #expect(found == 150_000)
    }

    @Test func searchGoesRound() {
        let document = Document([
            .heading("Needle in the title"), .code(CodeLines("x = 1\nneedle = 2")), .rule,
            .text(TextLines("nothing\nNEEDLE"), .output),
        ])
        let small = SearchPattern("needle")
        #expect(document.line(matching: small, after: -1, backwards: false) == 0)
        #expect(document.line(matching: small, after: 0, backwards: false) == 2)
        #expect(document.line(matching: small, after: 2, backwards: false) == 5)
        #expect(document.line(matching: small, after: 5, backwards: false) == 0)
        #expect(document.line(matching: small, after: 0, backwards: true) == 5)
        #expect(document.line(matching: SearchPattern("NEEDLE"), after: -1, backwards: false) == 5)
        #expect(document.line(matching: SearchPattern("absent"), after: -1, backwards: false) == nil)
    }

    @Test func matchesAreMarkedInTheirLine() {
        let line = DocumentLine([Span("fin", .text), Span("d me, find", .codeString)])
        let row = LineWrap.rows(of: line, width: 40, wraps: true, pattern: SearchPattern("find"))[0]
        #expect(row.filter { $0.role == .selection }.map(\.text).joined(separator: "|") == "find|find")
        #expect(row.map(\.text).joined() == "find me, find")
    }

    private func numbered(_ range: ClosedRange<Int>) -> String { range.map { "line \($0)" }.joined(separator: "\n") }

    private func shown(_ scroll: DocumentScroll, _ document: Document, _ size: Size) -> [String] {
        scroll.visibleRows(of: document, size: size).map { $0.spans.map(\.text).joined() }
    }
}
