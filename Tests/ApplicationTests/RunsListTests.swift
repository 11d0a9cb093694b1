import Foundation
import Terminal
import Testing
import Trajectory

@testable import Application

@Suite struct RunsListTests {
    @Test func newRunsLeaveTheCursorOnItsRun() {
        let source = Fixture.many()
        let app = TestApp(source)
        app.type("jj")
        let before = app.model.runs.selectedRun?.id
        #expect(app.cursorRow.contains("d3c4"))
        source.add(Fixture.run("9999", "A newer one", answer: "yes", after: 10), Fixture.root("q", .succeeded, []))
        app.send(.storeChanged)
        #expect(app.model.runs.selectedRun?.id == before)
        #expect(app.cursorRow.contains("d3c4"))
        #expect(app.rows[3].contains("9999"))
    }

    @Test func aLongListIsReadByThePage() {
        let source = FixtureSource()
        for number in 0..<300 {
            let id = String(0x1_0000 + number, radix: 16)
            source.add(
                Fixture.run(id, "Question \(number)", answer: "yes", after: Double(number)),
                Fixture.root("q", .succeeded, [])
            )
        }
        let app = TestApp(source)
        app.type("G")
        #expect(app.cursorRow.contains("Question 0"))
        #expect(app.model.runs.run(at: 120) == nil)
        app.type("<c-b><c-b>")
        let before = app.rows.dropFirst(3)
        source.add(Fixture.run("9999", "New", after: 1_000), Fixture.root("q", .succeeded, []))
        app.send(.storeChanged)
        // The whole screen moved along with the list.
        #expect(app.rows.dropFirst(3) == before)
        app.type("/Question 299<enter>")
        #expect(app.cursorRow.contains("Question 299") || app.rows.last?.contains("not in the runs") == true)
    }

    @Test func openingAnotherRunShowsItsTree() {
        let app = TestApp(Fixture.many(), size: "200x60")
        app.type("G<enter>")
        #expect(app.model.open?.id.rawValue == "a0f1")
        #expect(app.rows[0].contains("a0f1"))
        app.type("1k<enter>")
        #expect(app.model.open?.id.rawValue == "b1e2")
    }
}
